import type { Settings } from '../config.js';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/database.js';

/**
 * Opens the database for one command. The embedded one has one owner: while kit-herald runs on it, this refuses.
 * @throws in one sentence when it is in use or can't be reached.
 */
export async function withDatabase<T>(
  { databaseUrl, dataDir }: Settings,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const lock = databaseUrl === null ? await (await import('../embedded/lock.js')).lockDataDir(dataDir) : null;
  try {
    const database = await openDatabase(databaseUrl === null ? { dataDir } : { url: databaseUrl });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  } finally {
    lock?.release();
  }
}
