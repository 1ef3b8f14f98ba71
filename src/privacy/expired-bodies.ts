import { sql, type Queryable, type Sql } from '../database/sql.js';
import { addAlerts, projectStaff } from '../ledger/alerts.js';
import { STAFF } from '../domain/subjects.js';
import { PRIORITY } from '../domain/events.js';

/** Where a run has come to, in the order of arrival. */
export interface Cursor {
  readonly at: Date;
  readonly seq: number;
}

export const START: Cursor = { at: new Date(0), seq: 0 };

/** What was received before one moment is old; what the team was called about before the other has waited long enough. */
export interface Before {
  readonly now: Date;
  readonly received: Date;
  readonly alarmed: Date;
}

export interface Batch {
  readonly expired: number;
  readonly alarmed: number;
  /** Null: there is no more. */
  readonly next: Cursor | null;
}

/** So many at a time, so that no commit waits long behind it. */
const AT_ONCE = 200;

/**
 * SQL: the next arrivals whose body is old, as parts `head` and `judged` of a statement, and the fate of each: `pending`
 * has not reached its journey, and stays; `alarms` can't be read, and the team is to be called before it goes; `alarmed`
 * was called about lately; `open` has a journey that goes on; the rest `expires`. A subselect with a limit is made for each
 * of them; an `exists` may be answered by reading all deliveries and all subjects first.
 */
export const judgedFrom = ({ received, alarmed }: Before, { at, seq }: Cursor, limit: number): Sql => sql`
    head as materialized (
      select i.seq, i.dedup, i.verdict, i.received_at from inbox i
      where i.body_state = 'kept' and i.received_at < ${received} and (i.received_at, i.seq) > (${at}::timestamptz, ${seq}::bigint)
      order by i.received_at, i.seq limit ${limit}),
    judged as materialized (
      select h.*, case
        when (select true from deliveries d where d.seq = h.seq and d.relayed_at is null limit 1) then 'pending'
        when h.verdict = 'quarantined' and a.at is null then 'alarms'
        when h.verdict = 'quarantined' and a.at > ${alarmed}::timestamptz then 'alarmed'
        when (select true from deliveries d left join subjects s using (subject)
          where d.seq = h.seq and d.subject <> ${STAFF}::text and s.closed_at is null limit 1) then 'open'
        else 'expires' end as fate
      from head h left join expiry_alarms a using (seq))`;

/** Deletes what expires of the next arrivals, and calls the team about what it can't have read. Facts and dedup keys stay. */
export async function expireBatch(database: Queryable, before: Before, cursor: Cursor): Promise<Batch> {
  const rows = await database.query<{ received_at: Date; seq: number; fate: string }>(sql`
    with ${judgedFrom(before, cursor, AT_ONCE)},
    locked as materialized (
      select i.dedup from inbox i where i.dedup in (select dedup from judged where fate = 'expires')
      order by i.dedup for update),
    gone as (delete from inbox_bodies b using locked l where b.dedup = l.dedup),
    marked as (update inbox i set body_state = 'expired' from locked l where i.dedup = l.dedup and i.body_state = 'kept')
    select received_at, seq, fate from judged order by received_at, seq`);
  const unread = rows.filter(({ fate }) => fate === 'alarms').map(({ seq }) => seq);
  if (unread.length > 0) await callTeam(database, unread, before.now);
  const last = rows.at(-1);
  return {
    expired: rows.filter(({ fate }) => fate === 'expires').length,
    alarmed: unread.length,
    next: last === undefined || rows.length < AT_ONCE ? null : { at: last.received_at, seq: last.seq },
  };
}

/**
 * What can't be read and is about to go is shown to the team as what may be about results is when it comes: attention on
 * `staff`, and an email. One statement: the alarm that starts the week is never without the call.
 */
export async function callTeam(database: Queryable, seqs: readonly number[], now: Date): Promise<void> {
  await database.query(sql`
    with unread as (
      insert into expiry_alarms (seq, at) select seq, ${now}::timestamptz from unnest(${seqs}::bigint[]) as t(seq) order by seq
      on conflict do nothing returning seq),
    named as materialized (
      select i.seq, coalesce(i.external_id, 'body:' || encode(i.body_mac, 'hex')) as id, i.received_at, ${now}::timestamptz as at
      from unread join inbox i using (seq)),
    opened as (insert into subjects (subject) values (${STAFF}::text) on conflict do nothing),
    told as (
      insert into deliveries (subject, seq, priority, facts)
      select ${STAFF}::text, seq, ${PRIORITY.news}::smallint, jsonb_build_object('event', 'webhook.unreadable', 'cause', id,
        'receivedAt', floor(extract(epoch from received_at) * 1000), 'at', floor(extract(epoch from received_at) * 1000),
        'unreadable', '{"event": null, "aboutResults": false}'::jsonb)
      from named order by seq
      on conflict (subject, seq) do update set relayed_at = null, attempts = 0, next_at = now(), error_code = null)
    ${addAlerts(sql`named`)}`);
  await database.query(projectStaff);
}
