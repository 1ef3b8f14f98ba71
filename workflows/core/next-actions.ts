import type { Attention, SubjectProjection } from '../../src/domain/activities.js';
import { DAY } from '../../src/domain/durations.js';
import { escalations, type Escalation } from '../policy/attention.js';
import { objectionTo, tooLateAt } from '../policy/checks.js';
import {
  askedUntil,
  awaitsAnswer,
  isPointless,
  looksAgainAt,
  parcelAsked,
  questionNow,
  silenceEnds,
  type Query,
} from '../policy/questions.js';
import { farewell } from '../policy/remarks.js';
import { silence } from '../policy/silence.js';
import type { Candidate } from './candidates.js';
import { candidates } from './decide.js';
import type { Decision } from './decisions.js';
import type { Story } from './story.js';

/** The next moment at which something may have to be done, and what a person would call it. */
export interface Deadline {
  readonly what: string;
  /** ms */
  readonly at: number;
}

/** What is to be done next, once the decisions of this moment are being carried out. */
export interface NextActions {
  readonly projection: SubjectProjection;
  /** When to look again although nothing was learned; null: never. */
  readonly alarm: Deadline | null;
  /** What the partner should be asked now. */
  readonly question: Query | null;
  /** The question that is open need not be answered any more. */
  readonly questionIsPointless: boolean;
  /** What is remarked as the journey ends, where it ends without an outcome. */
  readonly farewell: readonly Decision[];
  /** What a human should know now, the gravest first. */
  readonly escalations: readonly Escalation[];
}

/** An unregistered kit's journey ends this long after its last reminder (ms). */
const FORGOTTEN_AFTER = 30 * DAY;

/** Looks ahead from what is known, at this moment. */
export function nextActions(story: Story): NextActions {
  const { now } = story;
  const all = candidates(story);
  const waiting = all.filter(({ notification }) => notification === undefined || notification.status === 'deferred');
  const escalated = escalations(all, story);
  const present = escalated.filter(({ from }) => from <= now);
  const later = (deadlines: readonly Deadline[]): Deadline[] => deadlines.filter((deadline) => deadline.at > now);
  const emails = later(waiting.flatMap((candidate) => deadlinesOf(candidate, story)));
  const end = endOf(waiting, story);
  const others: Deadline[] = [
    ...escalated.map(({ code, from }) => ({ what: `needs attention: ${code}`, at: from })),
    ...at('the partner is asked', silenceEnds(story)),
    ...at('the partner is asked', parcelAsked(story)),
    ...at('the partner is asked no longer', askedUntil(story)),
    ...at('the journey ends', end),
  ];
  const closed = end !== null && end <= now;
  const endsNow = closed && story.known.projected?.closed !== true;
  return {
    projection: {
      state: story.state,
      attention: attentionOf(present),
      because: story.because,
      next: earliest(emails),
      closed,
      at: now,
    },
    alarm: earliest([...emails, ...later(others)]),
    question: questionNow(waiting, story),
    farewell: endsNow ? farewell(all, story) : [],
    questionIsPointless: isPointless(waiting, story),
    escalations: present,
  };
}

const at = (what: string, time: number | null): Deadline[] => (time === null ? [] : [{ what, at: time }]);

/** Each thing once, since it has been so: several notifications of a kind may need the same. */
function attentionOf(escalations: readonly Escalation[]): Attention[] {
  const found = new Map<string, Attention>();
  for (const { code, kind, from } of escalations) {
    const name = `${code} ${kind ?? ''}`;
    const since = Math.min(from, found.get(name)?.since ?? from);
    found.set(name, kind === undefined ? { code, since } : { code, kind, since });
  }
  return [...found.values()];
}

const earliest = (deadlines: readonly Deadline[]): Deadline | null =>
  deadlines.reduce<Deadline | null>((first, next) => (first === null || next.at < first.at ? next : first), null);

/** When an email that waits is looked at again; moments that have passed are among them. */
function deadlinesOf(candidate: Candidate, story: Story): Deadline[] {
  const { kind: what, due, notification } = candidate;
  if (notification === undefined && due !== null)
    return [{ what, at: awaitsAnswer(candidate, story) ? looksAgainAt({ ...candidate, due }, story) : due }];
  return [
    ...at(what, objectionTo(candidate, story)?.until ?? null),
    ...at(what, tooLateAt(candidate, story)?.at ?? null),
  ];
}

/** When the journey ends if nothing more is learned (ms); null while it goes on. */
function endOf(waiting: readonly Candidate[], story: Story): number | null {
  const open = story.notifications.some(({ status, flight }) => status === 'deferred' || flight !== 'none');
  if (open || story.openQuestion !== undefined) return null;
  const { kitLinger } = story.settings;
  const last = Math.max(
    ...story.notifications.map((notification) => notification.at),
    ...story.known.facts.map((fact) => fact.receivedAt),
    0,
  );
  if (waiting.length > 0) return null;
  const hasEnded = !story.isKits || story.reached('results', 'cancelled', 'failed');
  if (hasEnded) return kitLinger === null ? null : Math.max(last, askedUntil(story) ?? 0) + kitLinger;
  const present = silence(story);
  return present === null ? last + FORGOTTEN_AFTER : present.endsAt;
}
