import { createMeta } from '../database/meta.js';
import type { Database } from '../database/database.js';
import { sql, type Queryable } from '../database/sql.js';
import { DAY } from '../domain/durations.js';
import { expireBatch, judgedFrom, START, type Before, type Cursor } from './expired-bodies.js';
import {
  countEnded,
  countHeld,
  ENDED_FIRST,
  expireJourneys,
  type EndedBefore,
  type EndedCursor,
  type Held,
  type JourneysBatch,
} from './expired-journeys.js';
import { countOldAudit, deleteOldAudit } from './old-audit.js';

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
  /** Rows of the audit, which is kept as long as the ledger. */
  readonly auditRows: number;
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
const AUDIT_AT_ONCE = 500;
const MOST_COUNTED = 50_000;
const LAST = 'retention:last';
const NOTHING_HELD: Held = { journeys: 0, pending: 0, uncalled: 0, called: 0 };

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

  const endedBefore = (age: number): EndedBefore => ({ ...before(), ended: new Date(clock() - age) });

  async function expireEnded(pause: () => Promise<void>): Promise<Pick<Retained, 'journeys' | 'alarmed'>> {
    let [expired, alarmed] = [0, 0];
    for (let cursor: EndedCursor | null = ENDED_FIRST; ledger !== null && cursor !== null;) {
      const batch: JourneysBatch = await expireJourneys(database, endedBefore(ledger), cursor, JOURNEYS_AT_ONCE);
      expired += batch.expired;
      alarmed += batch.alarmed;
      cursor = batch.next;
      await pause();
    }
    return { journeys: expired, alarmed };
  }

  async function expireAudit(pause: () => Promise<void>): Promise<number> {
    let gone = 0;
    for (let more = ledger !== null; more;) {
      const batch = await deleteOldAudit(database, new Date(clock() - (ledger ?? 0)), AUDIT_AT_ONCE);
      gone += batch;
      more = batch === AUDIT_AT_ONCE;
      await pause();
    }
    return gone;
  }

  return {
    async run(pause) {
      const old = await expireBodies(pause);
      const ended = await expireEnded(pause);
      const retained: Retained = {
        bodies: old.bodies,
        journeys: ended.journeys,
        alarmed: old.alarmed + ended.alarmed,
        auditRows: await expireAudit(pause),
      };
      const last: LastRun = { at: new Date(clock()).toISOString(), ...retained };
      await createMeta(database).replace(LAST, JSON.stringify(last));
      return retained;
    },
    async due() {
      const journeys = ledger === null ? 0 : await countEnded(database, endedBefore(ledger).ended, MOST_COUNTED);
      const held =
        ledger === null
          ? NOTHING_HELD
          : await countHeld(database, endedBefore(ledger), bodies === null ? null : before().received);
      const fates = bodies === null ? new Map<string, number>() : await countFates(database, before());
      const count = (fate: string): number => fates.get(fate) ?? 0;
      return {
        bodies: count('expires'),
        journeys: Math.max(0, journeys - held.journeys),
        alarmed: count('alarms') + held.uncalled,
        auditRows: ledger === null ? 0 : await countOldAudit(database, endedBefore(ledger).ended, MOST_COUNTED),
        heldByJourney: count('open'),
        heldPending: count('pending') + held.pending,
        heldQuarantined: count('alarmed') + held.called,
        more: [...fates.values()].reduce((sum, one) => sum + one, 0) === MOST_COUNTED || journeys === MOST_COUNTED,
      };
    },
    async last() {
      const [row] = await createMeta(database).list(LAST);
      return row === undefined ? null : (JSON.parse(row.value) as LastRun);
    },
  };
}

async function countFates(database: Queryable, before: Before): Promise<Map<string, number>> {
  const rows = await database.query<{ fate: string; n: number }>(
    sql`with ${judgedFrom(before, START, MOST_COUNTED)} select fate, count(*) as n from judged group by fate`,
  );
  return new Map(rows.map(({ fate, n }) => [fate, n]));
}
