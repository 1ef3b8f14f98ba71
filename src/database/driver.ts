import type pg from 'pg';
import { compile, type Queryable } from './sql.js';
import { withoutValues } from './sql-error.js';
import { COLUMN_PARSERS, toParameter } from './values.js';

/** One session of a database, held by one user at a time. */
export interface Session extends Queryable {
  /** Sends text as it is, and tells how many rows were touched where nothing is returned. */
  run(text: string, params?: readonly unknown[]): Promise<{ rows: object[]; affected: number }>;
  /** Gives it back; `broken` when it may be left inside a transaction. */
  release(broken?: boolean): void;
}

/** Where sessions come from: PGlite has one for all, a pool has several. */
export interface Sessions {
  acquire(): Promise<Session>;
  close(): Promise<void>;
}

/** How the driver reads columns: as `values.ts` says. */
export const COLUMN_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => COLUMN_PARSERS[oid] ?? ((text: string) => text),
};

/**
 * Runs one statement. With a `name` it is planned once for the life of the connection.
 * Rejects with an `SqlError`, or with the connection's error.
 */
export async function runOn(
  client: pg.ClientBase,
  text: string,
  params: readonly unknown[],
  name?: string,
): Promise<{ rows: object[]; affected: number }> {
  const query = { text, values: params.map(toParameter), ...(name === undefined ? {} : { name }) };
  const result = await client.query<object>(query).catch((error: unknown) => {
    throw withoutValues(error);
  });
  return { rows: result.rows, affected: result.rowCount ?? 0 };
}

/** A session that sends its statements by `run`, and is given back by `release`. */
export function createSession(run: Session['run'], release: Session['release']): Session {
  return {
    run,
    async query<T extends object>(statement: Parameters<Queryable['query']>[0], params?: readonly unknown[]) {
      const sent = typeof statement === 'string' ? { text: statement, params } : compile(statement);
      return (await run(sent.text, sent.params)).rows as T[];
    },
    release,
  };
}

/** Names for the first `most` statements that take parameters; the others stay unnamed, and are planned each time. */
export function createNames(most: number): (text: string, params: readonly unknown[]) => string | undefined {
  const names = new Map<string, string>();
  return (text, { length }) => {
    if (length > 0 && !names.has(text) && names.size < most) names.set(text, `s${String(names.size)}`);
    return names.get(text);
  };
}
