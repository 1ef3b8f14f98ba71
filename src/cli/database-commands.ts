import type { Command } from 'commander';
import { readSettings } from '../config.js';
import { print } from './output.js';

/** Adds `kit-herald migrate` and `rebuild`, which open the database themselves. */
export function registerDatabaseCommands(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('migrate')
    .description("bring the database's schema up to date (start, receiver and worker do so too)")
    .action(async () => {
      const [{ migrate }, { withDatabase }] = await loaded();
      const applied = await withDatabase(readSettings(env), migrate);
      print(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`);
    });
  program
    .command('rebuild')
    .description("start every open journey again from the database, after Temporal's store was lost")
    .action(async () => {
      const [{ migrate }, { withDatabase }] = await loaded();
      const { wakeOpenSubjects } = await import('../ledger/subjects.js');
      const woken = await withDatabase(readSettings(env), async (database) => {
        await migrate(database);
        return await wakeOpenSubjects(database);
      });
      print(`${String(woken)} open journeys are started again by the relay: now if one runs, else at the next start.`);
    });
}

const loaded = () => Promise.all([import('../database/migrate.js'), import('../process/storage.js')]);
