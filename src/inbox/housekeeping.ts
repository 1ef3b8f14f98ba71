import type { Database } from '../database/database.js';
import { sql, type Sql } from '../database/sql.js';

/** Below so many rows any plan will do. */
const FIRST_ANALYZE = 500;
const ANALYZE_AT_GROWTH = 8;
/** Dead rows from which a table is worth a VACUUM, as autovacuum would see it. */
const DEAD_ROWS = 1_000;
const DEAD_SHARE = 0.2;

/**
 * What autovacuum would do, which PGlite lacks: without statistics the planner reads whole tables to lease a few
 * subjects (80–125 ms a time), and without VACUUM the tables that churn only grow. ANALYZE runs after the first 500
 * webhooks and at each eightfold, VACUUM when nothing has come in for a moment.
 */
export async function keepHouse(database: Database, load: () => number): Promise<void> {
  if (await statisticsAreOld(database))
    for (const table of await tables(database)) await database.query(sql`analyze ${table}`);
  for (const table of await wornTables(database)) {
    if (load() > 0) return;
    await database.query(sql`vacuum ${table}`);
  }
}

async function statisticsAreOld(database: Database): Promise<boolean> {
  // What this session has written is counted at most once a second unless it is asked to.
  await database.query(sql`select pg_stat_force_next_flush()`);
  const [row] = await database.query<{ rows: number; known: number }>(
    sql`select s.n_live_tup as rows, c.reltuples as known
     from pg_class c join pg_stat_user_tables s on s.relid = c.oid where c.oid = 'inbox'::regclass`,
  );
  if (row === undefined || row.rows < FIRST_ANALYZE) return false;
  return row.known < FIRST_ANALYZE || row.rows >= row.known * ANALYZE_AT_GROWTH;
}

/** One by one, so that nobody waits for more than one of them. */
async function tables(database: Database): Promise<Sql[]> {
  const rows = await database.query<{ name: string }>(sql`select relname as name from pg_stat_user_tables`);
  return rows.map(({ name }) => sql.id(name));
}

async function wornTables(database: Database): Promise<Sql[]> {
  const rows = await database.query<{ name: string }>(
    sql`select relname as name from pg_stat_user_tables
      where n_dead_tup > ${DEAD_ROWS} and n_dead_tup > ${DEAD_SHARE}::float8 * n_live_tup order by n_dead_tup desc`,
  );
  return rows.map(({ name }) => sql.id(name));
}
