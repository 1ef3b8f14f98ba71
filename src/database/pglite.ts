import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import type { Session, Sessions } from './sessions.js';
import { withoutValues } from './sql-error.js';
import { COLUMN_PARSERS, toParameter } from './values.js';

/** Type ids whose serializers we replace: PGlite's own works byte by byte for bytea, and refuses text for bool. */
const BOOL = 16;
const BYTEA = 17;
const alreadyText = (value: unknown): string => value as string;

/**
 * PGlite in a folder, or in memory without one. It has a single session, so whoever holds it keeps all others waiting,
 * in order of arrival.
 */
export async function openPGlite(folder: string | null): Promise<Sessions> {
  if (folder !== null) await mkdir(folder, { recursive: true, mode: 0o700 });
  const engine = await PGlite.create({
    ...(folder === null ? {} : { dataDir: folder }),
    parsers: { ...COLUMN_PARSERS },
    serializers: { [BOOL]: alreadyText, [BYTEA]: alreadyText },
  });
  let last: Promise<void> = Promise.resolve();

  async function acquire(): Promise<Session> {
    const before = last;
    let release = (): void => undefined;
    last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return sessionOf(engine, release);
  }

  return {
    acquire,
    async close() {
      const session = await acquire();
      await engine.close();
      session.release();
    },
  };
}

function sessionOf(engine: PGlite, release: () => void): Session {
  const run: Session['run'] = async (sql, params = []) => {
    const result = await engine.query<object>(sql, params.map(toParameter)).catch((error: unknown) => {
      throw withoutValues(error);
    });
    return { rows: result.rows, affected: result.affectedRows ?? 0 };
  };
  return {
    run,
    async query<T extends object>(sql: string, params?: readonly unknown[]) {
      return (await run(sql, params)).rows as T[];
    },
    release,
  };
}
