import { mkdirSync } from 'node:fs';
import type { Settings } from '../config.js';
import type { Mailbox } from '../embedded/mailbox.js';
import type { TemporalServer } from '../embedded/temporal-server.js';
import { refuseUnsafeDataDir } from '../host/data-dir.js';
import { type AppOptions, type Role, works } from './role.js';
import { openStorage, type Storage } from './storage.js';
import { DAY } from '../domain/durations.js';

/** What kit-herald stands on: its database, and the servers that are embedded because none are configured. */
export interface Infrastructure {
  readonly storage: Storage;
  readonly temporal: TemporalServer | null;
  readonly mailbox: Mailbox | null;
}

/**
 * Looks at DATA_DIR, locks it where anything in it is ours alone, then starts all parts at the same time.
 * @throws the first refusal; what is up by then is in `shutdown`, in the order in which it can be stopped.
 */
export async function openInfrastructure({
  role,
  settings,
  env,
  say,
  logger,
  shutdown,
}: AppOptions): Promise<Infrastructure> {
  await refuseUnsafeDataDir(settings.dataDir);
  if (needsLock(settings, role)) {
    const { lockDataDir } = await import('../embedded/lock.js');
    const lock = await lockDataDir(settings.dataDir);
    shutdown.add('the lock of DATA_DIR', lock.release);
  }
  const [temporal, mailbox, storage] = await Promise.allSettled([
    works(role) && settings.temporalAddress === null ? startEmbeddedTemporal({ settings, env, say, logger }) : null,
    works(role) && settings.smtpUrl === null ? startEmbeddedMailbox(settings) : null,
    openStorage(settings),
  ]);
  // Stopped in the reverse order: the servers last, after all that speaks to them.
  if (temporal.status === 'fulfilled' && temporal.value !== null) {
    const server = temporal.value;
    shutdown.add("Temporal's dev server", () => server.stop());
  }
  if (mailbox.status === 'fulfilled' && mailbox.value !== null) {
    const server = mailbox.value;
    shutdown.add('the mailbox', () => server.stop());
  }
  if (storage.status === 'fulfilled') {
    const { database } = storage.value;
    shutdown.add('the database', () => database.close());
  }
  return { temporal: valueOf(temporal), mailbox: valueOf(mailbox), storage: valueOf(storage) };
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'fulfilled') return settled.value;
  throw settled.reason;
}

const RETENTION_MS = 90 * DAY;

/** Whether anything of DATA_DIR is ours alone, so that a second process must be kept out. */
const needsLock = (settings: Settings, role: Role): boolean =>
  settings.databaseUrl === null || (role !== 'receiver' && settings.temporalAddress === null);

async function startEmbeddedTemporal({
  settings,
  env,
  say,
  logger,
}: Pick<AppOptions, 'settings' | 'env' | 'say' | 'logger'>): Promise<TemporalServer> {
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
    onDeath: (sentence) => {
      logger.error(sentence);
    },
  });
}

async function startEmbeddedMailbox({ mailboxPort, mailboxSmtpPort }: Settings): Promise<Mailbox> {
  const { startMailbox } = await import('../embedded/mailbox.js');
  return await startMailbox({ port: mailboxPort, smtpPort: mailboxSmtpPort });
}
