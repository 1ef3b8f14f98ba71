import type { Queryable } from '../database/sql.js';
import type { Fact } from '../domain/facts.js';
import type { Subject } from '../domain/subjects.js';
import { withFurther } from '../ledger/shipment-enrichment.js';

/** Everything pending for a subject that this relay has leased. */
export interface Pending {
  readonly subject: Subject;
  readonly facts: readonly Fact[];
  /** How many facts were delivered before these. */
  readonly before: number;
  /** It is to be started again, whether or not there is news. */
  readonly woken: boolean;
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
 * Leases the subjects whose turn it is: by priority, then by age. Only the head of what is pending is read, however
 * long it is. Subjects and never rows: two relays that shared a subject's rows would overtake each other.
 */
const LEASE = `
with head as (
  select d.subject, d.priority, d.seq from deliveries d
  where d.relayed_at is null and d.next_at <= now()
    and not exists (select from relay_leases l where l.subject = d.subject and l.until > now())
  order by d.priority, d.seq limit 4 * $1::int),
woken as (
  select s.subject, 3, 0 from subjects s
  where s.wake_at <= now()
    and not exists (select from relay_leases l where l.subject = s.subject and l.until > now())
  order by s.wake_at limit $1::int),
due as (
  select subject from (select * from head union all select * from woken) as h(subject, priority, seq)
  group by subject order by min(priority), min(seq) limit $1::int)
insert into relay_leases as r (subject, owner, until)
select subject, $2, now() + make_interval(secs => $3) from due order by subject
on conflict (subject) do update set owner = excluded.owner, until = excluded.until where r.until <= now()
returning subject`;

/** A statement of its own: its snapshot is younger than the lease, so it sees all that the former holder has marked. */
const GATHER = `
select s.subject, p.facts, coalesce(j.wake_at <= now(), false) as woken,
  (select count(*) from deliveries k where k.subject = s.subject and k.relayed_at is not null) as before
from unnest($1::text[]) as s(subject)
left join subjects j using (subject)
cross join lateral (
  select coalesce(jsonb_agg(x.facts || jsonb_build_object('seq', x.seq) order by x.seq), '[]') as facts,
    min(x.priority) as priority, min(x.seq) as first
  from (select d.* from deliveries d where d.subject = s.subject and d.relayed_at is null
    order by d.seq limit ${String(FACTS_PER_SIGNAL)}) x) p
order by p.priority nulls last, p.first`;

/** Marks what was delivered, puts off what failed by itself (up to a minute), and gives the leases back. */
const SETTLE = `
with delivered as (
  update deliveries d set relayed_at = now(), error_code = null
  from unnest($2::text[], $3::bigint[]) as x(subject, seq) where d.subject = x.subject and d.seq = x.seq),
put_off as (
  update deliveries d set attempts = d.attempts + 1, error_code = x.code,
    next_at = now() + make_interval(secs => least(60, power(2, least(d.attempts, 6))))
  from unnest($4::text[], $5::text[]) as x(subject, code) where d.subject = x.subject and d.relayed_at is null),
awake as (
  update subjects set wake_at = case when subject = any($4) then now() + interval '1 minute' end where subject in (
    select s.subject from subjects s where s.subject = any($6::text[]) and s.wake_at <= now() order by s.subject for update))
delete from relay_leases where owner = $1 and subject = any($7::text[])`;

/** @returns the subjects that are `owner`'s for the next minute. */
export async function leaseSubjects(database: Queryable, owner: string, count: number): Promise<Subject[]> {
  const rows = await database.query<{ subject: Subject }>(LEASE, [count, owner, LEASE_SECONDS]);
  return rows.map(({ subject }) => subject);
}

/** What is pending for leased subjects, the most pressing first. */
export async function gatherPending(database: Queryable, subjects: readonly Subject[]): Promise<Pending[]> {
  return await withFurther(database, await database.query<Pending>(GATHER, [subjects]));
}

/** Writes down what became of them; `untouched` are only given back. */
export async function settlePending(
  database: Queryable,
  owner: string,
  delivered: readonly Delivered[],
  untouched: readonly Subject[],
): Promise<void> {
  const done = delivered.filter(({ error }) => error === null).map(({ pending }) => pending);
  const failed = delivered.filter(({ error }) => error !== null);
  const facts = done.flatMap(({ subject, facts }) => facts.map(({ seq }) => ({ subject, seq })));
  await database.query(SETTLE, [
    owner,
    facts.map(({ subject }) => subject),
    facts.map(({ seq }) => seq),
    failed.map(({ pending }) => pending.subject),
    failed.map(({ error }) => error),
    delivered.filter(({ pending }) => pending.woken).map(({ pending }) => pending.subject),
    [...delivered.map(({ pending }) => pending.subject), ...untouched],
  ]);
}

/** Whether anything waits to be joined, delivered or woken, now or later. */
export async function isAnythingPending(database: Queryable): Promise<boolean> {
  const [row] = await database.query<{ pending: boolean }>(
    `select exists (select from deliveries where relayed_at is null) or exists (select from deliveries where not joined)
      or exists (select from links where not joined) or exists (select from subjects where wake_at is not null) as pending`,
  );
  return row?.pending ?? false;
}
