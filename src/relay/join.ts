import type { Queryable } from '../database/sql.js';

/**
 * Joins orders and kits: every fact of an order goes to each kit that is linked to it, also those facts that came
 * before the link. No fact of a kit goes to an order.
 *
 * Work is what is not marked `joined`: a new link is joined with all facts of its order, a new fact with all links of
 * its order. Both are read and marked in one statement, hence in one snapshot: were a fact missed by the pass that
 * joined a link, it was committed after that pass began, so the pass that joins the fact sees the link. The order's
 * work is locked meanwhile, and a second relay passes by what the first has locked. Inserts are sorted, so that two
 * relays that add to the same kit wait for each other in one direction only.
 */
const JOIN = `
with new_links as materialized (
  select order_number, barcode from links where not joined
  order by order_number, barcode limit $1 for update skip locked),
new_facts as materialized (
  select subject, seq from deliveries where not joined
  order by subject, seq limit $1 for update skip locked),
implied as (
  select 'kit:' || l.barcode as subject, d.seq, d.priority, d.facts
  from new_links l join deliveries d on d.subject = 'order:' || l.order_number
  union
  select 'kit:' || l.barcode, d.seq, d.priority, d.facts
  from new_facts n join deliveries d using (subject, seq) join links l on l.order_number = substr(n.subject, 7)),
opened as (
  insert into subjects (subject) select distinct subject from implied order by subject on conflict do nothing),
reopened as (
  update subjects set closed_at = null where subject in (
    select s.subject from subjects s where s.subject in (select subject from implied) and s.closed_at is not null
    order by s.subject for update)),
added as (
  insert into deliveries (subject, seq, priority, facts)
  select subject, seq, priority, facts from implied order by subject, seq
  on conflict do nothing returning 1),
links_done as (
  update links t set joined = true from new_links n where t.order_number = n.order_number and t.barcode = n.barcode),
facts_done as (
  update deliveries t set joined = true from new_facts n where t.subject = n.subject and t.seq = n.seq)
select (select count(*) from new_links) + (select count(*) from new_facts) as worked, (select count(*) from added) as added`;

const AT_ONCE = 200;

/** @returns whether there was anything to join; then there may be more. */
export async function joinOrdersAndKits(database: Queryable): Promise<boolean> {
  const [row] = await database.query<{ worked: number }>(JOIN, [AT_ONCE]);
  return (row?.worked ?? 0) > 0;
}
