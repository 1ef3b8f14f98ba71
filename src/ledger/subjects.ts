import type { Attention, SubjectProjection } from '../domain/activities.js';
import { attentionSentence, type AttentionCode } from '../domain/attention.js';
import type { OperatorEvent } from '../domain/events.js';
import type { Failure } from '../domain/facts.js';
import type { Kind } from '../domain/kinds.js';
import { sql, tableOf, type Queryable, type Sql } from '../database/sql.js';

/** One line of the list of subjects. */
export interface SubjectSummary {
  readonly subject: string;
  readonly state: string;
  /** Why the sample gave no results; null where the partner didn't say so. */
  readonly because: Failure | null;
  /** The gravest of `attention`. */
  readonly needsAttention: { readonly code: AttentionCode; readonly sentence: string } | null;
  readonly attention: readonly AttentionAnswer[];
  readonly next: { readonly what: string; readonly at: string } | null;
  readonly closedAt: string | null;
}

/** What a human is asked to look at. */
export interface AttentionAnswer {
  readonly code: AttentionCode;
  /** Which email it is about; null: none, or all. */
  readonly kind: Kind | null;
  /** ISO 8601 in UTC */
  readonly since: string;
  /** What is wrong and what to do. */
  readonly sentence: string;
}

export interface SubjectRow {
  readonly subject: string;
  readonly state: string;
  readonly because: Failure | null;
  readonly attention: readonly Attention[];
  readonly next_what: string | null;
  readonly next_at: Date | null;
  readonly closed_at: Date | null;
  readonly erased: boolean;
}

/** SQL: the columns of a `SubjectRow`, of `subjects s`. */
export const COLUMNS = sql`s.subject, s.state, s.because, s.attention, s.next_what, s.next_at, s.closed_at,
  s.erased_at is not null as erased`;

export function summaryOf(row: SubjectRow): SubjectSummary {
  const attention = row.attention.map(({ code, kind, since }) => ({
    code,
    kind: kind ?? null,
    since: new Date(since).toISOString(),
    sentence: attentionSentence(code, kind),
  }));
  const [gravest] = attention;
  return {
    subject: row.subject,
    state: row.state,
    because: row.because,
    needsAttention: gravest === undefined ? null : { code: gravest.code, sentence: gravest.sentence },
    attention,
    next:
      row.next_what === null || row.next_at === null ? null : { what: row.next_what, at: row.next_at.toISOString() },
    closedAt: row.closed_at?.toISOString() ?? null,
  };
}

/** A subject's summary, and whether it was forgotten on request; null where nothing is known. */
export async function oneSubject(
  database: Queryable,
  subject: string,
): Promise<(SubjectSummary & { readonly erased: boolean }) | null> {
  const [row] = await database.query<SubjectRow>(sql`select ${COLUMNS} from subjects s where s.subject = ${subject}`);
  return row === undefined ? null : { ...summaryOf(row), erased: row.erased };
}

/** Whether an operator's command (its event) about this subject has not reached the journey yet. */
export async function isUnderWay(database: Queryable, subject: string, event: OperatorEvent): Promise<boolean> {
  const rows = await database.query(
    sql`select from deliveries
      where subject = ${subject} and relayed_at is null and facts ->> 'event' = ${event} limit 1`,
  );
  return rows.length > 0;
}

/**
 * SQL: the subjects whose notifications and contacts concern `subject` (an expression of type text), as an array: itself,
 * and for a kit the orders that it belongs to. To be used with `= any…`, which an index serves; an `or` around a
 * subquery would read the whole table.
 */
export const concerned = (subject: Sql): Sql =>
  sql`(${subject} || array(select 'order:' || l.order_number from links l
    where ${subject} like 'kit:%' and l.barcode = substr(${subject}, 5)))`;

/**
 * SQL that writes what `told` answers about a subject, as one part of a statement: once for each row of `from`.
 * Activities overtake one another, so a projection is dropped when a newer one (by workflow time) stands there.
 * `at`: the projection's time where it doesn't say so itself (ms).
 */
export function upsertProjection(
  subject: string | null,
  projection: SubjectProjection | null,
  at: number,
  from: Sql,
): Sql {
  const seen = new Date(projection?.at ?? at);
  const next = projection?.next ?? null;
  return sql`insert into subjects as s
      (subject, state, state_since, attention, because, next_what, next_at, closed_at, projected_at)
    select ${subject}::text, ${projection?.state ?? null}::text, ${seen}::timestamptz, ${JSON.stringify(projection?.attention ?? [])}::jsonb,
      ${projection?.because ?? null}::text, ${next?.what ?? null}::text,
      ${next === null ? null : new Date(next.at)}::timestamptz,
      ${projection?.closed === true ? seen : null}::timestamptz, ${seen}::timestamptz ${from}
    on conflict (subject) do update set
      state = excluded.state,
      state_since = case when s.state = excluded.state then s.state_since else excluded.state_since end,
      attention = excluded.attention, because = excluded.because,
      next_what = excluded.next_what, next_at = excluded.next_at, projected_at = excluded.projected_at,
      closed_at = case when excluded.closed_at is not null then coalesce(s.closed_at, excluded.closed_at) end
    where s.projected_at is null or s.projected_at <= excluded.projected_at`;
}

/**
 * SQL that adds the subjects in the column `subject` of `from`, as one part of a statement. `indexKey`: the id of the key
 * under which the hashes in their facts are made (an expression of type text).
 */
export const addSubjects = (from: Sql, indexKey: Sql): Sql =>
  sql`insert into subjects (subject, index_key)
    select subject, min(index_key) from (select subject, ${indexKey} as index_key from ${from}) as named
    group by subject order by subject on conflict do nothing`;

/** SQL that opens those of them again whose journey had ended: there is news. */
export const reopenSubjects = (from: Sql): Sql =>
  sql`update subjects set closed_at = null where subject in (
    select s.subject from subjects s where s.subject in (select subject from ${from}) and s.closed_at is not null
    order by s.subject for no key update)`;

/** That a journey is to be started again, and since when: as the database writes it, to the microsecond. */
interface Wake {
  readonly subject: string;
  readonly wokenAt: string;
}

/**
 * SQL that takes back that these journeys were to be started again; of those that `failed`, for a minute. What woke one
 * meanwhile stands: Temporal's store may have been lost once more, with the run that was just started. They are looked up
 * by name and then compared: after a lost store thousands are to be woken since the same moment.
 */
export const settleWakes = (woken: readonly Wake[], failed: readonly string[]): Sql =>
  sql`update subjects set wake_at = case when subject = any(${failed}::text[]) then now() + interval '1 minute' end
    where subject = any(array(
      select s.subject from (
        select subject, wake_at from subjects where subject = any(${woken.map(({ subject }) => subject)}::text[])
        order by subject for no key update) s
      join ${tableOf('w', woken, {
        subject: ['text', ({ subject }) => subject],
        woken_at: ['text', ({ wokenAt }) => wokenAt],
      })} on w.subject = s.subject and w.woken_at::timestamptz = s.wake_at))`;

/** Asks for these journeys to be started again, whether or not there is news. What was erased is left alone. */
export async function wakeSubjects(database: Queryable, subjects: readonly string[]): Promise<void> {
  await database.query(
    sql`update subjects set wake_at = now() where subject = any(${subjects.toSorted()}::text[]) and erased_at is null`,
  );
}

/** So many take a fraction of the time that a statement has. */
const WOKEN_AT_ONCE = 2_000;

/**
 * The same for every journey that has begun and not ended (if it runs after all, it is only signalled). One that a relay
 * has leased may just have begun in the store that was lost, though nothing is marked as delivered yet. The relay starts
 * them, a round at a time; a crash in between forgets none. A statement for some at a time: one for a million would meet
 * its time limit each time, and none would ever be woken.
 * @returns how many.
 */
export async function wakeOpenSubjects(database: Queryable, atOnce = WOKEN_AT_ONCE): Promise<number> {
  let woken = 0;
  for (let after = ''; ;) {
    const [page] = await database.query<{ count: number; last: string | null }>(
      sql`with woken as (
          update subjects s set wake_at = now() where s.subject = any(array(
            select o.subject from subjects o where o.closed_at is null and o.subject > ${after}
              and (exists (select from relay_leases l where l.subject = o.subject)
                or ((o.wake_at is null or o.wake_at > now())
                  and (select true from deliveries d where d.subject = o.subject and d.relayed_at is not null limit 1)))
            order by o.subject limit ${atOnce}::int for no key update))
          returning s.subject)
        select count(*) as count, max(subject) as last from woken`,
    );
    woken += page?.count ?? 0;
    if (page?.last == null || page.count < atOnce) return woken;
    after = page.last;
  }
}
