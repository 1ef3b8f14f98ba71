import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { Session, Sessions } from './driver.js';

/** Kysely over our own sessions, for its migrator: one dialect for both kinds of database. */
export function dialectOver(sessions: Sessions): Dialect {
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
