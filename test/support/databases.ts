import { type Database, openDatabase } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { startPostgres, type TestPostgres } from './postgres.js';

/** Both kinds of database, for `describe.each(KINDS)`. */
export const KINDS = ['pglite', 'postgres'] as const;

export interface TestDatabases {
  /** An empty database with the current schema; closed by `stop`. */
  fresh(): Promise<Database>;
  /** Opens the latest fresh database once more, as another process would; PostgreSQL only. */
  again(): Promise<Database>;
  stop(): Promise<void>;
}

/** Databases of one kind for a test file; PGlite ones are in memory. */
export async function startDatabases(kind: (typeof KINDS)[number]): Promise<TestDatabases> {
  const server: TestPostgres | null = kind === 'postgres' ? await startPostgres() : null;
  const open: Database[] = [];
  let url = '';
  const opened = async (location: Parameters<typeof openDatabase>[0]): Promise<Database> => {
    const database = await openDatabase(location);
    open.push(database);
    return database;
  };
  return {
    async fresh() {
      if (server !== null) url = await server.freshUrl();
      const database = await opened(server === null ? { dataDir: null } : { url });
      await migrate(database);
      return database;
    },
    again: () => opened({ url }),
    async stop() {
      for (const database of open.splice(0)) await database.close();
      await server?.stop();
    },
  };
}
