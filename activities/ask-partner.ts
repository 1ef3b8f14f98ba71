import type { AskInput, AskOutcome } from '../src/domain/activities.js';
import type { Arrival } from '../src/domain/arrivals.js';
import type { PartnerQuestions } from '../src/domain/partner-questions.js';
import { isKit, isOrder, type Subject } from '../src/domain/subjects.js';
import { runAttempt, tryAgain, type Attempt, type Log } from './attempt.js';

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
const LOOK_AGAIN_MS = 15 * 60_000;

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
      await waitOutMaintenance();
      const outcome = await ask(questions, input, attempt);
      if (input.again === undefined || outcome.outcome === 'answered') return outcome;
      throw tryAgain('nothing_new', { after: input.again, benign: true });
    });
  };

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
    throw tryAgain(`partner_${answer.why}`, { after: answer.retryAfterMs, note: answer.note, benign: true });
  }

  async function keep(arrival: Arrival): Promise<AskOutcome> {
    const { fresh } = await ports.keep(arrival);
    const cause = arrival.externalId;
    return { outcome: fresh ? 'answered' : 'unchanged', ...(cause === null ? {} : { cause }) };
  }
}
