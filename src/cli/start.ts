import type { Command } from 'commander';
import { readSettings } from '../config.js';
import { loadStandUp } from '../process/load-process.js';
import type { Role } from '../process/role.js';
import { addressBlock } from '../process/runtime-file.js';

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
      .action(() => run(role));
}

async function run(role: Role): Promise<void> {
  const settings = readSettings(process.env);
  const say = (sentence: string): void => {
    process.stdout.write(`${sentence}\n`);
  };
  const standUp = await loadStandUp();
  const { runtime } = await standUp({ role, settings, env: process.env, say });
  say(addressBlock(runtime, settings));
}
