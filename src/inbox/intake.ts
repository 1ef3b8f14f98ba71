import { setImmediate } from 'node:timers/promises';
import type { Database } from '../database/database.js';
import type { Sealing } from '../sealing/sealing.js';
import type { Arrival } from '../domain/arrivals.js';
import { createLoadMeter, type DiskReserve, type Limit } from './capacity.js';
import { type Commitment, createCommit } from './commit.js';
import { type Queryable, sql } from '../database/sql.js';

export interface IntakeOptions {
  readonly database: Database;
  readonly sealing: Sealing;
  /** How many arrivals may wait for their commit (INTAKE_QUEUE_LIMIT). */
  readonly queueLimit?: number;
  /** How many bytes they may have together. */
  readonly queueBytes?: number;
  /** ms after which an arrival that is not committed is refused. */
  readonly deadline?: number;
  readonly disk?: DiskReserve;
  readonly clock?: () => number;
}

/** The one way in. What `keep` has answered for is committed. */
export interface Intake {
  /**
   * Resolves when it is committed: `fresh`, or known already (counted as a repetition).
   * @throws IntakeUnavailable when it can't be.
   */
  keep(arrival: Arrival): Promise<{ readonly fresh: boolean }>;
  /** Acknowledgements per second lately. */
  load(): number;
  /** How full it is: what reaches one of these keeps everything out. */
  limits(): readonly Limit[];
  /** Cached for 10 s. */
  figures(): Promise<Figures>;
  /** Calls back after each commit that brought something new; answers how to stop that. */
  onKept(listener: () => void): () => void;
  /** Commits what waits, and refuses what comes later. */
  close(): Promise<void>;
}

/** Why an arrival could not be committed. */
type Unavailability = 'queue_full' | 'deadline' | 'disk_full' | 'database' | 'closed';

/**
 * It could not be committed: the sender must try again (503). After `deadline` and `database` it may have been
 * committed after all; the next try is then a duplicate.
 */
export class IntakeUnavailable extends Error {
  override readonly name = 'IntakeUnavailable';

  constructor(
    readonly why: Unavailability,
    options?: ErrorOptions,
  ) {
    super(`could not commit: ${why}`, options);
  }

  /** Seconds after which another try makes sense. */
  get retryAfter(): number {
    return this.why === 'disk_full' ? 60 : 5;
  }
}

interface Waiting {
  readonly arrival: Arrival;
  /** ms, of a clock that only goes forward. */
  readonly since: number;
  readonly resolve: (kept: { fresh: boolean }) => void;
  readonly reject: (error: IntakeUnavailable) => void;
  readonly timer: NodeJS.Timeout;
}

/** Bounds of one statement: beyond them it would hold up those behind it. */
const BATCH_ARRIVALS = 250;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Group commit: while one batch is being committed, the next gathers. */
export function createIntake({
  database,
  sealing,
  queueLimit = 2_000,
  queueBytes = 64 * 1024 * 1024,
  deadline = 10_000,
  disk,
  clock = Date.now,
}: IntakeOptions): Intake {
  const commit = createCommit({ database: database.priority, sealing });
  const meter = createLoadMeter(clock);
  const listeners = new Set<() => void>();
  /** In order of arrival. */
  const queue = new Set<Waiting>();
  /** Those in the statement of this moment, in the same order. */
  let batch: readonly Waiting[] = [];
  let unanswered = 0;
  let unansweredBytes = 0;
  let committing: Promise<void> | null = null;
  let closed = false;

  function refusal(bytes: number): IntakeUnavailable | null {
    if (closed) return new IntakeUnavailable('closed');
    if (disk?.isLow() === true) return new IntakeUnavailable('disk_full');
    if (unanswered >= queueLimit || unansweredBytes + bytes > queueBytes) return new IntakeUnavailable('queue_full');
    return null;
  }

  function keep(arrival: Arrival): Promise<{ readonly fresh: boolean }> {
    const refused = refusal(arrival.raw.length);
    if (refused !== null) return Promise.reject(refused);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        arrival,
        since: performance.now(),
        resolve,
        reject,
        timer: setTimeout(() => {
          if (queue.delete(waiting)) forget(waiting);
          reject(new IntakeUnavailable('deadline'));
        }, deadline),
      };
      queue.add(waiting);
      unanswered += 1;
      unansweredBytes += arrival.raw.length;
      committing ??= commitAll();
    });
  }

  async function commitAll(): Promise<void> {
    // Whatever the same turn of the event loop brings shares the statement.
    await setImmediate();
    while (queue.size > 0) {
      batch = nextBatch();
      const commitments = await commit(batch.map(({ arrival }) => arrival));
      for (const [place, waiting] of batch.entries()) answer(waiting, commitments[place]);
      batch = [];
      if (commitments.some((commitment) => 'fresh' in commitment && commitment.fresh))
        for (const listener of listeners) listener();
      await setImmediate();
    }
    committing = null;
  }

  function nextBatch(): Waiting[] {
    const next: Waiting[] = [];
    let bytes = 0;
    for (const waiting of queue) {
      bytes += waiting.arrival.raw.length;
      if (next.length === BATCH_ARRIVALS || (next.length > 0 && bytes > BATCH_BYTES)) break;
      next.push(waiting);
      queue.delete(waiting);
    }
    return next;
  }

  function forget({ arrival, timer }: Waiting): void {
    clearTimeout(timer);
    unanswered -= 1;
    unansweredBytes -= arrival.raw.length;
  }

  function answer(waiting: Waiting, commitment: Commitment | undefined): void {
    forget(waiting);
    const { resolve, reject } = waiting;
    if (commitment !== undefined && 'fresh' in commitment) {
      meter.add(1);
      resolve({ fresh: commitment.fresh });
    } else {
      reject(new IntakeUnavailable('database', { cause: commitment?.error }));
    }
  }

  return {
    keep,
    load: () => meter.perSecond(),
    limits: () => {
      const [oldest] = batch.length > 0 ? batch : queue;
      return [
        { name: 'intake_queue', used: unanswered / queueLimit },
        { name: 'intake_bytes', used: unansweredBytes / queueBytes },
        { name: 'commit_time', used: oldest === undefined ? 0 : (performance.now() - oldest.since) / deadline },
        ...(disk === undefined ? [] : [{ name: 'disk' as const, used: disk.used() }]),
      ];
    },
    figures: createFigures(database, clock),
    onKept(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      await committing;
    },
  };
}

/** What the health page tells; from the database, so that it survives restarts. */
export interface Figures {
  readonly lastReceivedAt: Date | null;
  /** First arrivals of the partner's webhooks since the UTC day began. */
  readonly processedToday: number;
}

const FRESH_FOR_MS = 10_000;

/** Reads the figures at most every 10 s, and once for all who ask at the same moment. */
function createFigures(database: Queryable, clock: () => number): () => Promise<Figures> {
  let read: { readonly at: number; readonly figures: Promise<Figures> } | null = null;
  return () => {
    const now = clock();
    if (read !== null && now - read.at < FRESH_FOR_MS) return read.figures;
    const current = { at: now, figures: readFigures(database, now) };
    read = current;
    // A failure is told to those who asked, and not remembered.
    current.figures.catch(() => {
      if (read === current) read = null;
    });
    return current.figures;
  };
}

async function readFigures(database: Queryable, now: number): Promise<Figures> {
  const midnight = new Date(new Date(now).setUTCHours(0, 0, 0, 0));
  const [row] = await database.query<{ last: Date | null; today: number }>(
    sql`select (select max(received_at) from inbox where source = 'c4hxp') as last,
      (select count(*) from inbox where source = 'c4hxp' and received_at >= ${midnight}::timestamptz) as today`,
  );
  return { lastReceivedAt: row?.last ?? null, processedToday: row?.today ?? 0 };
}

/** What an alarm looks at: the backlog towards Temporal never refuses a webhook, it only alarms. */
export interface Backlog {
  /** Facts that wait for their journey. */
  readonly pending: number;
  /** When the oldest of them came in. */
  readonly oldestPending: Date | null;
  readonly quarantined: number;
}

export async function readBacklog(database: Queryable): Promise<Backlog> {
  const [row] = await database.query<Backlog>(
    sql`select d.pending, (select i.received_at from inbox i where i.seq = d.oldest) as "oldestPending",
      (select count(*) from inbox where verdict = 'quarantined') as quarantined
      from (select count(*) as pending, min(seq) as oldest from deliveries where relayed_at is null) d`,
  );
  return row ?? { pending: 0, oldestPending: null, quarantined: 0 };
}
