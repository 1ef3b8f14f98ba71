import { KIND_NAMES } from './domain/kinds.js';
import type { PolicySettings } from './domain/facts.js';
import { emailFaults } from './config/email.js';
import { insecurities } from './config/production.js';
import { SettingsError } from './config/refusal.js';
import { camel, type Parsed, schema, type Settings } from './config/schema.js';
import { temporalFaults } from './config/temporal-profile.js';
import { cleanValue } from './config/values.js';

export type { Settings } from './config/schema.js';

/**
 * Reads every setting from the environment.
 * @throws SettingsError with all faults at once; in production also for every insecure or embedded default.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = givenSettings(env);
  const parsed = schema.safeParse(given);
  if (parsed.success) {
    const settings = settingsOf(parsed.data);
    const faults = faultsOf(settings, env);
    if (faults.length > 0) throw new SettingsError(faults);
    return settings;
  }
  const { issues } = parsed.error;
  const broken = issues.map(({ path }) => String(path[0]));
  // All faults at once: the others are looked for as if what is broken weren't there, and what follows only from that
  // is left out.
  const rest = settingsOf(schema.parse(without(given, broken)));
  const others = faultsOf(rest, env).filter((fault) => !broken.some((name) => mentions(fault, name)));
  throw new SettingsError([...issues.map(({ path, message }) => sentence(path.join('.'), message)), ...others]);
}

/** An empty variable of a compose file means "not set", except where empty is a value of its own ("never", "none"). */
function givenSettings(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = env[name];
      const clean = value === undefined ? '' : cleanValue(value);
      return value === undefined || (clean === '' && !EMPTY_IS_A_VALUE.has(name)) ? [] : [[name, clean]];
    }),
  );
}

function settingsOf(parsed: Parsed): Settings {
  const production = parsed.NODE_ENV === 'production';
  return {
    ...Object.fromEntries(Object.entries(parsed).map(([name, value]) => [camel(name), value])),
    production,
    requireHttps: parsed.REQUIRE_HTTPS ?? production,
  } as unknown as Settings;
}

const faultsOf = (settings: Settings, env: Readonly<Record<string, string | undefined>>): string[] => [
  ...inconsistencies(settings),
  ...emailFaults(settings),
  ...temporalFaults(settings, env),
  ...(settings.production ? insecurities(settings, env) : []),
];

const without = (given: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));

const mentions = (fault: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(fault);

const sentence = (name: string, message: string): string =>
  message.startsWith(':') ? `${name}${message}` : `${name} ${message}`;

/**
 * The environment as it was meant: what belongs to our settings, and to the SDK's and the commands' own, without the
 * quotes and carriage returns that env-files leave around values.
 */
export function cleanEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const ours = Object.entries(env).filter(
    ([name]) => name in schema.shape || name === 'KIT_HERALD_URL' || name.startsWith('TEMPORAL_'),
  );
  return Object.fromEntries(ours.flatMap(([name, value]) => (value === undefined ? [] : [[name, cleanValue(value)]])));
}

const EMPTY_IS_A_VALUE = new Set([
  'REGISTER_REMINDER_AFTER',
  'RETURN_REMINDER_AFTER',
  'PROCESSING_DELAY_AFTER',
  'SILENCE_AFTER',
  'KIT_LINGER',
  'RETENTION_BODIES',
  'RETENTION_LEDGER',
]);

function inconsistencies(settings: Settings): string[] {
  const faults: string[] = [];
  const dkim = [settings.dkimDomain, settings.dkimSelector, settings.dkimPrivateKey].filter((part) => part !== null);
  if (dkim.length !== 0 && dkim.length !== 3)
    faults.push('DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY go together: set all three or none');
  if ((settings.partnerApiUrl === null) !== (settings.partnerApiKey === null))
    faults.push('PARTNER_API_URL and PARTNER_API_KEY go together: set both or none');
  if ((settings.encryptionKeys.length === 0) !== (settings.indexKeys.length === 0))
    faults.push('ENCRYPTION_KEYS and INDEX_KEYS go together: set both or none');
  if (settings.temporalWorkerBuildId !== null && settings.temporalAddress === null)
    faults.push('TEMPORAL_WORKER_BUILD_ID needs TEMPORAL_ADDRESS: the embedded Temporal has one worker, not versioned');
  if (settings.authProxyHeader !== null && (settings.trustProxy.length === 0 || settings.users.length === 0))
    faults.push('AUTH_PROXY_HEADER needs TRUST_PROXY, from whom it is believed, and USERS, who has which role');
  return faults;
}

/** What this release's workers say they are; null where they aren't versioned. */
export function workerVersion({ temporalDeploymentName: deploymentName, temporalWorkerBuildId: buildId }: Settings) {
  return buildId === null ? null : { deploymentName, buildId };
}

/** The settings that decide, as they travel to the journeys. */
export function policySettings(settings: Settings): PolicySettings {
  return {
    switchedOff: KIND_NAMES.filter((kind) => !settings.notifyOn.includes(kind)),
    tooLate: settings.tooLate,
    resultsRelease: settings.resultsRelease,
    resultsMaxHold: settings.resultsMaxHold,
    registerReminderAfter: settings.registerReminderAfter,
    returnReminderAfter: settings.returnReminderAfter,
    processingDelayAfter: settings.processingDelayAfter,
    silenceAfter: settings.silenceAfter,
    kitLinger: settings.kitLinger,
    partner: settings.partnerApiUrl !== null,
  };
}

/** Whether facts say which results a human should look at first: only a release that waits for it needs to know. */
export const revealFlags = ({ resultsRelease }: Pick<Settings, 'resultsRelease'>): boolean =>
  resultsRelease === 'available_unless_flagged';

/** The settings that decide about emails: what a rehearsal may change. */
export const REHEARSABLE: readonly string[] = [
  'NOTIFY_ON',
  'TOO_LATE',
  'RESULTS_RELEASE',
  'RESULTS_MAX_HOLD',
  'REGISTER_REMINDER_AFTER',
  'RETURN_REMINDER_AFTER',
  'PROCESSING_DELAY_AFTER',
  'SILENCE_AFTER',
  'KIT_LINGER',
  'QUIET_HOURS',
  'DEFAULT_TIME_ZONE',
] satisfies (keyof Parsed)[];

/**
 * The settings as a rehearsal has them: some that decide about emails are others.
 * @param set by the names of their environment variables.
 * @throws SettingsError where a name is not one of those, or its value makes no sense.
 */
export function rehearsedSettings(settings: Settings, set: Readonly<Record<string, string>>): Settings {
  const names = Object.keys(set);
  const strange = names.filter((name) => !REHEARSABLE.includes(name));
  if (strange.length > 0)
    throw new SettingsError(strange.map((name) => `${name} can’t be rehearsed; what can is ${REHEARSABLE.join(', ')}`));
  const read = readSettings(set);
  const keys = names.map(camel) as (keyof Settings)[];
  return { ...settings, ...Object.fromEntries(keys.map((key) => [key, read[key]])) };
}
