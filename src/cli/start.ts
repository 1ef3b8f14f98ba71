import type { Command } from 'commander';
import { readSettings } from '../config.js';
import type { Role } from '../process/role.js';
import { addressBlock } from '../process/runtime-file.js';
import { print } from './output.js';

const ROLES: Record<Role, string> = {
  start: 'receiver, relay and worker in one process; whatever is not configured is embedded',
  receiver: 'only what C4HXP reaches: takes webhooks in and keeps them (needs DATABASE_URL)',
  worker: 'only what works on them: relay, workflows, emails, the admin API (needs DATABASE_URL)',
};

/** Adds `kit-herald start`, `receiver` and `worker`. */
export function registerStart(program: Command, env: NodeJS.ProcessEnv): void {
  for (const [role, description] of Object.entries(ROLES) as [Role, string][])
    program
      .command(role)
      .description(description)
      .action(() => start(role, env));
}

async function start(role: Role, env: NodeJS.ProcessEnv): Promise<void> {
  const settings = readSettings(env);
  const { runProcess } = await import('../process/run-process.js');
  const { runtime } = await runProcess({ role, settings, env, say: print });
  print(addressBlock(runtime, settings));
}
