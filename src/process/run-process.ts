import type { Settings } from '../config.js';
import { startHerald } from './app.js';
import { createLogger, kindOf } from './logger.js';
import type { Role } from './role.js';
import type { RuntimeInfo } from './runtime-file.js';
import { endOnSignals } from './signals.js';
import { createStops } from './shutdown.js';

export interface StandUpOptions {
  readonly role: Role;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  /** Told what happens while it takes long. */
  readonly say: (sentence: string) => void;
  /** What the caller has started for it, and ends with it, last of all. */
  readonly beside?: { readonly name: string; readonly stop: () => Promise<void> };
}

export interface Standing {
  readonly runtime: RuntimeInfo;
  /** Stops everything in order; the process then ends by itself. */
  stop(): Promise<void>;
}

/**
 * Makes this process a kit-herald that ends in order when it is told to.
 * @throws in one sentence when a part refuses; what was up by then has been stopped.
 */
export async function standUp({ role, settings, env, say, beside }: StandUpOptions): Promise<Standing> {
  const logger = createLogger(settings.logLevel);
  const stops = createStops((part, error) => {
    logger.error({ part, error: kindOf(error) }, 'a part could not be stopped in order');
  });
  if (beside !== undefined) stops.add(beside.name, beside.stop);
  const starting = startHerald({ role, settings, env, logger, say, stops });
  endOnSignals({
    async stop() {
      // What is half started can't be stopped: it is waited for, and a refusal is told by who started.
      await starting.catch(() => undefined);
      await stops.run();
    },
    onCrash(error) {
      logger.fatal({ error: kindOf(error) }, 'nobody expected this error');
    },
  });
  try {
    return { runtime: await starting, stop: () => stops.run() };
  } catch (error) {
    await stops.run();
    throw error;
  }
}
