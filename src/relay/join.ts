import { sql, type Queryable } from '../database/sql.js';
import { addDeliveries, markDeliveriesJoined, markLinksJoined } from '../ledger/deliveries.js';
import { addSubjects, reopenSubjects } from '../ledger/subjects.js';

/** How many links and how many facts are joined in one pass. */
const AT_ONCE = 200;

/**
 * Joins orders and kits: every fact of an order goes to each kit that is linked to it, also those facts that came
 * before the link. No fact of a kit goes to an order.
 *
 * Work is what is not marked `joined`: a new link is joined with all facts of its order, a new fact with all links of
 * its order. Both are read and marked in one statement, hence in one snapshot: were a fact missed by the pass that
 * joined a link, it was committed after that pass began, so the pass that joins the fact sees the link. The order's
 * work is locked meanwhile, and a second relay passes by what the first has locked. Inserts are sorted, so that two
 * relays that add to the same kit wait for each other in one direction only.
 * @returns whether there was anything to join; then there may be more.
 */
export async function joinOrdersAndKits(database: Queryable): Promise<boolean> {
  const [row] = await database.query<{ worked: number }>(sql`
    with new_links as materialized (
      select order_number, barcode from links where not joined
      order by order_number, barcode limit ${AT_ONCE} for update skip locked),
    new_facts as materialized (
      select subject, seq from deliveries where not joined
      order by subject, seq limit ${AT_ONCE} for update skip locked),
    implied as (
      select 'kit:' || l.barcode as subject, d.seq, d.priority, d.facts
      from new_links l join deliveries d on d.subject = 'order:' || l.order_number
      union
      select 'kit:' || l.barcode, d.seq, d.priority, d.facts
      from new_facts n join deliveries d using (subject, seq) join links l on l.order_number = substr(n.subject, 7)),
    opened as (${addSubjects(sql`implied`)}),
    reopened as (${reopenSubjects(sql`implied`)}),
    added as (${addDeliveries(sql`implied`)} on conflict do nothing),
    links_done as (${markLinksJoined(sql`new_links`)}),
    facts_done as (${markDeliveriesJoined(sql`new_facts`)})
    select (select count(*) from new_links) + (select count(*) from new_facts) as worked`);
  return (row?.worked ?? 0) > 0;
}
