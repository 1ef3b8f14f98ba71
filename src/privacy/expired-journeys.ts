import type { Database } from '../database/database.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import { callTeam } from './expired-bodies.js';
import { ownArrivals, purgeSubject } from './purge.js';

/** Where a run has come to among the journeys that have ended, in the order of their ends. */
export interface EndedCursor {
  readonly at: Date;
  readonly subject: string;
}

export const ENDED_FIRST: EndedCursor = { at: new Date(0), subject: '' };

/** What ended before one moment goes; what can't be read has waited long enough if the team was called before the other. */
export interface EndedBefore {
  readonly now: Date;
  readonly ended: Date;
  readonly alarmed: Date;
}

export interface JourneysBatch {
  readonly expired: number;
  /** Webhooks in quarantine that the team was called about. */
  readonly alarmed: number;
  /** Null: there is no more. */
  readonly next: EndedCursor | null;
}

/** SQL: journeys that have ended before `at`, and of whom somebody may still be known. */
const endedBefore = (at: Date): Sql =>
  sql`s.closed_at is not null and (s.expired_at is null or s.expired_at < s.closed_at) and s.closed_at < ${at}::timestamptz`;

/** All that names somebody goes of the next journeys that ended long ago; but what nobody has seen calls the team first. */
export async function expireJourneys(
  database: Database,
  before: EndedBefore,
  { at, subject: after }: EndedCursor,
  limit: number,
): Promise<JourneysBatch> {
  const journeys = await database.query<{ subject: string; closed_at: Date }>(
    sql`select s.subject, s.closed_at from subjects s
      where ${endedBefore(before.ended)} and (s.closed_at, s.subject) > (${at}::timestamptz, ${after}::text)
      order by s.closed_at, s.subject limit ${limit}::int`,
  );
  let [expired, alarmed] = [0, 0];
  for (const { subject } of journeys) {
    const became = await expireJourney(database, subject, before);
    if (became.expired) expired += 1;
    alarmed += became.alarmed;
  }
  const last = journeys.at(-1);
  const next = last === undefined || journeys.length < limit ? null : { at: last.closed_at, subject: last.subject };
  return { expired, alarmed, next };
}

/** The same goes as when somebody is forgotten; but what comes later is kept again. */
async function expireJourney(
  database: Database,
  subject: string,
  before: EndedBefore,
): Promise<{ readonly expired: boolean; readonly alarmed: number }> {
  return await database.transaction(async (tx) => {
    const unseen = await tx.query<{ seq: number; pending: boolean; called: boolean }>(
      sql`select i.seq, i.verdict <> 'quarantined' as pending, a.at is not null as called
        from inbox i left join expiry_alarms a using (seq)
        where i.seq in (${ownArrivals(subject)}) and ${UNSEEN(before.alarmed)} order by i.seq`,
    );
    const uncalled = unseen.filter(({ pending, called }) => !pending && !called).map(({ seq }) => seq);
    if (uncalled.length > 0) await callTeam(tx, uncalled, before.now);
    if (unseen.length > 0) return { expired: false, alarmed: uncalled.length };
    const { outcome } = await purgeSubject(tx, subject, 'expired');
    if (outcome === 'being_sent') return { expired: false, alarmed: 0 };
    await tx.query(sql`update subjects set expired_at = ${before.now} where subject = ${subject}`);
    return { expired: true, alarmed: 0 };
  });
}

/**
 * SQL: whether a row of `inbox i` (with its `expiry_alarms a`) keeps its journey from going: it has not reached it, or it
 * can't be read and the team hasn't been called about it for long enough.
 */
const UNSEEN = (alarmed: Date): Sql =>
  sql`(exists (select from deliveries p where p.seq = i.seq and p.relayed_at is null)
    or i.verdict = 'quarantined' and i.body_state = 'kept' and (a.at is null or a.at > ${alarmed}::timestamptz))`;

/** How many ended before `at`; at most `limit` are counted. */
export async function countEnded(database: Queryable, at: Date, limit: number): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    sql`select count(*) as n from (select 1 from subjects s where ${endedBefore(at)} limit ${limit}::int) as ended`,
  );
  return row?.n ?? 0;
}

/** What keeps journeys although they ended long ago. */
export interface Held {
  readonly journeys: number;
  /** Webhooks that have not reached their journey. */
  readonly pending: number;
  /** Webhooks in quarantine that the team is to be called about, and those that it was called about lately. */
  readonly uncalled: number;
  readonly called: number;
}

/** `received`: webhooks from before then are counted with the bodies that are old, and not here; null: none are. */
export async function countHeld(
  database: Queryable,
  { ended, alarmed }: EndedBefore,
  received: Date | null,
): Promise<Held> {
  const [row] = await database.query<Held>(
    sql`with held as (
        select s.subject, i.seq, i.received_at, false as pending, a.at is not null as called
        from inbox i join deliveries d on d.seq = i.seq join subjects s on s.subject = d.subject
        left join expiry_alarms a on a.seq = i.seq
        where i.verdict = 'quarantined' and i.body_state = 'kept' and (a.at is null or a.at > ${alarmed}::timestamptz)
          and (s.subject like 'order:%' or not exists (
            select from deliveries o where o.seq = i.seq and o.subject like 'order:%'))
          and ${endedBefore(ended)}
        union all
        select s.subject, i.seq, i.received_at, true, false
        from deliveries d join inbox i on i.seq = d.seq join subjects s on s.subject = d.subject
        where d.relayed_at is null and ${endedBefore(ended)}),
      uncounted as (select * from held where ${received === null ? sql`true` : sql`received_at >= ${received}::timestamptz`})
      select (select count(distinct subject) from held) as journeys,
        count(distinct seq) filter (where pending) as pending,
        count(distinct seq) filter (where not pending and not called) as uncalled,
        count(distinct seq) filter (where called) as called
      from uncounted`,
  );
  return row ?? { journeys: 0, pending: 0, uncalled: 0, called: 0 };
}
