import { Migrator } from 'kysely';
import type { Database } from './database.js';
import { MIGRATIONS } from './migrations/index.js';

/**
 * Brings the schema up to date; several processes may do so at the same moment (an advisory lock puts them in a row).
 * @returns the names of the migrations that were applied.
 * @throws the error of the migration that failed, which is then undone.
 */
export async function migrate(database: Database): Promise<string[]> {
  const migrator = new Migrator({
    db: database.kysely,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw error instanceof Error ? error : new Error('the database could not be migrated', { cause: error });
  }
  return results.map((result) => result.migrationName);
}
