/** Something SQL can be sent to: the database, or one transaction in it. */
export interface Queryable {
  /**
   * Runs one statement with `$1`-style parameters; values as `values.ts` says. Rejects with an
   * `SqlError`, or with the connection's error.
   */
  query<T extends object = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<T[]>;
}

/** One session of a database, held by one user at a time. */
export interface Session extends Queryable {
  /** Like `query`, and tells how many rows were touched where nothing is returned. */
  run(sql: string, params?: readonly unknown[]): Promise<{ rows: object[]; affected: number }>;
  /** Gives it back; `broken` when it may be left inside a transaction. */
  release(broken?: boolean): void;
}

/** Where sessions come from: PGlite has one for all, a pool has several. */
export interface Sessions {
  acquire(): Promise<Session>;
  close(): Promise<void>;
}
