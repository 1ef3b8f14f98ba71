/** Something SQL can be sent to: the database, or one transaction in it. */
export interface Queryable {
  /**
   * Runs one statement with `$1`-style parameters; values as `values.ts` says. Rejects with the driver's error, whose
   * SQLSTATE `sqlStateOf` reads.
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

/** The five characters by which PostgreSQL names an error (`23505`); null when it isn't one of its errors. */
export function sqlStateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}
