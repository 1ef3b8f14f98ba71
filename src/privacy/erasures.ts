import { sql, tableOf, type Queryable } from '../database/sql.js';
import { openAskedBy, sealAskedBy } from '../ledger/erased.js';
import type { Sealing } from '../sealing/sealing.js';
import type { Counts } from './purge.js';

/** What somebody asked to forget: a kit, an order, or all that is known under an address. */
export type Scope = 'kit' | 'order' | 'email';

/** A request to forget somebody, and how far it is. */
export interface Erasure {
  readonly id: string;
  readonly scope: Scope;
  /** Keyed hash of the subject or the address. */
  readonly about: Buffer;
  readonly askedAt: Date;
  /** Null while something still waits. */
  readonly doneAt: Date | null;
  readonly by: string | null;
  readonly subjects: readonly ErasedSubject[];
}

export interface ErasedSubject {
  readonly subject: string;
  /** Keyed hash of it, under the key of the time at which it was asked. */
  readonly hash: Buffer;
  readonly doneAt: Date | null;
  /** Null until it is done. */
  readonly counts: Counts | null;
}

export interface NewErasure extends Pick<Erasure, 'id' | 'scope' | 'about' | 'askedAt' | 'by'> {
  readonly subjects: readonly string[];
}

/** Writes the request; part of the transaction that sets the tombstones. */
export async function addErasure(tx: Queryable, sealing: Sealing, erasure: NewErasure): Promise<void> {
  const { id, scope, about, askedAt, by, subjects } = erasure;
  await tx.query(
    sql`insert into erasures (id, scope, about, asked_at, sealed)
      values (${id}, ${scope}, ${about}, ${askedAt}, ${sealAskedBy(sealing, id, by)})`,
  );
  const rows = tableOf('s', subjects, {
    subject: ['text', (subject) => subject],
    hash: ['bytea', (subject) => sealing.hash('subject', subject)],
  });
  await tx.query(sql`insert into erased_subjects (subject, erasure, hash) select subject, ${id}, hash from ${rows}`);
}

export async function readErasure(database: Queryable, sealing: Sealing, id: string): Promise<Erasure | null> {
  const [row] = await database.query<{
    scope: Scope;
    about: Buffer;
    asked_at: Date;
    done_at: Date | null;
    sealed: Buffer;
  }>(sql`select scope, about, asked_at, done_at, sealed from erasures where id = ${id}`);
  if (row === undefined) return null;
  const rows = await database.query<Omit<ErasedSubject, 'hash'> & { readonly hash: Buffer | null }>(
    sql`select subject, hash, done_at as "doneAt", counts from erased_subjects where erasure = ${id} order by subject`,
  );
  const subjects = rows.map((one) => ({ ...one, hash: one.hash ?? sealing.hash('subject', one.subject) }));
  const { scope, about, asked_at: askedAt, done_at: doneAt, sealed } = row;
  return { id, scope, about, askedAt, doneAt, by: openAskedBy(sealing, id, sealed), subjects };
}

/** The erasure that a subject was part of. */
export async function erasureOf(database: Queryable, subject: string): Promise<string | null> {
  const [row] = await database.query<{ erasure: string }>(
    sql`select erasure from erased_subjects where subject = ${subject}`,
  );
  return row?.erasure ?? null;
}

/** The latest erasure that was asked for under one of these keyed hashes. */
export async function latestAbout(database: Queryable, hashes: readonly Buffer[]): Promise<string | null> {
  const [row] = await database.query<{ id: string }>(
    sql`select id from erasures where about = any(${hashes}::bytea[]) order by asked_at desc limit 1`,
  );
  return row?.id ?? null;
}

/** Subjects whose tombstone stands, and of whom not all is gone yet. */
export async function openSubjects(database: Queryable, limit: number): Promise<string[]> {
  const rows = await database.query<{ subject: string }>(
    sql`select subject from erased_subjects where done_at is null order by subject limit ${limit}`,
  );
  return rows.map(({ subject }) => subject);
}

/** Takes it for this transaction alone; false where it is done, or another process is at it. */
export async function takeOpen(tx: Queryable, subject: string): Promise<boolean> {
  const rows = await tx.query(
    sql`select 1 from erased_subjects where subject = ${subject} and done_at is null for update skip locked`,
  );
  return rows.length > 0;
}

/** Writes that all of a subject is gone, and with the last one of a request that the request is done. */
export async function closeSubject(tx: Queryable, subject: string, counts: Counts, at: Date): Promise<void> {
  const [row] = await tx.query<{ erasure: string }>(
    sql`update erased_subjects set done_at = ${at}, counts = ${JSON.stringify(counts)}::jsonb where subject = ${subject}
      returning erasure`,
  );
  if (row === undefined) return;
  // Two that end the last two of a request at one moment would each see the other's as open: one waits for the other.
  await tx.query(sql`select 1 from erasures where id = ${row.erasure} for update`);
  await tx.query(
    sql`update erasures e set done_at = ${at} where id = ${row.erasure} and done_at is null
      and not exists (select from erased_subjects s where s.erasure = e.id and s.done_at is null)`,
  );
}
