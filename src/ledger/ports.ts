import type { Queryable } from '../database/sql.js';

export type { Queryable };

/** What the ledger needs of the database. */
export interface LedgerDatabase extends Queryable {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}

export interface Place {
  readonly table: string;
  readonly column: string;
  readonly key: string | Buffer;
}

/** The room that knows keys, as the ledger sees it. */
export interface LedgerSealing {
  seal(plain: Buffer, place: Place): Buffer;
  open(sealed: Buffer, place: Place): Buffer;
  /** Under every index key, newest first. */
  hashes(purpose: 'email', value: string): Buffer[];
}
