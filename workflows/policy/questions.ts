import { eventsWhereSilence } from '../../src/domain/events.js';
import { noContactRule } from './checks.js';
import { DAY } from '../../src/domain/durations.js';
import type { QuestionRank } from '../../src/domain/partner-calls.js';
import type { Question } from '../core/knowledge.js';
import type { Candidate } from '../core/candidates.js';
import type { Story } from '../core/story.js';
import { expectedCompletion, unregisteredAtLab } from './timers.js';

/** No answer in this time, and the journey goes on without one. */
const PATIENCE = DAY;
const LONGEST_SILENCE = 7 * DAY;

/** A question to the partner: asked once, or `again` and again (ms) until there is news. */
export type Query = Pick<Question, 'why' | 'again'>;

const canAsk = (story: Story): boolean => story.settings.partner && !story.erased;

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
export const patienceEnds = (due: number, story: Story): number =>
  (askedSince(due, story)[0]?.askedAt ?? story.now) + PATIENCE;

/** What the partner should be asked now; `waiting` are the candidates that are undecided or wait. */
export function questionNow(waiting: readonly Candidate[], story: Story): Query | null {
  if (!canAsk(story) || story.openQuestion !== undefined) return null;
  const why = whyNow(waiting, story);
  if (why !== null) return { why };
  const silence = silenceEnds(story);
  if (silence === null || silence > story.now) return null;
  const again = pauseInSilence(story);
  return { why: 'silence', ...(again < LONGEST_SILENCE ? {} : { again }) };
}

/** Results that may be there and a missing address keep a patient waiting; a reminder may be late. */
export function rankOf(why: Question['why'], story: Story): QuestionRank {
  if (why === 'no_contact' || mayHaveResults(story)) return 'first';
  return why === 'before_reminder' ? 'last' : 'usual';
}

/** Work on the sample has begun or should have ended, or the partner calls it completed; and no results have come. */
function mayHaveResults(story: Story): boolean {
  if (!isExpecting(story)) return false;
  const expected = expectedCompletion(story);
  return (
    story.state === 'processing' ||
    (expected !== null && expected <= story.now) ||
    story.answers.at(-1)?.fact.completedWithoutResults === true
  );
}

/** What should be asked now for the sake of an email. */
function whyNow(waiting: readonly Candidate[], story: Story): Question['why'] | null {
  if (waiting.filter(isDue(story)).some(({ due }) => askedSince(due, story).length === 0))
    return unregisteredAtLab(story) === undefined ? 'before_reminder' : 'unregistered_at_lab';
  return waiting.some((candidate) => lacksContact(candidate) && wantsAsking(candidate, story)) ? 'no_contact' : null;
}

/** A timer that has rung, and has not been decided. */
const isDue =
  (story: Story) =>
  (candidate: Candidate): candidate is Candidate & { readonly due: number } =>
    candidate.notification === undefined && candidate.due !== null && candidate.due <= story.now;

const lacksContact = ({ notification }: Candidate): boolean =>
  notification?.reason === 'no_contact' || notification?.reason === 'not_the_patient';

/** Nobody has been asked for an address since its fact. */
const wantsAsking = (candidate: Candidate, story: Story): boolean =>
  noContactRule(candidate, story).askPartner && !story.known.questions.some(({ upTo }) => upTo >= candidate.event.seq);

/** Whether the question that is open has become pointless by what was learned since. */
export function isPointless(waiting: readonly Candidate[], story: Story): boolean {
  const open = story.openQuestion;
  if (open === undefined) return false;
  if (open.again !== undefined) return !canAsk(story) || hasNewsSince(open, story) || whyNow(waiting, story) !== null;
  if (open.why === 'silence') return !isExpecting(story);
  return !waiting.some(open.why === 'no_contact' ? lacksContact : isDue(story));
}

/** A question that is asked again and again is one about silence. */
const hasNewsSince = ({ upTo }: Question, story: Story): boolean => story.news.some(({ seq }) => seq > upTo);

/** The lab has the sample, and no results have come. */
const isExpecting = (story: Story): boolean =>
  story.isKits && story.has(...eventsWhereSilence('begins')) && !story.has(...eventsWhereSilence('ends'));

/**
 * When the partner is asked because no webhook comes (ms): SILENCE_AFTER after the last news, then at doubling
 * intervals up to a week, from the sample's arrival until results. From then on one question is asked every week, and
 * comes back with news only: so a year of silence costs no more than a month. Null: not at all.
 */
export function silenceEnds(story: Story): number | null {
  if (story.settings.silenceAfter === null || !canAsk(story) || !isExpecting(story)) return null;
  if (story.openQuestion?.again !== undefined) return null;
  return (askedInSilence(story).at(-1)?.askedAt ?? lastNews(story)) + pauseInSilence(story);
}

function pauseInSilence(story: Story): number {
  const after = story.settings.silenceAfter ?? LONGEST_SILENCE;
  return Math.min(after * 2 ** askedInSilence(story).length, Math.max(LONGEST_SILENCE, after));
}

const lastNews = (story: Story): number => Math.max(...story.news.map(({ receivedAt }) => receivedAt));

const askedInSilence = (story: Story): Question[] =>
  story.known.questions.filter(({ askedAt }) => askedAt > lastNews(story));
