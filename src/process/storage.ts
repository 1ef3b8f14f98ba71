import { mkdirSync } from 'node:fs';
import type { Settings } from '../config.js';
import { type Database, openDatabase } from '../database/database.js';
import { createMeta } from '../database/meta.js';
import { migrate } from '../database/migrate.js';
import { refuseUnsafeDataDir } from '../host/data-dir.js';
import { isAnythingSealedUnder } from '../privacy/keys-in-use.js';
import { checkKeys, createSealing, type Sealing } from '../sealing/sealing.js';
import { type Keys, loadOrMakeKeys } from '../sealing/keys.js';

export interface Storage {
  readonly database: Database;
  readonly sealing: Sealing;
  readonly keys: Keys;
}

/**
 * Opens the database, brings its schema up to date, and sees that the keys are those it was written with.
 * @throws in one sentence when the database can't be reached or a key is another one.
 */
export async function openStorage(settings: Settings): Promise<Storage> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl === null) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const database = await openDatabase(databaseUrl === null ? { dataDir } : { url: databaseUrl });
  try {
    await migrate(database);
    const keys = await keysOf(settings);
    const sealing = createSealing(keys);
    await checkKeys(sealing, createMeta(database), (id) => isAnythingSealedUnder(database, id));
    return { database, sealing, keys };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Those that are configured, else those of DATA_DIR. */
export async function keysOf({ encryptionKeys, indexKeys, dataDir }: Settings): Promise<Keys> {
  return encryptionKeys.length === 0 ? await loadOrMakeKeys(dataDir) : { encryptionKeys, indexKeys };
}

/**
 * Opens the database for one command. The embedded one has one owner: while kit-herald runs on it, this refuses.
 * @throws in one sentence when it is in use or can't be reached.
 */
export async function withDatabase<T>(
  { databaseUrl, dataDir }: Settings,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if (databaseUrl === null) await refuseUnsafeDataDir(dataDir);
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
