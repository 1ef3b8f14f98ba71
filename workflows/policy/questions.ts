import { noContactRule } from './checks.js';
import { DAY } from '../../src/domain/durations.js';
import { ASKED_FOR, type QuestionRank } from '../../src/domain/partner-calls.js';
import type { Question } from '../core/knowledge.js';
import type { Candidate } from '../core/candidates.js';
import type { Story } from '../core/story.js';
import { parcelOf } from './parcels.js';
import { asksInSilence, lastNews, nextInSilence, silence } from './silence.js';
import { spreadOf } from './spread.js';
import { expectedCompletion, unregisteredAtLab } from './timers.js';
import { overdueFrom, troubleOnTheWayOut } from './transit.js';

/** A question ends by itself, a day after there was room to ask it; should none of that be heard, it goes without. */
const PATIENCE = ASKED_FOR;

/** A question to the partner: asked once, or `again` and again (ms) until there is news. */
export type Query = Pick<Question, 'why' | 'again'>;

const canAsk = (story: Story): boolean => story.settings.partner && !story.erased;

/** A candidate that a clock has waited for. */
type Timer = Candidate & { readonly due: number };

/** An answer comes by signal, before or a little after its question has ended. */
const isAnswered = ({ outcome, cause }: Question, story: Story): boolean =>
  outcome !== null && (cause === null || story.known.facts.some((fact) => fact.cause === cause));

/** The questions that were asked since a timer fell due (ms): any of them answers for it. */
const askedSince = (due: number, story: Story): Question[] =>
  story.known.questions.filter(({ askedAt }) => askedAt >= due);

/** Whether a due timer still waits for the partner's word: a reminder of what is done already is worse than none. */
export function awaitsAnswer({ due }: Candidate, story: Story): boolean {
  if (due === null || !canAsk(story)) return false;
  const isKnown = askedSince(due, story).some((question) => isAnswered(question, story));
  return !isKnown && story.now < patienceEnds(due, story);
}

/** When a timer that waits for the partner's word goes without it (ms). */
const patienceEnds = (due: number, story: Story): number =>
  (askedSince(due, story)[0]?.askedAt ?? story.now) + PATIENCE;

/** When a timer that waits for the partner's word is looked at again: when it is asked, or its patience ends (ms). */
export const looksAgainAt = (timer: Timer, story: Story): number =>
  askedSince(timer.due, story).length === 0 && askedAbout(timer, story) > story.now
    ? askedAbout(timer, story)
    : patienceEnds(timer.due, story);

/** What the partner should be asked now; `waiting` are the candidates that are undecided or wait. */
export function questionNow(waiting: readonly Candidate[], story: Story): Query | null {
  if (!canAsk(story) || story.openQuestion !== undefined) return null;
  const why = whyNow(waiting, story);
  if (why !== null) return { why };
  const at = silenceEnds(story);
  if (at === null || at > story.now) return null;
  const again = nextInSilence(story)?.again;
  return { why: 'silence', ...(again === undefined ? {} : { again }) };
}

/**
 * Results that may be there and a missing address keep a patient waiting; a reminder waits for its answer, but for a day;
 * for news that nobody waits for, there is time.
 */
export function rankOf(why: Question['why'], story: Story): QuestionRank {
  if (why === 'no_contact' || mayHaveResults(story)) return 'first';
  return why === 'silence' || why === 'on_the_way' ? 'last' : 'usual';
}

/** Work on the sample has begun or should have ended, or the partner calls it completed; and no results have come. */
function mayHaveResults(story: Story): boolean {
  if (silence(story)?.awaits !== 'results') return false;
  const expected = expectedCompletion(story);
  return (
    story.state === 'processing' ||
    (expected !== null && expected <= story.now) ||
    story.answers.at(-1)?.fact.completedWithoutResults === true
  );
}

/**
 * How much later than its clock says a question is asked (ms), so that those of many kits don't come at one moment. Not
 * one that may bring results, nor one by which a human is called at a fixed time.
 */
const spread = (story: Story, waited: number): number =>
  mayHaveResults(story) || unregisteredAtLab(story) !== undefined ? 0 : spreadOf(story.subject, waited);

/** When the partner is asked for the sake of a timer that fell due (ms). */
const askedAbout = ({ due, receivedAt }: Timer, story: Story): number => due + spread(story, due - receivedAt);

/** A parcel in trouble may be delivered after all: asked about after this long, and at doubling intervals (ms). */
const TROUBLE_AGAIN = 2 * DAY;

/**
 * When the partner is asked about a parcel, because it is overdue or in trouble (ms); null: not at all, or not again. One
 * that is overdue is asked about once: its reminder asks next.
 */
export function parcelAsked(story: Story): number | null {
  if (!canAsk(story)) return null;
  const overdue = overdueFrom(story);
  if (overdue !== null) {
    const waited = overdue - (parcelOf(story)?.receivedAt ?? overdue);
    return askedSince(overdue, story).length > 0 ? null : overdue + spread(story, waited);
  }
  const trouble = troubleOnTheWayOut(story);
  if (trouble === undefined) return null;
  const asked = askedSince(trouble.receivedAt, story);
  return (asked.at(-1)?.askedAt ?? trouble.receivedAt) + TROUBLE_AGAIN * 2 ** asked.length;
}

/** What should be asked now for the sake of an email, or of a parcel. */
function whyNow(waiting: readonly Candidate[], story: Story): Question['why'] | null {
  const unasked = waiting.filter(isDue(story)).filter(({ due }) => askedSince(due, story).length === 0);
  if (unasked.some((timer) => askedAbout(timer, story) <= story.now))
    return unregisteredAtLab(story) === undefined ? 'before_reminder' : 'unregistered_at_lab';
  if (waiting.some((candidate) => lacksContact(candidate) && wantsAsking(candidate, story))) return 'no_contact';
  const parcel = parcelAsked(story);
  return parcel !== null && parcel <= story.now ? 'on_the_way' : null;
}

/** A timer that has rung, and has not been decided. */
const isDue =
  (story: Story) =>
  (candidate: Candidate): candidate is Timer =>
    candidate.notification === undefined && candidate.due !== null && candidate.due <= story.now;

const lacksContact = ({ notification }: Candidate): boolean =>
  notification?.reason === 'no_contact' || notification?.reason === 'not_the_patient';

/** Nobody has been asked for an address since its fact. */
const wantsAsking = (candidate: Candidate, story: Story): boolean =>
  noContactRule(candidate, story).askPartner && !story.known.questions.some(({ upTo }) => upTo >= candidate.event.seq);

/** Whether the question that is open has become pointless by what was learned since, or because nobody waits any longer. */
export function isPointless(waiting: readonly Candidate[], story: Story): boolean {
  const open = story.openQuestion;
  if (open === undefined) return false;
  if (open.again !== undefined)
    return !canAsk(story) || !asksInSilence(story) || hasNewsSince(open, story) || whyNow(waiting, story) !== null;
  switch (open.why) {
    case 'silence':
      return !asksInSilence(story);
    case 'on_the_way':
      return overdueFrom(story) === null && troubleOnTheWayOut(story) === undefined;
    case 'no_contact':
      return !waiting.some(lacksContact);
    case 'before_reminder':
    case 'unregistered_at_lab':
      return !waiting.some(isDue(story));
  }
}

/** A question that is asked again and again is one about silence. */
const hasNewsSince = ({ upTo }: Question, story: Story): boolean => story.news.some(({ seq }) => seq > upTo);

/**
 * When the partner is asked because no webhook comes (ms). Once the pauses have grown to their longest, one question asks
 * again and again, and comes back with news only: so half a year of silence costs no more than a month. Null: not at all.
 */
export function silenceEnds(story: Story): number | null {
  if (!canAsk(story) || !asksInSilence(story) || story.openQuestion?.again !== undefined) return null;
  const next = nextInSilence(story);
  if (next === null) return null;
  // What follows keeps the distance; and whoever asks the lab asks for results.
  return next.isFirst && silence(story)?.awaits === 'sample'
    ? next.at + spread(story, next.at - lastNews(story))
    : next.at;
}

/** Until when the partner is asked because of silence (ms); null where nobody asks, or no end is in sight. */
export const askedUntil = (story: Story): number | null =>
  canAsk(story) && story.settings.silenceAfter !== null ? (silence(story)?.endsAt ?? null) : null;
