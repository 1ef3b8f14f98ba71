import { mkdir } from 'node:fs/promises';
import pg from 'pg';
import { COLUMN_TYPES, createNames, createSession, runOn } from './driver.js';
import { PGliteStream } from './pglite-stream.js';
import type { Session, Sessions } from './sessions.js';

/** How many statements stay planned: ours are some dozens, and planning costs more than running most of them. */
const PLANNED = 200;

/**
 * PGlite in a folder, or in memory without one. It has a single session, so whoever holds it keeps all others waiting,
 * in order of arrival. `lost` is told when its thread dies, and with it everything that was asked of it.
 */
export async function openPGlite(folder: string | null, lost: (error: Error) => void = crash): Promise<Sessions> {
  if (folder !== null) await mkdir(folder, { recursive: true, mode: 0o700 });
  const stream = await PGliteStream.open(folder);
  const client = new pg.Client({ stream: () => stream, user: 'postgres', database: 'postgres', types: COLUMN_TYPES });
  let closing = false;
  client.on('error', (error) => {
    if (!closing) lost(error);
  });
  await client.connect();
  // ANALYZE reads a tenth of the rows: it holds up everybody, and our plans depend on sizes more than on values.
  await client.query('set default_statistics_target = 10');
  const planned = createNames(PLANNED);
  const run: Session['run'] = (sql, params = []) => runOn(client, sql, params, planned(sql, params));
  let last: Promise<void> = Promise.resolve();

  async function acquire(): Promise<Session> {
    const before = last;
    let release = (): void => undefined;
    last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return createSession(run, release);
  }

  return {
    acquire,
    async close() {
      const session = await acquire();
      closing = true;
      await stream.shut();
      session.release();
    },
  };
}

/** Nothing can be kept from here on: the process ends, and whoever watches over it starts it on what was committed. */
function crash(error: Error): never {
  throw error;
}
