import type * as EnvConfig from '@temporalio/envconfig';
import { createRequire } from 'node:module';
import { firstLine } from './refusal.js';
import type { Settings } from './schema.js';

type Profile = EnvConfig.ClientConfigProfile;
type Environment = Readonly<Record<string, string | undefined>>;

/** It takes a tenth of a second, and most commands need none. */
const loadEnvConfig = (): typeof EnvConfig =>
  createRequire(import.meta.url)('@temporalio/envconfig') as typeof EnvConfig;

/**
 * What the SDK's own variables (TEMPORAL_API_KEY, TEMPORAL_TLS, …) and its profile say: that of TEMPORAL_PROFILE, in
 * TEMPORAL_CONFIG_FILE or where the SDK looks by itself. An empty variable means "not set", as with our own settings: the
 * SDK would take an empty TEMPORAL_TLS for "no TLS", and send an API key in clear.
 * @throws where there is such a file and it can't be read, or has no such profile.
 */
export function temporalProfile(env: Environment): Profile {
  const given = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (entry[1] !== '' || isForRemoval(entry[0])),
  );
  return loadEnvConfig().loadClientConfigProfile({ overrideEnvVars: Object.fromEntries(given) });
}

/** An empty one takes the header of that name out of the profile. */
const isForRemoval = (name: string): boolean => name.startsWith('TEMPORAL_GRPC_META_');

/** As the SDK decides it: an API key is not sent without, unless that is asked for. */
export const hasTls = ({ tls, apiKey }: Profile): boolean =>
  tls === undefined ? apiKey !== undefined : tls.disabled !== true;

/** A profile that can't be read, in one sentence that quotes nothing of the file. */
export function temporalFaults({ temporalAddress }: Settings, env: Environment): string[] {
  if (temporalAddress === null) return [];
  try {
    temporalProfile(env);
    return [];
  } catch (error) {
    return [`TEMPORAL_PROFILE, or the file that TEMPORAL_CONFIG_FILE names, can't be read: ${firstLine(error)}`];
  }
}
