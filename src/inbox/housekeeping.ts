import type { Database } from '../database/database.js';

/** Keeps PGlite in shape, which has no autovacuum. */
export interface Housekeeping {
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 2_000;
/** Below so many rows any plan will do. */
const FIRST_ANALYZE = 500;
const ANALYZE_AT_GROWTH = 8;
/** Dead rows from which a table is worth a VACUUM, as autovacuum would see it. */
const DEAD_ROWS = 1_000;
const DEAD_SHARE = 0.2;

/**
 * Without statistics the planner reads whole tables to lease a few subjects (80–125 ms a time), and without VACUUM the
 * tables that churn only grow. ANALYZE runs after the first 500 webhooks and at each eightfold, VACUUM when nothing has
 * come in for a moment. On PostgreSQL, which does both by itself, this does nothing.
 */
export function startHousekeeping({
  database,
  load,
}: {
  readonly database: Database;
  readonly load: () => number;
}): Housekeeping {
  if (database.kind === 'postgres') return { stop: () => Promise.resolve() };
  let under: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // What fails now is tried again at the next look.
    under = keepHouse(database, load)
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  }, LOOK_EVERY_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await under;
    },
  };
}

/** One look: at most one ANALYZE, and VACUUMs for as long as nothing comes in. */
export async function keepHouse(database: Database, load: () => number): Promise<void> {
  if (await statisticsAreOld(database)) await database.query('analyze');
  for (const table of await wornTables(database)) {
    if (load() > 0) return;
    await database.query(`vacuum ${table}`);
  }
}

async function statisticsAreOld(database: Database): Promise<boolean> {
  const [row] = await database.query<{ rows: number; known: number }>(
    `select s.n_live_tup as rows, c.reltuples as known
     from pg_class c join pg_stat_user_tables s on s.relid = c.oid where c.oid = 'inbox'::regclass`,
  );
  if (row === undefined || row.rows < FIRST_ANALYZE) return false;
  return row.known < FIRST_ANALYZE || row.rows >= row.known * ANALYZE_AT_GROWTH;
}

async function wornTables(database: Database): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_stat_user_tables
     where n_dead_tup > $1 and n_dead_tup > $2 * n_live_tup order by n_dead_tup desc`,
    [DEAD_ROWS, DEAD_SHARE],
  );
  return rows.map(({ name }) => name);
}
