import { eventsThatShow } from '../domain/events.js';
import type { FactBody } from '../domain/facts.js';
import { kitSubject, nameOf } from '../domain/subjects.js';
import { sql, type Queryable } from '../database/sql.js';

const SHIPPED = eventsThatShow('shipped');

/** The kits of these orders that were shipped later than this one, by their shipments' own times: the earliest first. */
export async function shippedLater(
  database: Queryable,
  barcode: string,
  orders: readonly string[],
): Promise<readonly string[]> {
  const rows = await database.query<{ subject: string; facts: readonly FactBody[] }>(
    sql`select d.subject, jsonb_agg(d.facts) as facts from deliveries d
      where d.subject in (select 'kit:' || l.barcode from links l where l.order_number = any(${orders}::text[]))
      group by d.subject order by d.subject`,
  );
  const times = new Map(rows.map(({ subject, facts }) => [nameOf(subject), shippedAt(subject, facts)]));
  const own = times.get(barcode) ?? null;
  if (own === null) return [];
  return [...times]
    .flatMap(([name, at]) => (at !== null && at > own ? [{ name, at }] : []))
    .sort((one, other) => one.at - other.at)
    .map(({ name }) => name);
}

/** When a kit was shipped first (ms); null where nothing says so with a time of its own. */
function shippedAt(subject: string, facts: readonly FactBody[]): number | null {
  const times = facts.flatMap(({ event, at, receivedAt, barcodes = [], learned = [] }) => {
    if (event === 'order.shipped') return barcodes.some((barcode) => kitSubject(barcode) === subject) ? [at] : [];
    // An answer about an order doesn't say in which of its parcels a kit was; what it gives no time has the answer's own.
    return learned.flatMap((one) =>
      one.event !== 'order.shipped' && SHIPPED.includes(one.event) && one.at !== receivedAt ? [one.at] : [],
    );
  });
  return times.length === 0 ? null : Math.min(...times);
}
