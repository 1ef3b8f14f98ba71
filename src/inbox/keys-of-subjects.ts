import { sql, type Queryable } from '../database/sql.js';
import type { Arrival, KeyedHash, Routed } from '../domain/arrivals.js';
import type { Sealing } from '../sealing/sealing.js';

/**
 * These arrivals with the hashes in their facts made under the key of each subject: the one under which its first facts
 * were hashed. A journey compares names, addresses and summaries of results by nothing but their hashes, for months; so a
 * journey that began under a former index key goes on under it, or the same patient would look like another one and the
 * same results like corrected ones. A kit that is new takes the key of an order that it is known to belong to.
 *
 * Asks the database only while several index keys are configured.
 */
export async function underKeysOfSubjects(
  arrivals: readonly Arrival[],
  database: Queryable,
  sealing: Sealing,
): Promise<readonly Arrival[]> {
  const [newest, ...former] = sealing.keyIds.index;
  if (newest === undefined || former.length === 0) return arrivals;
  const subjects = [...new Set(arrivals.flatMap(({ routed }) => routed.map(({ subject }) => subject)))];
  const keys = await keysOf(database, subjects, former.at(-1) ?? newest);

  const rehashed = ({ routedUnder }: Arrival, one: Routed, place: number): Routed => {
    const indexKey = keys.get(one.subject) ?? newest;
    const hash = sealing.hashUnder(indexKey);
    if (indexKey === newest || hash === null) return { ...one, indexKey: newest };
    // What names bytes isn't compared with former facts: `told` and the inbox know it by its newest name.
    const comparing: KeyedHash = (purpose, value) => (purpose === 'body' ? sealing.hash : hash)(purpose, value);
    return { ...(routedUnder?.(comparing)[place] ?? one), indexKey };
  };
  return arrivals.map((arrival) => ({
    ...arrival,
    routed: arrival.routed.map((one, place) => rehashed(arrival, one, place)),
  }));
}

/** @param oldest for those that were there before keys were noted. */
async function keysOf(
  database: Queryable,
  subjects: readonly string[],
  oldest: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ subject: string; key: string }>(
    sql`select a.subject, coalesce(s.index_key, o.index_key, ${oldest}) as key
      from unnest(${subjects}::text[]) as a(subject)
      left join subjects s on s.subject = a.subject
      left join lateral (
        select coalesce(k.index_key, ${oldest}) as index_key from links l
        join subjects k on k.subject = 'order:' || l.order_number
        where s.subject is null and a.subject like 'kit:%' and l.barcode = substr(a.subject, 5)
        order by l.order_number limit 1) o on true
      where s.subject is not null or o.index_key is not null`,
  );
  return new Map(rows.map(({ subject, key }) => [subject, key]));
}
