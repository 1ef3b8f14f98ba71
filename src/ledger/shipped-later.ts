import type { FactBody } from '../domain/facts.js';
import { shippedAt, shippedLaterThan } from '../domain/shipments.js';
import { nameOf } from '../domain/subjects.js';
import { sql, type Queryable } from '../database/sql.js';

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
  const kits = rows.map(({ subject, facts }) => ({ name: nameOf(subject), facts }));
  return shippedLaterThan(barcode, new Map(kits.map(({ name, facts }) => [name, shippedAt(name, facts)])));
}
