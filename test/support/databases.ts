import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { startPostgres, type TestPostgres } from './postgres.js';
import { copyTemplate, type Template } from './templates.js';

/** Both kinds of database, for `describe.each(KINDS)`. */
export const KINDS = ['pglite', 'postgres'] as const;

export interface TestDatabases {
  /** An empty database with the current schema; closed by `stop`. */
  fresh(): Promise<Database>;
  /** Opens the latest fresh database once more, as another process would; PostgreSQL only. */
  again(): Promise<Database>;
  stop(): Promise<void>;
}

/** PGlite's folder of a DATA_DIR with the current schema: making one takes seconds, opening one doesn't. */
export const PGLITE: Template = {
  name: 'pglite',
  madeFrom: ['src/database', 'package-lock.json'],
  async make(dataDir) {
    const database = await openDatabase({ dataDir });
    await migrate(database);
    await database.close();
  },
};

/** Databases of one kind for a test file. */
export async function startDatabases(kind: (typeof KINDS)[number]): Promise<TestDatabases> {
  const server: TestPostgres | null = kind === 'postgres' ? await startPostgres() : null;
  const open: Database[] = [];
  const folders: string[] = [];
  let url = '';
  const freshFolder = async (): Promise<string> => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kit-herald-pglite-'));
    folders.push(dataDir);
    await copyTemplate(PGLITE, dataDir);
    return dataDir;
  };
  const opened = async (location: Parameters<typeof openDatabase>[0]): Promise<Database> => {
    const database = await openDatabase(location);
    open.push(database);
    return database;
  };
  return {
    async fresh() {
      if (server !== null) url = await server.freshUrl();
      const database = await opened(server === null ? { dataDir: await freshFolder() } : { url });
      await migrate(database);
      return database;
    },
    again: () => opened({ url }),
    async stop() {
      for (const database of open.splice(0)) await database.close();
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
      await server?.stop();
    },
  };
}
