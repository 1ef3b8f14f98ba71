import { sql, tableOf, type Queryable } from '../database/sql.js';
import type { Arrival, KeyedHash, Routed } from '../domain/arrivals.js';
import type { Sealing } from '../sealing/sealing.js';

/**
 * These arrivals with the hashes in their facts made under the key of each subject: the one under which its first facts
 * were hashed. A journey compares names, addresses and summaries of results by nothing but their hashes, for months; so a
 * journey that began under a former index key goes on under it, or the same patient would look like another one and the
 * same results like corrected ones. A kit that is new takes the key of an order that it belongs to, and an order that is new
 * that of one of its kits, as far as that is known or just said: a kit's patient is compared with its order's recipient.
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
  const links = arrivals.flatMap((arrival) => arrival.links);
  const keys = await keysOf(database, subjects, links, former.at(-1) ?? newest);

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
  links: Arrival['links'],
  oldest: string,
): Promise<ReadonlyMap<string, string>> {
  const said = tableOf('n', links, {
    order_number: ['text', ({ order }) => order],
    barcode: ['text', ({ barcode }) => barcode],
  });
  const rows = await database.query<{ subject: string; key: string }>(
    sql`with asked as (select * from unnest(${subjects}::text[]) as a(subject)),
      near as (
        select a.subject, 'order:' || l.order_number as other from asked a
        join links l on a.subject like 'kit:%' and l.barcode = substr(a.subject, 5)
        union all select a.subject, 'kit:' || l.barcode from asked a
        join links l on a.subject like 'order:%' and l.order_number = substr(a.subject, 7)
        union all select 'kit:' || barcode, 'order:' || order_number from ${said}
        union all select 'order:' || order_number, 'kit:' || barcode from ${said}),
      -- By an array: joined, subjects may be read whole.
      known as materialized (
        select s.subject, coalesce(s.index_key, ${oldest}) as index_key from subjects s
        where s.subject = any(array(select other from near union all select subject from asked)))
      select a.subject, coalesce(s.index_key, o.index_key) as key
      from asked a
      left join known s on s.subject = a.subject
      left join lateral (
        select k.index_key from near join known k on k.subject = near.other
        where s.subject is null and near.subject = a.subject
        order by near.other limit 1) o on true
      where s.subject is not null or o.index_key is not null`,
  );
  return new Map(rows.map(({ subject, key }) => [subject, key]));
}
