import type { Arrival, KeyedHash } from '../../domain/arrivals.js';
import type { PartnerAnswer, PartnerQuestion, PartnerQuestions } from '../../domain/partner-questions.js';
import { isKit, nameOf } from '../../domain/subjects.js';
import type { UnknownWord } from '../../domain/unknown-words.js';
import type { C4hxpClient } from './client.js';
import type { Answer } from './exchange.js';
import { arrivalOf, reduceKit, reduceOrder, type Reduced } from './reconciliation.js';
import type { KitAnswer } from './read-kit.js';
import type { ResultsAnswer } from './read-results.js';
import { withTracking } from './read-tracking.js';
import { wordsInNoTable } from './unknown-words.js';

export interface C4hxpQuestionsOptions {
  /** Closed with the questions. */
  readonly client: C4hxpClient;
  readonly hash: KeyedHash;
  /** RESULTS_RELEASE=available_unless_flagged, and only then, a journey learns whether a human should look first. */
  readonly revealFlags: boolean;
  /** ms */
  readonly clock: () => number;
  readonly logger: QuestionsLog;
  /** Told of the words of an answer that are in no table, where there are any. */
  readonly onUnknownWords?: (words: readonly UnknownWord[]) => void;
}

interface QuestionsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** From this attempt on, what the kit tells is kept although its results, or its tracking, can't be had. */
const PATIENCE = 3;

/** A word that is fit for the log: whoever keeps the tables reads it there. */
const PLAIN = /^[a-z_]{1,40}(?: [a-z_]{1,40})?$/;

/**
 * Asks C4HXP about a kit or an order, and makes one arrival of what it tells. Of a kit a second request is about its
 * results, once there can be any, or else about its tracking, where the kit says nothing of its way.
 */
export function createC4hxpQuestions(options: C4hxpQuestionsOptions): PartnerQuestions {
  const { client, hash, revealFlags, clock, logger, onUnknownWords } = options;

  const arrival = (reduced: Reduced, { answers = [] }: PartnerQuestion): Arrival =>
    arrivalOf(reduced, { receivedAt: clock(), hash, answers });
  const answered = (reduced: Reduced, question: PartnerQuestion): PartnerAnswer => {
    const words = (reduced.unknownWords ?? []).filter((word) => PLAIN.test(word));
    if (words.length > 0) logger.warn({ subject: reduced.subject, words }, 'the partner uses words that are not known');
    const unknown = wordsInNoTable(reduced.unknownWords ?? []);
    if (unknown.length > 0) onUnknownWords?.(unknown);
    return { outcome: 'answered', arrival: arrival(reduced, question) };
  };

  async function askAboutKit(question: PartnerQuestion): Promise<PartnerAnswer> {
    const { subject, rank, signal } = question;
    const kit = await client.kit(nameOf(subject), { rank, signal });
    if (kit.outcome !== 'answered') return giveUp(kit, question, 'kit');
    if (kit.value.mayHaveResults) return askForResults(kit.value, question);
    if (kit.value.asksForTracking) return askForTracking(kit.value, question);
    return answered(reduceKit(subject, kit.value, null, { revealFlags }), question);
  }

  async function askForResults(kit: KitAnswer, question: PartnerQuestion): Promise<PartnerAnswer> {
    const { subject, signal } = question;
    const reduce = (results: ResultsAnswer | null): Reduced => reduceKit(subject, kit, results, { revealFlags });
    const results = await client.resultsForKit(nameOf(subject), { rank: 'first', signal });
    if (results.outcome === 'answered') return answered(reduce(results.value), question);
    return withoutTheRest(results, reduce(null), question, 'results');
  }

  async function askForTracking(kit: KitAnswer, question: PartnerQuestion): Promise<PartnerAnswer> {
    const { subject, signal } = question;
    const reduce = (all: KitAnswer): Reduced => reduceKit(subject, all, null, { revealFlags });
    const tracking = await client.tracking(nameOf(subject), { rank: 'first', signal });
    if (tracking.outcome === 'answered') return answered(reduce(withTracking(kit, tracking.value)), question);
    // No page says what is in it: where it can't be read, it says nothing.
    if (tracking.outcome !== 'unreadable') return withoutTheRest(tracking, reduce(kit), question, 'tracking');
    giveUp(tracking, question, 'tracking');
    return answered(reduce(kit), question);
  }

  /** What the kit tells, where a second question gets no answer: at once, unless asking again can change that. */
  function withoutTheRest(
    rest: NotAnswered,
    reduced: Reduced,
    question: PartnerQuestion,
    about: 'results' | 'tracking',
  ): PartnerAnswer {
    if (rest.outcome === 'not_found') return answered(reduced, question);
    const gaveUp = giveUp(rest, question, about);
    if (gaveUp.outcome !== 'ask_again') return answered(reduced, question);
    return { ...gaveUp, meanwhile: question.attempt >= PATIENCE ? arrival(reduced, question) : null };
  }

  async function askAboutOrder(question: PartnerQuestion): Promise<PartnerAnswer> {
    const { subject, rank, signal } = question;
    const order = await client.orderByNumber(nameOf(subject), { rank, signal });
    return order.outcome === 'answered'
      ? answered(reduceOrder(subject, order.value), question)
      : giveUp(order, question, 'order');
  }

  function giveUp(
    answer: NotAnswered,
    { subject, why }: PartnerQuestion,
    question: 'kit' | 'results' | 'tracking' | 'order',
  ) {
    const { outcome, requestId } = answer;
    const fields = { subject, why, question, outcome, requestId };
    if (outcome === 'not_found' || outcome === 'rate_limited') logger.info(fields, 'the partner gave no answer');
    else logger.warn(fields, 'the partner gave no answer');
    return outcomeOf(answer);
  }

  return {
    ask: (question) => (isKit(question.subject) ? askAboutKit(question) : askAboutOrder(question)),
    close: () => client.close(),
  };
}

type NotAnswered = Exclude<Answer<unknown>, { outcome: 'answered' }>;

/** What asking again can change. */
function outcomeOf(answer: NotAnswered): Exclude<PartnerAnswer, { outcome: 'answered' }> {
  switch (answer.outcome) {
    case 'rate_limited':
      return askAgain(answer.asked ? 'rate_limited' : 'no_room', { retryAfterMs: answer.retryAfterMs });
    case 'unavailable':
      return askAgain('unavailable', { retryAfterMs: answer.retryAfterMs, note: answer.why });
    case 'unreadable':
      return askAgain('unreadable', { note: answer.why });
    case 'not_found':
      return { outcome: 'not_found' };
    case 'unauthorized':
    case 'forbidden':
    case 'rejected':
      return { outcome: 'refused' };
  }
}

type AskAgain = Extract<PartnerAnswer, { outcome: 'ask_again' }>;

const askAgain = (
  why: AskAgain['why'],
  { retryAfterMs = null, note = null }: Partial<Pick<AskAgain, 'retryAfterMs' | 'note'>>,
): AskAgain => ({ outcome: 'ask_again', why, note, retryAfterMs, meanwhile: null });
