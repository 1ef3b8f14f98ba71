import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { AskInput, AskOutcome, PartnerActivities } from '../src/domain/activities.js';
import type { Arrival } from '../src/domain/arrivals.js';
import type { PartnerAnswer, PartnerQuestions } from '../src/domain/partner-questions.js';
import { isKit, isOrder, type Subject } from '../src/domain/subjects.js';

/** Why Temporal should ask again: the types of the failures thrown here. */
type AskFailure =
  'partner_maintenance' | `partner_${AskAgain['why']}` | 'nothing_new' | 'intake_unavailable' | 'worker_shutdown';

type AskAgain = Extract<PartnerAnswer, { outcome: 'ask_again' }>;

export interface PartnerActivityOptions {
  /** Null where no API is configured. */
  readonly questions: PartnerQuestions | null;
  /** Commits an inbox row; `fresh` is false for one that is there already. */
  readonly keep: (arrival: Arrival) => Promise<{ readonly fresh: boolean }>;
  /** Until when the partner's announced maintenance lasts that is on now (ms), else null. */
  readonly maintenance: () => Promise<{ readonly until: number } | null>;
  /** ms */
  readonly clock: () => number;
}

/** Well under the heartbeat timeout that the workflows give (20 s), so that a cancellation is noticed soon. */
const BEAT_MS = 4_000;
/** How soon it is noticed that a maintenance window was ended before its time. */
const LOOK_AGAIN_MS = 15 * 60_000;

/**
 * Asks the partner about a subject and keeps what it tells as one inbox row, from where it takes the way of every
 * webhook. Returns what asking again can't change; throws what Temporal should try again, as codes only.
 */
export function createPartnerActivities(options: PartnerActivityOptions): PartnerActivities {
  const { questions, clock } = options;

  async function askPartner(input: AskInput): Promise<AskOutcome> {
    if (questions === null) return { outcome: 'not_configured' };
    await waitOutMaintenance();
    const outcome = await askOnce(questions, input);
    if (input.again !== undefined && outcome.outcome !== 'answered') {
      throw failure('nothing_new', { retryAfterMs: input.again });
    }
    return outcome;
  }

  async function waitOutMaintenance(): Promise<void> {
    const window = await database(() => options.maintenance());
    const now = clock();
    if (window === null || window.until <= now) return;
    const until = new Date(window.until).toISOString();
    throw failure('partner_maintenance', {
      retryAfterMs: Math.min(window.until - now, LOOK_AGAIN_MS),
      note: `until ${until}`,
    });
  }

  function askOnce(about: PartnerQuestions, { subject, why }: AskInput): Promise<AskOutcome> {
    return cancellable(async (signal) => {
      if (!isKit(subject) && !isOrder(subject)) return { outcome: 'not_found' };
      const { attempt } = Context.current().info;
      const answer = await about.ask({ subject: subject as Subject, why, attempt, signal });
      if (answer.outcome === 'answered') return keep(answer.arrival);
      if (answer.outcome !== 'ask_again') return { outcome: answer.outcome };
      if (answer.meanwhile !== null) await keep(answer.meanwhile);
      throw failure(`partner_${answer.why}`, answer);
    });
  }

  async function keep(arrival: Arrival): Promise<AskOutcome> {
    const { fresh } = await database(() => options.keep(arrival));
    const cause = arrival.externalId;
    return { outcome: fresh ? 'answered' : 'unchanged', ...(cause === null ? {} : { cause }) };
  }

  return { askPartner };
}

/** Messages are codes and times of ours: Temporal stores them in the clear. */
function failure(
  type: AskFailure,
  { retryAfterMs = null, note = null }: { readonly retryAfterMs?: number | null; readonly note?: string | null } = {},
): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: note === null ? type : `${type}: ${note}`,
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
