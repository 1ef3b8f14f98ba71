import type { Database } from '../database/database.js';
import { type Queryable, sql, type Sql } from '../database/sql.js';
import {
  addDeliveries,
  enrichShipments,
  markDeliveriesJoined,
  markLinksJoined,
  markRelayed,
  putOff,
  withoutPerson,
} from '../ledger/deliveries.js';
import type { HandedFact, Recipients } from '../ledger/recipients.js';
import { addSubjects, reopenSubjects, settleWakes } from '../ledger/subjects.js';
import { PRIORITY } from '../domain/events.js';
import type { Fact } from '../domain/facts.js';
import type { Subject } from '../domain/subjects.js';
import { stoppedOwners } from '../ledger/heartbeat.js';

/** How many links and how many facts are joined in one pass. */
const JOINED_AT_ONCE = 200;

/**
 * Joins orders and kits: every fact of an order goes to each kit that is linked to it, also those facts that came
 * before the link. No fact of a kit goes to an order.
 * @returns whether there was anything to join; then there may be more.
 */
export async function joinOrdersAndKits(database: Database, recipients: Recipients): Promise<boolean> {
  if (!recipients.mayDiffer) return (await join(database)).worked > 0;
  return await database.transaction(async (tx) => {
    const { worked, named } = await join(tx);
    await recipients.rehash(tx, named);
    return worked > 0;
  });
}

/**
 * Work is what is not marked `joined`: a new link is joined with all facts of its order, a new fact with all links of
 * its order. Both are read and marked in one statement, hence in one snapshot: were a fact missed by the pass that
 * joined a link, it was committed after that pass began, so the pass that joins the fact sees the link. The order's
 * work is locked meanwhile, and a second relay passes by what the first has locked. Inserts are sorted, so that two
 * relays that add to the same kit wait for each other in one direction only.
 *
 * An order's tombstone is read under a lock that whoever erases waits for, as in src/inbox/insert.ts: its recipient's
 * trace would otherwise come to a kit just when it was erased there.
 * @returns how much there was to join, and the facts that name an order's recipient.
 */
async function join(database: Queryable): Promise<{ readonly worked: number; readonly named: readonly HandedFact[] }> {
  const [row] = await database.query<{ worked: number; named: readonly HandedFact[] }>(sql`
    with new_links as materialized (
      select order_number, barcode from links where not joined
      order by order_number, barcode limit ${JOINED_AT_ONCE} for update skip locked),
    new_facts as materialized (
      select subject, seq from deliveries where not joined
      order by subject, seq limit ${JOINED_AT_ONCE} for update skip locked),
    implied as materialized (
      select 'kit:' || l.barcode as subject, d.seq, d.priority, d.facts, d.subject as origin
      from new_links l join deliveries d on d.subject = 'order:' || l.order_number
      union
      select 'kit:' || l.barcode, d.seq, d.priority, d.facts, d.subject
      from new_facts n join deliveries d using (subject, seq) join links l on l.order_number = substr(n.subject, 7)),
    origins as materialized (
      select s.subject, s.index_key, s.erased_at is not null as erased from subjects s
      where s.subject = any(array(select origin from implied)) order by s.subject for key share),
    handed as (
      select i.subject, i.seq, i.priority, i.origin,
        case when s.erased then ${withoutPerson(sql`i.facts`)} else i.facts end as facts
      from implied i left join origins s on s.subject = i.origin),
    opened as (${addSubjects(sql`handed`, sql`(select s.index_key from origins s where s.subject = handed.origin)`)}),
    reopened as (${reopenSubjects(sql`handed`)}),
    added as (${addDeliveries(sql`handed`)} on conflict do nothing),
    links_done as (${markLinksJoined(sql`new_links`)}),
    facts_done as (${markDeliveriesJoined(sql`new_facts`)})
    select (select count(*) from new_links) + (select count(*) from new_facts) as worked,
      (select coalesce(jsonb_agg(jsonb_build_object('kit', subject, 'order', origin, 'seq', seq)), '[]')
        from handed where facts -> 'person' is not null) as named`);
  return row ?? { worked: 0, named: [] };
}

/** Everything pending for a subject that this relay has leased. */
export interface Pending {
  readonly subject: Subject;
  readonly facts: readonly Fact[];
  /** How many facts were delivered before these. */
  readonly before: number;
  /** Since when it is to be started again, whether or not there is news (as the database writes it); null: it isn't. */
  readonly wokenAt: string | null;
}

export interface Delivered {
  readonly pending: Pending;
  /** Why it was not; null when it was. */
  readonly error: string | null;
}

/** A signal carries at most so many facts; the rest goes in the next. */
const FACTS_PER_SIGNAL = 100;
/** Longer than a round takes at worst: it stops signalling well before. */
export const LEASE_SECONDS = 60;

/**
 * SQL: whether another relay holds the lease under this alias: it hasn't ended, and its process hasn't stopped beating. A
 * relay has one round at a time, so what is its own when it leases is left from a round that the database broke off.
 */
const isHeldByAnother = (alias: Sql, owner: string): Sql =>
  sql`(${alias}.until > now() and ${alias}.owner <> ${owner} and ${alias}.owner <> all(${stoppedOwners}))`;

/**
 * SQL: an array of the subjects that other relays hold, read once a statement; there are few. Joined, what is pending
 * would be read to its end and sorted.
 */
const heldByOthers = (owner: string): Sql =>
  sql`array(select l.subject from relay_leases l where ${isHeldByAnother(sql`l`, owner)})`;

/**
 * Leases the subjects whose turn it is: by priority, then by age. Only the head of what is pending is read, however
 * long it is. Subjects and never rows: two relays that shared a subject's rows would overtake each other.
 * @returns the subjects that are `owner`'s for the next minute, or until its process has stopped beating.
 */
export async function leaseSubjects(database: Queryable, owner: string, count: number): Promise<Subject[]> {
  const rows = await database.query<{ subject: Subject }>(sql`
    with head as (
      select d.subject, d.priority, d.seq from deliveries d
      where d.relayed_at is null and d.next_at <= now() and d.subject <> all(${heldByOthers(owner)})
      order by d.priority, d.seq limit ${4 * count}::int),
    woken as (
      select s.subject, ${PRIORITY.news}::smallint, 0::bigint from subjects s
      where s.wake_at <= now() and s.subject <> all(${heldByOthers(owner)})
      order by s.wake_at limit ${count}::int),
    due as (
      select subject from (select * from head union all select * from woken) as h(subject, priority, seq)
      group by subject order by min(priority), min(seq) limit ${count}::int)
    insert into relay_leases as r (subject, owner, until)
    select subject, ${owner}, now() + make_interval(secs => ${LEASE_SECONDS}) from due order by subject
    on conflict (subject) do update set owner = excluded.owner, until = excluded.until
      where not ${isHeldByAnother(sql`r`, owner)}
    returning subject`);
  return rows.map(({ subject }) => subject);
}

/**
 * What is pending for leased subjects, the most pressing first. A statement of its own: its snapshot is younger than
 * the lease, so it sees all that the former holder has marked.
 *
 * All deliveries of a subject are read (`offset 0` keeps the condition out of that): they are few. The index of what is
 * pending holds nothing most of the time, so the planner takes it for empty, and would read the whole backlog in it for
 * each subject.
 */
export async function gatherPending(database: Queryable, subjects: readonly Subject[]): Promise<Pending[]> {
  const pending = await database.query<Pending>(sql`
    select s.subject, p.facts, case when j.wake_at <= now() then j.wake_at::text end as "wokenAt",
      (select count(*) from deliveries k where k.subject = s.subject and k.relayed_at is not null) as before
    from unnest(${subjects}::text[]) as s(subject)
    left join subjects j using (subject)
    cross join lateral (
      select coalesce(jsonb_agg(x.facts || jsonb_build_object('seq', x.seq) order by x.seq), '[]') as facts,
        min(x.priority) as priority, min(x.seq) as first
      from (select d.* from (select * from deliveries where subject = s.subject order by seq offset 0) d
        where d.relayed_at is null order by d.seq limit ${FACTS_PER_SIGNAL}) x) p
    order by p.priority nulls last, p.first`);
  return await enrichShipments(database, pending);
}

/**
 * Writes down what became of them: marks what was delivered, puts off what failed by itself, and gives the leases back.
 * `untouched` are only given back.
 */
export async function settlePending(
  database: Queryable,
  owner: string,
  delivered: readonly Delivered[],
  untouched: readonly Subject[],
): Promise<void> {
  const done = delivered.filter(({ error }) => error === null).map(({ pending }) => pending);
  const failed = delivered
    .filter(({ error }) => error !== null)
    .map(({ pending, error }) => ({ subject: pending.subject, code: error }));
  const relayed = done.flatMap(({ subject, facts }) => facts.map(({ seq }) => ({ subject, seq })));
  const woken = delivered.flatMap(({ pending: { subject, wokenAt } }) =>
    wokenAt === null ? [] : { subject, wokenAt },
  );
  const leased = [...delivered.map(({ pending }) => pending.subject), ...untouched];
  await database.query(sql`
    with delivered as (${markRelayed(relayed)}),
    put_off as (${putOff(failed)}),
    awake as (${settleWakes(
      woken,
      failed.map(({ subject }) => subject),
    )})
    delete from relay_leases where owner = ${owner} and subject = any(${leased}::text[])`);
}

/** Whether anything waits to be joined, delivered or woken, now or later. */
export async function isAnythingPending(database: Queryable): Promise<boolean> {
  const [row] = await database.query<{ pending: boolean }>(sql`
    select exists (select from deliveries where relayed_at is null)
      or exists (select from deliveries where not joined)
      or exists (select from links where not joined)
      or exists (select from subjects where wake_at is not null) as pending`);
  return row?.pending ?? false;
}
