/**
 * Of Kysely we take the `sql` tag, its compiler and its migrator, and leave the builder: our statements are chains of
 * `with` over arrays of rows, which read best as the SQL that they are, with their values where they stand.
 */
import { createQueryId, PostgresQueryCompiler, sql, type RawBuilder } from 'kysely';

export { sql };

/** A statement, or a part that others are put together from. */
export type Sql = RawBuilder<unknown>;

/** Something SQL can be sent to: the database, or one transaction in it. */
export interface Queryable {
  /**
   * Runs one statement, written with the `sql` tag or as text with `$1`-style parameters; values as `values.ts` says.
   * Rejects with an `SqlError`, or with the connection's error.
   */
  query<T extends object = Record<string, unknown>>(statement: Sql | string, params?: readonly unknown[]): Promise<T[]>;
}

const compiler = new PostgresQueryCompiler();

/** The text and its parameters. Statements of the same shape have the same text, so that they are planned once. */
export function compile(statement: Sql): { readonly text: string; readonly params: readonly unknown[] } {
  const { sql: text, parameters } = compiler.compileQuery(statement.toOperationNode(), createQueryId());
  return { text, params: parameters };
}

/** Names of columns, each with its SQL type and what of a row stands there. */
export type Columns<Row> = Readonly<Record<string, readonly [type: string, of: (row: Row) => unknown]>>;

/**
 * SQL: rows of ours as a table, to be selected from under the name `alias`. One array a column, so that the text is the
 * same however many they are.
 */
export function tableOf<Row>(alias: string, rows: readonly Row[], columns: Columns<Row>): Sql {
  const arrays = Object.values(columns).map(([type, of]) => sql`${rows.map(of)}::${sql.raw(type)}[]`);
  return sql`unnest(${sql.join(arrays)}) as ${sql.raw(`${alias}(${Object.keys(columns).join(', ')})`)}`;
}
