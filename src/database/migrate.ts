import { Migrator, sql, type Migration } from 'kysely';
import { Unavailable } from '../config/refusal.js';
import type { Database } from './database.js';
import { inbox } from './migrations/001-inbox.js';
import { ledger } from './migrations/002-ledger.js';
import { privacy } from './migrations/003-privacy.js';
import { users } from './migrations/004-users.js';
import { evidence } from './migrations/005-evidence.js';
import { standing } from './migrations/006-standing.js';
import { unknownWords } from './migrations/007-unknown-words.js';
import { reasons } from './migrations/008-reasons.js';
import { oneIndexOfTheBacklog } from './migrations/009-one-index-of-the-backlog.js';

/** Every migration by its name, which is also its order. One that has been released is never changed. */
const MIGRATIONS: Readonly<Record<string, readonly string[]>> = {
  '001-inbox': inbox,
  '002-ledger': ledger,
  '003-privacy': privacy,
  '004-users': users,
  '005-evidence': evidence,
  '006-standing': standing,
  '007-unknown-words': unknownWords,
  '008-reasons': reasons,
  '009-one-index-of-the-backlog': oneIndexOfTheBacklog,
};

/**
 * Brings the schema up to date; several processes may do so at the same moment (an advisory lock puts them in a row).
 * @returns the names of the migrations that were applied.
 * @throws Unavailable where nothing can be written; else the error of the migration that failed, which is then undone.
 */
export async function migrate(database: Database): Promise<string[]> {
  if (!(await database.takesWrites()))
    throw new Unavailable('The database of DATABASE_URL takes no writes just now: it is a standby, or read-only.');
  const migrations = Object.fromEntries(Object.entries(MIGRATIONS).map(([name, list]) => [name, migrationOf(list)]));
  const migrator = new Migrator({
    db: database.kysely,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw error instanceof Error ? error : new Error('the database could not be migrated', { cause: error });
  }
  return results.map((result) => result.migrationName);
}

/** A migration that is a list of statements, run one after the other. */
const migrationOf = (statements: readonly string[]): Migration => ({
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
});
