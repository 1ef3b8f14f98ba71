import type { Command } from 'commander';
import { readSettings } from '../config.js';
import { addressBlock } from './run/address-block.js';
import { startHerald } from './run/herald.js';
import { createLogger, kindOf } from './run/logger.js';
import type { Role } from './run/role.js';
import { endOnSignals } from './run/signals.js';
import { createStops } from './run/stops.js';

const ROLES: Record<Role, string> = {
  start: 'receiver, relay and worker in one process; whatever is not configured is embedded',
  receiver: 'only what C4HXP reaches: takes webhooks in and keeps them (needs DATABASE_URL)',
  worker: 'only what works on them: relay, workflows, emails, the admin API (needs DATABASE_URL)',
};

/** Adds `kit-herald start`, `receiver` and `worker`. */
export function registerStart(program: Command): void {
  for (const [role, description] of Object.entries(ROLES) as [Role, string][])
    program
      .command(role)
      .description(description)
      .action(() => runRole(role));
}

async function runRole(role: Role): Promise<void> {
  const settings = readSettings(process.env);
  const logger = createLogger(settings.logLevel);
  const stops = createStops((part, error) => {
    logger.error({ part, error: kindOf(error) }, 'a part could not be stopped in order');
  });
  const say = (sentence: string): void => {
    process.stdout.write(`${sentence}\n`);
  };
  const starting = startHerald({ role, settings, env: process.env, logger, say, stops });
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
    say(addressBlock(await starting, settings));
  } catch (error) {
    await stops.run();
    throw error;
  }
}
