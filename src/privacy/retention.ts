import { createMeta } from '../database/meta.js';
import type { Database } from '../database/database.js';
import { sql, type Queryable } from '../database/sql.js';
import { DAY } from '../domain/durations.js';
import { expireBatch, judgedFrom, START, type Before, type Cursor } from './expired-bodies.js';
import { purgeSubject } from './purge.js';

export interface RetentionOptions {
  readonly database: Database;
  /** ms after which bodies go (RETENTION_BODIES), and all that names somebody (RETENTION_LEDGER); null: never. */
  readonly bodies: number | null;
  readonly ledger: number | null;
  /** ms since the epoch */
  readonly clock?: () => number;
}

/** What one run has done. */
export interface Retained {
  /** Bodies of webhooks, answers, reports and commands. */
  readonly bodies: number;
  /** Journeys that ended so long ago that all that names somebody is gone. */
  readonly journeys: number;
  /** Webhooks in quarantine that the team was called about, because they are about to expire unread. */
  readonly alarmed: number;
}

/** What the next run would do, and what is kept although it is old enough. */
export interface RetentionDue extends Retained {
  /** Bodies whose journey has not ended. */
  readonly heldByJourney: number;
  /** Webhooks that have not reached their journey: they never expire. */
  readonly heldPending: number;
  /** Webhooks in quarantine that the team was called about less than a week ago. */
  readonly heldQuarantined: number;
  /** There is more than was counted. */
  readonly more: boolean;
}

/** ISO 8601 in UTC: when the last run ended. */
export type LastRun = Retained & { readonly at: string };

export interface Retention {
  /**
   * Deletes what is due, in small batches; between two of them it waits for `pause`, which may make way for others, or
   * reject: the rest is then left to the next run.
   */
  run(pause: () => Promise<void>): Promise<Retained>;
  /** What a run would do now; changes nothing. */
  due(): Promise<RetentionDue>;
  /** Null before the first. */
  last(): Promise<LastRun | null>;
}

/** So long what can't be read is kept after the team was called about it. */
const GRACE_MS = 7 * DAY;
const JOURNEYS_AT_ONCE = 20;
const MOST_COUNTED = 50_000;
const LAST = 'retention:last';

export function createRetention({ database, bodies, ledger, clock = Date.now }: RetentionOptions): Retention {
  const before = (): Before => {
    const now = clock();
    return { now: new Date(now), received: new Date(now - (bodies ?? 0)), alarmed: new Date(now - GRACE_MS) };
  };

  async function expireBodies(pause: () => Promise<void>): Promise<Pick<Retained, 'bodies' | 'alarmed'>> {
    let [expired, alarmed] = [0, 0];
    for (let cursor: Cursor | null = bodies === null ? null : START; cursor !== null;) {
      const batch = await expireBatch(database, before(), cursor);
      expired += batch.expired;
      alarmed += batch.alarmed;
      cursor = batch.next;
      await pause();
    }
    return { bodies: expired, alarmed };
  }

  async function expireJourneys(pause: () => Promise<void>): Promise<number> {
    let expired = 0;
    for (let more = ledger !== null; more;) {
      const subjects = await endedBefore(database, new Date(clock() - (ledger ?? 0)), JOURNEYS_AT_ONCE);
      let gone = 0;
      for (const subject of subjects) if (await expireJourney(database, subject, new Date(clock()))) gone += 1;
      expired += gone;
      more = subjects.length === JOURNEYS_AT_ONCE && gone > 0;
      await pause();
    }
    return expired;
  }

  return {
    async run(pause) {
      const retained = { ...(await expireBodies(pause)), journeys: await expireJourneys(pause) };
      const last: LastRun = { at: new Date(clock()).toISOString(), ...retained };
      await createMeta(database).replace(LAST, JSON.stringify(last));
      return retained;
    },
    async due() {
      const journeys = ledger === null ? 0 : await countEnded(database, new Date(clock() - ledger));
      const fates = bodies === null ? new Map<string, number>() : await countFates(database, before());
      const count = (fate: string): number => fates.get(fate) ?? 0;
      return {
        bodies: count('expires'),
        journeys,
        alarmed: count('alarms'),
        heldByJourney: count('open'),
        heldPending: count('pending'),
        heldQuarantined: count('alarmed'),
        more: [...fates.values()].reduce((sum, one) => sum + one, 0) === MOST_COUNTED || journeys === MOST_COUNTED,
      };
    },
    async last() {
      const [row] = await createMeta(database).list(LAST);
      return row === undefined ? null : (JSON.parse(row.value) as LastRun);
    },
  };
}

/** SQL: journeys that have ended before `at`, and of whom somebody may still be known. */
const ENDED = sql`closed_at is not null and (expired_at is null or expired_at < closed_at)`;

async function endedBefore(database: Queryable, at: Date, limit: number): Promise<string[]> {
  const rows = await database.query<{ subject: string }>(
    sql`select subject from subjects where ${ENDED} and closed_at < ${at} order by closed_at limit ${limit}`,
  );
  return rows.map(({ subject }) => subject);
}

async function countEnded(database: Queryable, at: Date): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    sql`select count(*) as n from (
      select 1 from subjects where ${ENDED} and closed_at < ${at} limit ${MOST_COUNTED}) as ended`,
  );
  return row?.n ?? 0;
}

async function countFates(database: Queryable, before: Before): Promise<Map<string, number>> {
  const rows = await database.query<{ fate: string; n: number }>(
    sql`with ${judgedFrom(before, START, MOST_COUNTED)} select fate, count(*) as n from judged group by fate`,
  );
  return new Map(rows.map(({ fate, n }) => [fate, n]));
}

/** The same goes as when somebody is forgotten; but what comes later is kept again. */
async function expireJourney(database: Database, subject: string, at: Date): Promise<boolean> {
  return await database.transaction(async (tx) => {
    const { outcome } = await purgeSubject(tx, subject, 'expired');
    if (outcome === 'being_sent') return false;
    await tx.query(sql`update subjects set expired_at = ${at} where subject = ${subject}`);
    return true;
  });
}
