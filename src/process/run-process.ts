import closeWithGrace from 'close-with-grace';
import type { Settings } from '../config.js';
import { packageVersion } from '../config/package-root.js';
import { startApp } from './app.js';
import { createLogger, errorLabel } from './logger.js';
import type { Role } from './role.js';
import type { RuntimeInfo } from './runtime-file.js';
import { createShutdown } from './shutdown.js';

export interface ProcessOptions {
  readonly role: Role;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  /** Told what happens while it takes long. */
  readonly say: (sentence: string) => void;
  /** What the caller has started for it, and ends with it, last of all. */
  readonly beside?: { readonly name: string; readonly stop: () => Promise<void> };
}

export interface RunningApp {
  readonly runtime: RuntimeInfo;
  /** Stops everything in order; the process then ends by itself. */
  stop(): Promise<void>;
}

/**
 * Makes this process a kit-herald that ends in order when it is told to.
 * @throws in one sentence when a part refuses; what was up by then has been stopped.
 */
export async function runProcess({ role, settings, env, say, beside }: ProcessOptions): Promise<RunningApp> {
  const logger = createLogger(settings.logLevel);
  const begun = Date.now();
  logger.info({ role, version: packageVersion(), node: process.version }, 'starting');
  const shutdown = createShutdown((part, error) => {
    logger.error({ part, error: errorLabel(error) }, 'a part could not be stopped in order');
  });
  if (beside !== undefined) shutdown.add(beside.name, beside.stop);
  const starting = startApp({ role, settings, env, logger, say, shutdown });
  endOnSignals({
    async stop() {
      // What is half started can't be stopped: it is waited for, and a refusal is told by who started.
      await starting.catch(() => undefined);
      await stop();
    },
    onCrash(error) {
      logger.fatal({ error: errorLabel(error) }, 'nobody expected this error');
    },
  });
  try {
    const runtime = await starting;
    const { receiver, admin, metrics } = runtime;
    logger.info({ role, receiver, admin, metrics, ms: Date.now() - begun }, 'started');
    return { runtime, stop };
  } catch (error) {
    logger.info({ role, error: errorLabel(error) }, 'the start was refused');
    await shutdown.run();
    throw error;
  }

  async function stop(): Promise<void> {
    const from = Date.now();
    logger.info({ role }, 'stopping');
    await shutdown.run();
    logger.info({ role, ms: Date.now() - from }, 'stopped');
  }
}

const SAME_SIGNAL_MS = 1_000;
const LONGEST_STOP_MS = 28_000;

export interface SignalsOptions {
  readonly stop: () => Promise<void>;
  /** Told what nobody expected, before everything is stopped. */
  readonly onCrash: (error: unknown) => void;
}

/**
 * Ends the process in order on SIGTERM and SIGINT (exit 0), and on an error that nobody caught (exit 1); in any case
 * within 30 s. A second signal ends it at once, unless it comes within a second: a process group's SIGTERM reaches Node
 * twice.
 * @returns ends the process as a signal would.
 */
function endOnSignals({ stop, onCrash }: SignalsOptions): () => void {
  const { close } = closeWithGrace(
    { delay: LONGEST_STOP_MS, logger: false, skip: ['SIGTERM', 'SIGINT'] },
    async ({ err }) => {
      if (err) onCrash(err);
      await stop();
    },
  );
  let first = 0;
  const onSignal = (): void => {
    if (first === 0) {
      first = Date.now();
      close();
    } else if (Date.now() - first > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return close;
}
