import { sql, type Queryable } from '../database/sql.js';
import type { SealedLocation, Sealing } from '../sealing/sealing.js';

/** That a subject's patient was forgotten on request. */
export interface ErasedAnswer {
  /** ISO 8601 in UTC: from then on nothing new was kept of them, and nothing sent. */
  readonly at: string;
  /** Who asked for it; null where that isn't known. */
  readonly by: string | null;
  /** ISO 8601 in UTC: when all of it was gone. Null while an email that was leaving at that moment is waited for. */
  readonly doneAt: string | null;
}

/** Where it is sealed who asked for an erasure. */
export const askedByLocation = (id: string): SealedLocation => ({ table: 'erasures', column: 'sealed', key: [id] });

/** What a row of `erasures` keeps sealed. */
export const sealAskedBy = (sealing: Sealing, id: string, by: string | null): Buffer =>
  sealing.seal(Buffer.from(JSON.stringify({ by }), 'utf8'), askedByLocation(id));

export const openAskedBy = (sealing: Sealing, id: string, sealed: Buffer): string | null =>
  (JSON.parse(sealing.open(sealed, askedByLocation(id)).toString('utf8')) as Pick<ErasedAnswer, 'by'>).by;

/** Null where nobody was forgotten. */
export async function erasedAbout(
  database: Queryable,
  sealing: Sealing,
  subject: string,
): Promise<ErasedAnswer | null> {
  const [row] = await database.query<{ at: Date; id: string | null; sealed: Buffer | null; done: Date | null }>(
    sql`select s.erased_at as at, e.id, e.sealed, o.done_at as done
      from subjects s left join erased_subjects o using (subject) left join erasures e on e.id = o.erasure
      where s.subject = ${subject} and s.erased_at is not null`,
  );
  if (row === undefined) return null;
  const { at, id, sealed, done } = row;
  const by = id === null || sealed === null ? null : openAskedBy(sealing, id, sealed);
  return { at: at.toISOString(), by, doneAt: done?.toISOString() ?? null };
}
