import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { Answer, KitAnswer } from '../src/c4hxp/api/answers.js';
import type { Partner } from '../src/c4hxp/api/client.js';
import { arrivalOf, reduceKit, reduceOrder, type Reduced } from '../src/c4hxp/api/reconciliation.js';
import type { AskInput, AskOutcome, PartnerActivities } from '../src/domain/activities.js';
import type { Arrival, KeyedHash } from '../src/domain/arrivals.js';
import { isKit, isOrder, nameOf, type Subject } from '../src/domain/subjects.js';

/** Why Temporal should ask again: the types of the failures thrown here. */
type AskFailure =
  | 'partner_maintenance'
  | 'partner_rate_limited'
  | 'partner_unavailable'
  | 'partner_unreadable'
  | 'nothing_new'
  | 'intake_unavailable'
  | 'worker_shutdown';

export interface PartnerActivityOptions {
  /** Null where no API is configured. */
  readonly partner: Partner | null;
  /** Commits an inbox row; `fresh` is false for one that is there already. */
  readonly keep: (arrival: Arrival) => Promise<{ readonly fresh: boolean }>;
  readonly hash: KeyedHash;
  /** The maintenance window that the partner has announced and that is now or to come (ms), else null. */
  readonly maintenance: () => Promise<{ readonly from?: number | null; readonly until: number } | null>;
  /** RESULTS_RELEASE=available_unless_flagged, and only then, a journey learns whether a human should look first. */
  readonly revealFlags: boolean;
  /** ms */
  readonly clock: () => number;
  readonly logger: AskLogger;
}

interface AskLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Well under the heartbeat timeout that the workflows give (20 s), so that a cancellation is noticed soon. */
const BEAT_MS = 4_000;
/** How soon it is noticed that a maintenance window was ended before its time. */
const LOOK_AGAIN_MS = 15 * 60_000;
/** From this attempt on, what the kit tells is kept although its results can't be had. */
const PATIENCE = 3;

/**
 * Asks the partner about a subject and keeps what it tells as one inbox row, from where it takes the way of every
 * webhook. Returns what asking again can't change; throws what Temporal should try again, as codes only.
 */
export function createPartnerActivities(options: PartnerActivityOptions): PartnerActivities {
  const { partner, hash, clock, logger } = options;

  async function askPartner(input: AskInput): Promise<AskOutcome> {
    if (partner === null) return { outcome: 'not_configured' };
    await waitOutMaintenance();
    const outcome = await askOnce(partner, input);
    if (input.again !== undefined && outcome.outcome !== 'answered') {
      throw failure('nothing_new', { retryAfterMs: input.again });
    }
    return outcome;
  }

  function askOnce(partner: Partner, input: AskInput): Promise<AskOutcome> {
    return cancellable(async (signal) => {
      if (isKit(input.subject)) return askForKit(partner, input, input.subject as Subject, signal);
      if (isOrder(input.subject)) return askForOrder(partner, input, input.subject as Subject, signal);
      return { outcome: 'not_found' };
    });
  }

  async function waitOutMaintenance(): Promise<void> {
    const window = await database(() => options.maintenance());
    const now = clock();
    if (window === null || window.until <= now || (window.from ?? now) > now) return;
    const until = new Date(window.until).toISOString();
    throw failure('partner_maintenance', {
      retryAfterMs: Math.min(window.until - now, LOOK_AGAIN_MS),
      note: `until ${until}`,
    });
  }

  async function askForKit(api: Partner, input: AskInput, subject: Subject, signal: AbortSignal): Promise<AskOutcome> {
    const kit = await api.kit(nameOf(subject), { signal });
    if (kit.outcome !== 'answered') return giveUp(kit, input);
    const reduce = (results: Parameters<typeof reduceKit>[2]): Reduced =>
      reduceKit(subject, kit.value, results, { revealFlags: options.revealFlags });

    if (!kit.value.mayHaveResults) return keep(reduce(null));
    const results = await api.resultsForKit(nameOf(subject), { signal });
    if (results.outcome === 'answered') return keep(reduce(results.value));
    if (results.outcome === 'not_found') return keep(reduce(null));
    logOutcome(results, input, 'results');
    const why = failureOf(results);
    if (why === null) return keep(reduce(null));
    if (Context.current().info.attempt >= PATIENCE) await keep(reduce(null));
    throw why;
  }

  async function askForOrder(
    api: Partner,
    input: AskInput,
    subject: Subject,
    signal: AbortSignal,
  ): Promise<AskOutcome> {
    const order = await api.orderByNumber(nameOf(subject), { signal });
    return order.outcome === 'answered' ? keep(reduceOrder(subject, order.value)) : giveUp(order, input);
  }

  async function keep(reduced: Reduced): Promise<AskOutcome> {
    const arrival = arrivalOf(reduced, { receivedAt: clock(), hash });
    const { fresh } = await database(() => options.keep(arrival));
    const cause = arrival.externalId;
    return { outcome: fresh ? 'answered' : 'unchanged', ...(cause === null ? {} : { cause }) };
  }

  function giveUp(answer: NotAnswered, input: AskInput): AskOutcome {
    logOutcome(answer, input, isKit(input.subject) ? 'kit' : 'order');
    const why = failureOf(answer);
    if (why !== null) throw why;
    return { outcome: answer.outcome === 'not_found' ? 'not_found' : 'refused' };
  }

  function logOutcome(answer: NotAnswered, input: AskInput, question: 'kit' | 'results' | 'order'): void {
    const { outcome, requestId } = answer;
    const fields = { subject: input.subject, why: input.why, question, outcome, requestId };
    if (outcome === 'not_found' || outcome === 'rate_limited') logger.info(fields, 'the partner gave no answer');
    else logger.warn(fields, 'the partner gave no answer');
  }

  return { askPartner };
}

type NotAnswered = Exclude<Answer<KitAnswer>, { outcome: 'answered' }>;

/** The failure that makes Temporal ask again; null where asking again is pointless. */
function failureOf(answer: NotAnswered): ApplicationFailure | null {
  switch (answer.outcome) {
    case 'rate_limited':
      return failure('partner_rate_limited', { retryAfterMs: answer.retryAfterMs });
    case 'unavailable':
      return failure('partner_unavailable', { retryAfterMs: answer.retryAfterMs, note: answer.why });
    case 'unreadable':
      return failure('partner_unreadable', { note: answer.why });
    case 'not_found':
    case 'unauthorized':
    case 'forbidden':
    case 'rejected':
      return null;
  }
}

/** Messages are codes and times of ours: Temporal stores them in the clear. */
function failure(
  type: AskFailure,
  { retryAfterMs = null, note }: { readonly retryAfterMs?: number | null; readonly note?: string } = {},
): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: note === undefined ? type : `${type}: ${note}`,
    // None of them is a fault of ours: the pending activity shows them, the log need not shout.
    category: ApplicationFailureCategory.BENIGN,
    ...(retryAfterMs === null ? {} : { nextRetryDelay: retryAfterMs }),
  });
}

/** What the database says in its errors stays out of Temporal. */
async function database<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    throw failure('intake_unavailable');
  }
}

/**
 * Runs one activity's work with heartbeats and a signal that fires when the workflow cancels it or the worker stops.
 * A stopping worker is no cancellation: the attempt fails and another worker asks again.
 */
async function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const signal = context.cancellationSignal;
  context.heartbeat();
  const beats = setInterval(() => {
    context.heartbeat();
  }, BEAT_MS);
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const { reason } = signal as { reason: unknown };
    if (reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN') throw failure('worker_shutdown');
    throw reason;
  } finally {
    clearInterval(beats);
  }
}
