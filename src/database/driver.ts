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

export interface Acquire {
  /** For statements that may take long, as those of a migration: no time limit of ours. */
  readonly patient?: boolean;
  /** Ahead of those that wait already, where they wait for one session. */
  readonly priority?: boolean;
}

/** Where sessions come from: PGlite has one for all, a pool has several. */
export interface Sessions {
  acquire(terms?: Acquire): Promise<Session>;
  close(): Promise<void>;
}

/** How the driver reads columns: as `values.ts` says. */
export const COLUMN_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => COLUMN_PARSERS[oid] ?? ((text: string) => text),
};

export interface RunOptions {
  /** The statement is planned once under it for the life of the connection; only where that is nobody else's. */
  readonly name?: string | undefined;
  /** ms after which a server that says nothing is given up. */
  readonly timeout?: number;
}

/**
 * Runs one statement.
 * Rejects with an `SqlError`, or with the connection's error.
 */
export async function runOn(
  client: pg.ClientBase,
  text: string,
  params: readonly unknown[],
  { name, timeout }: RunOptions = {},
): Promise<{ rows: object[]; affected: number }> {
  const query = {
    text,
    values: params.map(toParameter),
    ...(name === undefined ? {} : { name }),
    ...(timeout === undefined ? {} : { query_timeout: timeout }),
  };
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
