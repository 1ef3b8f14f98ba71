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
import type { Session, Sessions } from './sessions.js';

/** kysely over our own sessions: one dialect for both kinds of database. */
export function dialectOver(sessions: Sessions): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driverOver(sessions),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class Connection implements DatabaseConnection {
  constructor(readonly session: Session) {}

  async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, affected } = await this.session.run(compiled.sql, compiled.parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(affected) };
  }

  streamQuery(): never {
    throw new Error('streaming is not supported: read pages by a keyset');
  }
}

function driverOver(sessions: Sessions): Driver {
  const run = (connection: DatabaseConnection, sql: string) => (connection as Connection).session.run(sql);
  return {
    init: () => Promise.resolve(),
    acquireConnection: async () => new Connection(await sessions.acquire()),
    async beginTransaction(connection) {
      await run(connection, 'begin');
    },
    async commitTransaction(connection) {
      await run(connection, 'commit');
    },
    async rollbackTransaction(connection) {
      await run(connection, 'rollback');
    },
    releaseConnection(connection) {
      (connection as Connection).session.release();
      return Promise.resolve();
    },
    // Whoever opened the database closes it.
    destroy: () => Promise.resolve(),
  };
}
