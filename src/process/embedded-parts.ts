import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config.js';
import type { Mailbox } from '../embedded/mailbox.js';
import type { TemporalServer } from '../embedded/temporal-server.js';
import type { Role } from './role.js';

const RETENTION_MS = 90 * 86_400_000;

/** Whether anything of DATA_DIR is ours alone, so that a second process must be kept out. */
export const needsLock = (settings: Settings, role: Role): boolean =>
  settings.databaseUrl === null || (role !== 'receiver' && settings.temporalAddress === null);

/** @param say is told what happens while it takes long. */
export async function startEmbeddedTemporal(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  say: (sentence: string) => void,
): Promise<TemporalServer> {
  const [{ findServerBinary }, { startTemporalServer }] = await Promise.all([
    import('../embedded/temporal-binary.js'),
    import('../embedded/temporal-server.js'),
  ]);
  const { temporalCli, dataDir, temporalNamespace, temporalPort, temporalUiPort } = settings;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const binary = await findServerBinary({
    kind: 'dev-server',
    configured: temporalCli === null ? null : { setting: 'TEMPORAL_CLI', path: temporalCli },
    env,
    say,
  });
  return await startTemporalServer({
    binary,
    dataDir,
    namespace: temporalNamespace,
    port: temporalPort,
    uiPort: temporalUiPort,
    retention: RETENTION_MS,
    env,
    // Webhooks are to be acknowledged at once; what Temporal does about them can wait a little.
    niceness: 5,
  });
}

export async function startEmbeddedMailbox({ mailboxPort, mailboxSmtpPort }: Settings): Promise<Mailbox> {
  const { startMailbox } = await import('../embedded/mailbox.js');
  return await startMailbox({ port: mailboxPort, smtpPort: mailboxSmtpPort });
}

/** The configured webhook secrets, else one that is made in DATA_DIR and kept there. */
export async function webhookSecrets({ c4hxpWebhookSecret, dataDir }: Settings): Promise<readonly string[]> {
  if (c4hxpWebhookSecret.length > 0) return c4hxpWebhookSecret;
  const { keptSecret } = await import('../host/private-file.js');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return [keptSecret(secretFile(dataDir))];
}

export const secretFile = (dataDir: string): string => join(dataDir, 'webhook-secret');
