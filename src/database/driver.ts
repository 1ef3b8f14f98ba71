import type pg from 'pg';
import type { Session } from './sessions.js';
import { withoutValues } from './sql-error.js';
import { COLUMN_PARSERS, toParameter } from './values.js';

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
    async query<T extends object>(sql: string, params?: readonly unknown[]) {
      return (await run(sql, params)).rows as T[];
    },
    release,
  };
}

/** Names for the first `most` statements that take parameters; the others stay unnamed, and are planned each time. */
export function createNames(most: number): (sql: string, params: readonly unknown[]) => string | undefined {
  const names = new Map<string, string>();
  return (sql, { length }) => {
    if (length > 0 && !names.has(sql) && names.size < most) names.set(sql, `s${String(names.size)}`);
    return names.get(sql);
  };
}
