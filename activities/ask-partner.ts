import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { AskInput, AskOutcome } from '../src/domain/activities.js';
import type { Arrival } from '../src/domain/arrivals.js';
import { MINUTE, SECOND } from '../src/domain/durations.js';
import { TRIED_FOR } from '../src/domain/partner-calls.js';
import type { PartnerQuestions } from '../src/domain/partner-questions.js';
import { isKit, isOrder, type Subject } from '../src/domain/subjects.js';
import { givenUp, runAttempt, tryAgain, type Attempt, type Log } from './attempt.js';

export interface AskPorts {
  /** Null where no API is configured. */
  readonly questions: PartnerQuestions | null;
  /** Commits an inbox row; `fresh` is false for one that is there already. */
  readonly keep: (arrival: Arrival) => Promise<{ readonly fresh: boolean }>;
  /** Whether the subject was forgotten on request: then nobody is asked about it, whatever its journey knows so far. */
  readonly isErased: (subject: string) => Promise<boolean>;
  /** Until when the partner's announced maintenance lasts that is on now (ms), else null. */
  readonly maintenance: () => Promise<{ readonly until: number } | null>;
  /** ms since the epoch */
  readonly clock: () => number;
  readonly log: Log;
}

/** How soon it is noticed that a maintenance window was ended before its time. */
const LOOK_AGAIN_MS = 15 * MINUTE;
/** What isn't pressing looks for room no oftener, once it has waited for some: thousands may wait beside it. */
const LOOK_FOR_ROOM_MS = 30 * MINUTE;

/**
 * Asks the partner about a subject and keeps what it tells as one inbox row, from where it takes the way of every
 * webhook. Returns what asking again can't change; throws what Temporal should try again, as codes only.
 */
export function createAskPartner(ports: AskPorts): (input: AskInput) => Promise<AskOutcome> {
  const { questions, clock, log } = ports;

  return async (input) => {
    if (questions === null) return { outcome: 'not_configured' };
    return await runAttempt({ subject: input.subject }, log, async (attempt) => {
      if (await ports.isErased(input.subject)) return { outcome: 'not_found' };
      if (input.again === undefined) return await forADay(attempt, () => askOnce(questions, input, attempt));
      const outcome = await askOnce(questions, input, attempt);
      if (outcome.outcome === 'answered') return outcome;
      throw tryAgain('nothing_new', { after: input.again, benign: true });
    });
  };

  async function askOnce(partner: PartnerQuestions, input: AskInput, attempt: Attempt): Promise<AskOutcome> {
    await waitOutMaintenance();
    return await ask(partner, input, attempt);
  }

  /**
   * Gives a question up that has been tried for a day. The day begins when there was room to ask it: however long the
   * queue is that our own limits make, nobody is reminded unasked because of it.
   */
  async function forADay<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof CancelledFailure || isNoRoom(error)) throw error;
      const now = clock();
      const since = typeof attempt.remembered === 'number' ? attempt.remembered : now;
      if (now + retryDelayOf(error) >= since + TRIED_FOR) throw givenUp('partner_no_answer');
      attempt.remember(since);
      throw error;
    }
  }

  async function waitOutMaintenance(): Promise<void> {
    const window = await ports.maintenance();
    const now = clock();
    if (window === null || window.until <= now) return;
    throw tryAgain('partner_maintenance', {
      after: Math.min(window.until - now, LOOK_AGAIN_MS),
      note: `until ${new Date(window.until).toISOString()}`,
      benign: true,
    });
  }

  async function ask(
    partner: PartnerQuestions,
    { subject, why, rank, answers = [] }: AskInput,
    attempt: Attempt,
  ): Promise<AskOutcome> {
    if (!isKit(subject) && !isOrder(subject)) return { outcome: 'not_found' };
    const { number, signal } = attempt;
    const answer = await partner.ask({ subject: subject as Subject, why, rank, answers, attempt: number, signal });
    if (answer.outcome === 'answered') return keep(answer.arrival);
    if (answer.outcome !== 'ask_again') return { outcome: answer.outcome };
    if (answer.meanwhile !== null) await keep(answer.meanwhile);
    const { why: because, retryAfterMs, note } = answer;
    const after = because === NO_ROOM && rank !== 'first' ? lookAgain(retryAfterMs ?? 0, number) : retryAfterMs;
    throw tryAgain(`partner_${because}`, { after, note, benign: true });
  }

  async function keep(arrival: Arrival): Promise<AskOutcome> {
    const { fresh } = await ports.keep(arrival);
    const cause = arrival.externalId;
    return { outcome: fresh ? 'answered' : 'unchanged', ...(cause === null ? {} : { cause }) };
  }
}

const NO_ROOM = 'no_room';

const isNoRoom = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === `partner_${NO_ROOM}`;

/** ms; 0 where it didn't say so. */
const retryDelayOf = (error: unknown): number =>
  error instanceof ApplicationFailure && typeof error.nextRetryDelay === 'number' ? error.nextRetryDelay : 0;

/** When there will be room for one (ms), and then the longer the oftener there was none: all that wait hear the same. */
const lookAgain = (roomAfter: number, attempt: number): number =>
  roomAfter + Math.random() * Math.min(LOOK_FOR_ROOM_MS, SECOND * 2 ** attempt);
