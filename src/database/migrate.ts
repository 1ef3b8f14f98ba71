import { Migrator, sql, type Migration } from 'kysely';
import { Refusal, Unavailable } from '../config/refusal.js';
import type { Database } from './database.js';
import { createMeta } from './meta.js';
import { type Queryable, sql as statement } from './sql.js';
import { inbox } from './migrations/001-inbox.js';
import { ledger } from './migrations/002-ledger.js';
import { privacy } from './migrations/003-privacy.js';
import { users } from './migrations/004-users.js';
import { evidence } from './migrations/005-evidence.js';
import { standing } from './migrations/006-standing.js';
import { unknownWords } from './migrations/007-unknown-words.js';
import { reasons } from './migrations/008-reasons.js';
import { desk } from './migrations/009-desk.js';
import { oneIndexOfTheBacklog } from './migrations/010-one-index-of-the-backlog.js';

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
  '009-desk': desk,
  '010-one-index-of-the-backlog': oneIndexOfTheBacklog,
};

/**
 * Brings the schema up to date; several processes may do so at the same moment (an advisory lock puts them in a row).
 * @returns the names of the migrations that were applied.
 * A schema that a later release has only added to is left as it is: this one lives with it (docs/upgrading.md, "Going back").
 * @throws Unavailable where nothing can be written; Refusal where a later release has written what this one can't live with;
 * else the error of the migration that failed, which is then undone.
 */
export async function migrate(database: Database): Promise<string[]> {
  if (!(await database.takesWrites()))
    throw new Unavailable('The database of DATABASE_URL takes no writes just now: it is a standby, or read-only.');
  const difference = await schemaDifference(database);
  if (livesWith(difference)) return [];
  const [unknown] = difference.strange;
  if (unknown !== undefined)
    throw new Refusal(
      `The database was written by a newer kit-herald: its schema has "${difference.contracted ?? unknown}", which is not known here. Start that version, or a later one. Nothing was changed.`,
    );
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

/** How a schema differs from the one that this release expects. */
export interface SchemaDifference {
  /** What `migrate` would apply, in its order. */
  readonly missing: readonly string[];
  /** What a later release has applied, and this one knows nothing of. */
  readonly strange: readonly string[];
  /** The newest of these that took something away; null: none did. */
  readonly contracted: string | null;
}

const CONTRACTED = 'schema.contracted';

/** The last statement of a migration that takes away what the release before it needs: that one won't start any more. */
export const contracts = (migration: string): string =>
  `insert into meta (key, value) values ('${CONTRACTED}', '${migration}')
    on conflict (key) do update set value = excluded.value`;

/** Whether a later release has changed the schema, and only by what this one needn't know. */
export const livesWith = ({ missing, strange, contracted }: SchemaDifference): boolean =>
  strange.length > 0 && missing.length === 0 && contracted === null;

/** Reads only. A database in which nothing is yet misses everything. */
export async function schemaDifference(database: Queryable): Promise<SchemaDifference> {
  const [table] = await database.query<{ there: boolean }>(
    statement`select to_regclass('kysely_migration') is not null as there`,
  );
  const rows =
    table?.there === true ? await database.query<{ name: string }>(statement`select name from kysely_migration`) : [];
  const applied = new Set(rows.map(({ name }) => name));
  const known = Object.keys(MIGRATIONS);
  const strange = [...applied].filter((name) => !known.includes(name)).sort();
  const [contracted] = strange.length === 0 ? [] : await createMeta(database).list(CONTRACTED);
  return {
    missing: known.filter((name) => !applied.has(name)),
    strange,
    contracted: contracted !== undefined && !known.includes(contracted.value) ? contracted.value : null,
  };
}

/** A migration that is a list of statements, run one after the other. */
const migrationOf = (statements: readonly string[]): Migration => ({
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
});
