import { join } from 'node:path';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { Unavailable } from '../config/refusal.js';
import { openPGlite } from './pglite.js';
import { openPostgres } from './postgres.js';
import type { Acquire, Session, Sessions } from './driver.js';
import type { Queryable } from './sql.js';

/** Where everything is kept: PGlite in a folder of ours, or a PostgreSQL server. Both speak the same SQL. */
export interface Database extends Queryable {
  readonly kind: 'pglite' | 'postgres';
  /** The same, ahead of who waits already for PGlite's one session: for what a sender waits for. */
  readonly priority: Queryable;
  /** For the migrator. */
  readonly kysely: Kysely<unknown>;
  /**
   * Runs `work` in one transaction (read committed): committed when it resolves, rolled back when it rejects.
   * On PGlite everybody else waits for as long as it takes, so nothing slow belongs in it.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Whether it takes writes now: not a standby, nor read-only. Rejects when it doesn't answer. */
  takesWrites(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * `dataDir`: PGlite in `<dataDir>/database`; null keeps it in memory. Whoever opens a folder holds the lock of that
 * DATA_DIR for as long as it is open: two processes on one folder lose acknowledged webhooks without an error.
 */
export type DatabaseLocation = { readonly url: string } | { readonly dataDir: string | null };

/**
 * Opens it; `migrate` brings its schema up to date.
 * @throws DatabaseUnreachable when the server doesn't answer.
 */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  if ('url' in location) {
    const database = over('postgres', openPostgres(location.url));
    try {
      await database.query('select 1');
      return database;
    } catch (error) {
      await database.close();
      throw new DatabaseUnreachable(error);
    }
  }
  const { dataDir } = location;
  return over('pglite', await openPGlite(dataDir === null ? null : join(dataDir, 'database')));
}

/** The server of DATABASE_URL doesn't answer, or refuses us. The URL, which holds a password, is not repeated. */
class DatabaseUnreachable extends Unavailable {
  override readonly name = 'DatabaseUnreachable';

  constructor(cause: unknown) {
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? ` (${String(cause.code)})` : '';
    super(`The database of DATABASE_URL can't be reached${code}: see that it is up and lets us in.`, { cause });
  }
}

/** Each statement in a session that it has to itself. */
const queryable = (sessions: Sessions, terms?: Acquire): Queryable => ({
  async query<T extends object>(statement: Parameters<Queryable['query']>[0], params?: readonly unknown[]) {
    const session = await sessions.acquire(terms);
    try {
      return await session.query<T>(statement, params);
    } finally {
      session.release();
    }
  },
});

function over(kind: Database['kind'], sessions: Sessions): Database {
  let closing: Promise<void> | undefined;
  return {
    kind,
    priority: queryable(sessions, { priority: true }),
    kysely: new Kysely<unknown>({ dialect: dialectOver(sessions) }),
    ...queryable(sessions),
    async transaction(work) {
      const session = await sessions.acquire();
      let clean = false;
      try {
        const result = await inTransaction(session, work);
        clean = true;
        return result;
      } catch (error) {
        clean = await rolledBack(session);
        throw error;
      } finally {
        session.release(!clean);
      }
    },
    async takesWrites() {
      const session = await sessions.acquire();
      let readOnly = true;
      try {
        const [row] = await session.query<{ readOnly: boolean }>(
          `select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as "readOnly"`,
        );
        readOnly = row?.readOnly !== false;
        return !readOnly;
      } finally {
        // The next look is to be at the server that is there then.
        session.release(readOnly);
      }
    },
    close: () => (closing ??= sessions.close()),
  };
}

async function inTransaction<T>(session: Session, work: (tx: Queryable) => Promise<T>): Promise<T> {
  await session.run('begin');
  const result = await work(session);
  await session.run('commit');
  return result;
}

async function rolledBack(session: Session): Promise<boolean> {
  return await session.run('rollback').then(
    () => true,
    () => false,
  );
}

/** Kysely over our own sessions, for its migrator: one dialect for both kinds of database. */
function dialectOver(sessions: Sessions): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driverOver(sessions),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

function connectionOn(session: Session): DatabaseConnection {
  return {
    async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, affected } = await session.run(compiled.sql, compiled.parameters);
      return { rows: rows as R[], numAffectedRows: BigInt(affected) };
    },
    streamQuery() {
      throw new Error('streaming is not supported: read pages by a keyset');
    },
  };
}

function driverOver(sessions: Sessions): Driver {
  const held = new WeakMap<DatabaseConnection, Session>();
  const run = async (connection: DatabaseConnection, sql: string): Promise<void> => {
    await held.get(connection)?.run(sql);
  };
  return {
    init: () => Promise.resolve(),
    async acquireConnection() {
      const session = await sessions.acquire({ patient: true });
      const connection = connectionOn(session);
      held.set(connection, session);
      return connection;
    },
    async beginTransaction(connection) {
      await run(connection, 'begin');
      // A migration takes its time, and so does waiting for another process's.
      await run(connection, 'set local statement_timeout = 0');
    },
    commitTransaction: (connection) => run(connection, 'commit'),
    rollbackTransaction: (connection) => run(connection, 'rollback'),
    releaseConnection(connection) {
      held.get(connection)?.release();
      held.delete(connection);
      return Promise.resolve();
    },
    // Whoever opened the database closes it.
    destroy: () => Promise.resolve(),
  };
}

/** What keeps a database from committing: it doesn't answer, or it answers and takes no writes. */
export const DATABASE_FAULTS = ['database', 'database_read_only'] as const;
export type DatabaseFault = (typeof DATABASE_FAULTS)[number];

const FRESH_FOR_MS = 1_000;
const PATIENCE_MS = 3_000;

/**
 * Looks whether webhooks can be committed: at most once a second, once for all who ask at the same moment, and with an
 * answer after 3 s in any case. Empty when they can.
 */
export function createDatabaseCheck(
  database: Pick<Database, 'takesWrites'>,
  clock: () => number = Date.now,
): () => Promise<readonly DatabaseFault[]> {
  let looking: Promise<readonly DatabaseFault[]> | null = null;
  let last: { readonly at: number; readonly faults: readonly DatabaseFault[] } | null = null;

  async function look(): Promise<readonly DatabaseFault[]> {
    const faults = await database.takesWrites().then(
      (takesWrites): DatabaseFault[] => (takesWrites ? [] : ['database_read_only']),
      (): DatabaseFault[] => ['database'],
    );
    last = { at: clock(), faults };
    looking = null;
    return faults;
  }

  return async () => {
    if (last !== null && clock() - last.at < FRESH_FOR_MS) return last.faults;
    looking ??= look();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<readonly DatabaseFault[]>((resolve) => {
      timer = setTimeout(() => {
        resolve(['database']);
      }, PATIENCE_MS);
    });
    return await Promise.race([looking, late]).finally(() => {
      clearTimeout(timer);
    });
  };
}
