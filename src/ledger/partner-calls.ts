import type { Database } from '../database/database.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import {
  QUESTION_RANKS,
  type Allowance,
  type LimitsTold,
  type PartnerCalls,
  type QuestionRank,
} from '../domain/partner-calls.js';
import { DAY, HOUR, MINUTE } from '../domain/durations.js';

export interface PartnerCallsOptions {
  readonly database: Database;
  /** Stands for the key that is asked with: the partner's limits are a key's. */
  readonly account: Buffer;
  /** ms after which a call that hasn't ended is one no longer. */
  readonly longestCallMs: number;
  /** ms; default the database's, so that processes whose clocks differ agree. */
  readonly clock?: () => number;
}

/** A partner's key by C4HXP's page on rate limits: sliding windows. What its answers say of the first two counts more. */
const ALLOWED = { minute: 50, hour: 1_000, day: 10_000 };
/** Of what others with the same key leave: they may ask more before an answer shows it. */
const OURS = 0.9;
/** So long an answer's word on what others ask is believed; the next question then finds out anew. */
const OTHERS_KNOWN_MS = MINUTE;

/** What the partner allows now. */
interface Limits {
  /** When the lock was ours. */
  readonly now: Date;
  readonly closedForMs: number;
  readonly perMinute: number;
  readonly perHour: number;
  /** How long what others ask is still believed; 0: nothing is known of any. */
  readonly othersForMs: number;
}

interface LimitsRow {
  readonly now: Date;
  readonly closed_until: Date | null;
  readonly per_minute: number | null;
  readonly per_hour: number | null;
  readonly others_minute: number;
  readonly others_hour: number;
  readonly others_until: Date | null;
}

/**
 * The partner's limits, kept over all processes and restarts: every call is a row, and is admitted while there is room
 * for its rank in each of the windows. A call counts from its end, because the partner may count it at any moment
 * until then: so no delay on the way can bring more into one of its windows than into ours.
 */
export function createPartnerCalls(options: PartnerCallsOptions): PartnerCalls {
  const { database, account, longestCallMs, clock } = options;
  const present = (): Sql => (clock === undefined ? sql`clock_timestamp()` : sql`${new Date(clock())}::timestamptz`);

  return {
    begin: (rank) =>
      database.transaction(async (tx) => {
        const limits = await lock(tx);
        const waitMs = Math.max(limits.closedForMs, await untilRoom(tx, rank, limits));
        if (waitMs > 0) return { admitted: false, waitMs };
        const id = await add(tx, limits.now);
        return { admitted: true, ended: (told) => database.transaction((then) => end(then, id, limits.now, told)) };
      }),
  };

  /** Until the end of the transaction nobody else counts. */
  async function lock(tx: Queryable): Promise<Limits> {
    const [row] = await tx.query<LimitsRow>(sql`
      insert into partner_limits as l (account) values (${account})
      on conflict (account) do update set account = l.account
      returning l.*, ${present()} as now`);
    if (row === undefined) throw new Error('the limits of the partner were not kept');
    const othersForMs = msUntil(row.others_until, row.now);
    const left = (limit: number, others: number): number => limit - (othersForMs > 0 ? others : 0);
    return {
      now: row.now,
      closedForMs: msUntil(row.closed_until, row.now),
      perMinute: left(row.per_minute ?? ALLOWED.minute, row.others_minute),
      perHour: left(row.per_hour ?? ALLOWED.hour, row.others_hour),
      othersForMs,
    };
  }

  /** ms until each window has room for one more call of this rank; 0: it has. */
  async function untilRoom(tx: Queryable, rank: QuestionRank, limits: Limits): Promise<number> {
    const { now, perMinute, perHour, othersForMs } = limits;
    const room = (limit: number): number => Math.max(1, Math.floor(limit * OURS * QUESTION_RANKS[rank].share));
    const windows = [
      { ms: MINUTE, most: room(perMinute) },
      { ms: HOUR, most: room(perHour) },
      { ms: DAY, most: room(ALLOWED.day) },
    ];
    let wait = 0;
    for (const { ms, most } of windows) {
      // A full one has room when that call leaves it which fills it, counted from the newest.
      const [full] = await tx.query<{ ended: Date }>(sql`
        select ended from partner_calls where account = ${account} and ended > ${new Date(now.getTime() - ms)}
        order by ended desc offset ${most - 1} limit 1`);
      if (full !== undefined) wait = Math.max(wait, full.ended.getTime() + ms - now.getTime());
    }
    return othersForMs > 0 ? Math.min(wait, othersForMs) : wait;
  }

  /** A process that dies in the middle leaves a call that counts for as long as it can have lasted. */
  async function add(tx: Queryable, now: Date): Promise<number> {
    const gone = new Date(now.getTime() - DAY);
    await tx.query(sql`delete from partner_calls where account = ${account} and ended < ${gone}`);
    const [row] = await tx.query<{ id: number }>(sql`
      insert into partner_calls (account, ended) values (${account}, ${new Date(now.getTime() + longestCallMs)})
      returning id`);
    return row?.id ?? 0;
  }

  async function end(tx: Queryable, id: number, began: Date, told: LimitsTold | null): Promise<void> {
    const { now } = await lock(tx);
    await tx.query(sql`update partner_calls set ended = ${now} where id = ${id}`);
    if (told === null) return;
    const { minute, hour, closedForMs } = told;
    const closedUntil = closedForMs > 0 ? new Date(now.getTime() + closedForMs) : null;
    const othersMinute = await othersIn(tx, minute, began.getTime() - MINUTE);
    const othersHour = await othersIn(tx, hour, began.getTime() - HOUR);
    const othersUntil = othersMinute + othersHour > 0 ? new Date(now.getTime() + OTHERS_KNOWN_MS) : null;
    await tx.query(sql`
      update partner_limits set
        closed_until = greatest(closed_until, ${closedUntil}::timestamptz),
        per_minute = coalesce(${minute?.limit ?? null}::integer, per_minute),
        per_hour = coalesce(${hour?.limit ?? null}::integer, per_hour),
        others_minute = ${othersMinute}::integer,
        others_hour = ${othersHour}::integer,
        others_until = ${othersUntil}::timestamptz
      where account = ${account}`);
  }

  /**
   * What the partner has counted and we have not was asked by others with the same key. Ours are counted from before the
   * question on, so that one that left the window meanwhile isn't taken for theirs.
   */
  async function othersIn(tx: Queryable, allowance: Allowance | null, since: number): Promise<number> {
    if (allowance === null) return 0;
    const [ours] = await tx.query<{ calls: number }>(
      sql`select count(*) as calls from partner_calls where account = ${account} and ended > ${new Date(since)}`,
    );
    return Math.max(0, allowance.limit - allowance.remaining - (ours?.calls ?? 0));
  }
}

const msUntil = (time: Date | null, now: Date): number =>
  time === null ? 0 : Math.max(0, time.getTime() - now.getTime());
