import type { AttentionCode } from '../../src/domain/attention.js';
import { DAY } from '../../src/domain/durations.js';
import { eventsThatShow } from '../../src/domain/events.js';
import { isOfResults, type JourneyKind } from '../../src/domain/kinds.js';
import type { Reason } from '../../src/domain/notifications.js';
import type { Candidate } from '../core/candidates.js';
import type { Notification } from '../core/knowledge.js';
import type { Story, StoryEvent } from '../core/story.js';
import { contradictionOf, hasItsOwnTime, knownSince } from './cancellation.js';
import { noContactRule, policyRow } from './checks.js';
import { isParked } from './repairs.js';
import { amendment, heldUntil } from './results.js';
import { unregisteredAtLab, unregisteredDue } from './timers.js';
import { troubleOnTheWayBack, troubleOnTheWayOut } from './transit.js';

/** Why a human should look, and whether staff are called at once. */
export interface Escalation {
  readonly code: AttentionCode;
  readonly kind?: JourneyKind;
  /** From when on (ms). */
  readonly from: number;
  /** The newest fact that raised it (its `seq`): what came after that may have settled it. */
  readonly since: number;
  readonly alerts: boolean;
}

/** What raised it, and when that came. */
type Seen = Pick<StoryEvent, 'seq' | 'receivedAt'>;

/** Every escalation, the gravest first; one whose time has not come is in it too, so that a clock can wait for it. */
export function escalations(candidates: readonly Candidate[], story: Story): Escalation[] {
  const results = candidates.filter(({ kind }) => isOfResults(kind));
  const others = candidates.filter(({ kind }) => !isOfResults(kind));
  return [
    ...conflict(story),
    ...unreadable(story),
    ...results.flatMap((candidate) => aboutNotification(candidate, story)),
    ...inDoubt(candidates, story),
    ...contradictions(story),
    ...onTheWay(story),
    ...others.flatMap((candidate) => aboutNotification(candidate, story)),
    ...atTheLab(story),
  ].filter((escalation) => !isAcknowledged(escalation, story));
}

/** A human has seen it, by `acknowledge` after it was raised: until something new raises it again. */
const isAcknowledged = ({ from, since }: Escalation, story: Story): boolean =>
  story.ownCommands('operator.acknowledge').some(({ seq, receivedAt }) => seq > since && receivedAt >= from);

function conflict(story: Story): Escalation[] {
  if (story.patient.known || story.patient.why !== 'contact_conflict' || story.erased) return [];
  const last = story.known.facts.filter(({ person }) => person?.role === 'patient').at(-1);
  return [{ code: 'contact_conflict', from: last?.receivedAt ?? story.now, since: last?.seq ?? 0, alerts: true }];
}

/**
 * What couldn't be read may be what nobody was told; in the story of whom it names, so an order's is not its kits', and a
 * cancellation of some kits is the order's all the same. Read after all, by a replay, it stands under the same cause as
 * another event.
 */
function unreadable(story: Story): Escalation[] {
  const { facts } = story.known;
  const unread = facts
    .filter(({ order, unreadable }) => unreadable !== undefined && !(story.isKits && order !== undefined))
    .filter(({ cause, event }) => !facts.some((fact) => fact.cause === cause && fact.event !== event))
    .filter(({ seq }) => !story.skippedSince(seq));
  const newest = Math.max(...unread.map(({ seq }) => seq));
  return unread
    .filter(({ seq }) => seq === newest)
    .map(({ receivedAt, seq, unreadable }) => ({
      code: 'unreadable_webhook',
      from: receivedAt,
      since: seq,
      alerts: unreadable?.aboutResults !== false,
    }));
}

const CODES: Partial<Record<Reason, AttentionCode>> = {
  address_refused: 'address_refused',
  server_refused: 'server_refused',
  retries_exhausted: 'retries_exhausted',
  no_answer: 'no_answer',
  bounced_permanent: 'bounced',
  bounced_temporary: 'bounced',
  complained: 'complained',
  address_suppressed: 'address_suppressed',
};

/** After these the next email won't reach the person either: neither a complaint nor a missing answer says so. */
const DID_NOT_ARRIVE: readonly Reason[] = [
  'address_refused',
  'server_refused',
  'retries_exhausted',
  'bounced_permanent',
  'bounced_temporary',
  'address_suppressed',
];

function aboutNotification(candidate: Candidate, story: Story): Escalation[] {
  const { notification, kind } = candidate;
  if (notification?.flight !== 'none' || notification.reason === null || story.erased) return [];
  const { undelivered } = policyRow(candidate);
  const alerts =
    undelivered === 'human' || (undelivered === 'attention_now' && DID_NOT_ARRIVE.includes(notification.reason));
  const since = Math.max(notification.covers, ...reportsOn(notification, story).map(({ seq }) => seq));
  const escalation = (code: AttentionCode, from = notification.at): Escalation[] => [
    { code, kind, from, since, alerts },
  ];
  if (notification.status === 'deferred') return aboutWaiting(candidate, notification, story, escalation);
  if (undelivered === 'row' || isTakenCareOf(candidate, notification, story)) return [];
  if (notification.reason === 'opted_out') return undelivered === 'human' ? escalation('opted_out') : [];
  const code = CODES[notification.reason];
  return code === undefined ? [] : escalation(code);
}

function aboutWaiting(
  candidate: Candidate,
  notification: Notification,
  story: Story,
  escalation: (code: AttentionCode, from?: number) => Escalation[],
): Escalation[] {
  switch (notification.reason) {
    case 'no_contact':
    case 'not_the_patient': {
      const { attentionAfter } = noContactRule(candidate, story);
      return attentionAfter === null ? [] : escalation(notification.reason, candidate.receivedAt + attentionAfter);
    }
    case 'held_for_review': {
      const until = heldUntil(story, candidate);
      if (until === null) return [];
      const half = until - story.settings.resultsMaxHold / 2;
      return escalation('held_for_review', half).map((each) => ({ ...each, alerts: false }));
    }
    case 'too_late':
    case 'address_suppressed':
    case 'opted_out':
      return escalation(notification.reason);
    default:
      return [];
  }
}

/** What the mail provider said against it; that it arrived, told late, raises nothing. */
const reportsOn = ({ kind, occurrence }: Notification, story: Story): StoryEvent[] =>
  story
    .all('mail.bounced', 'mail.complained')
    .filter(({ fact: { mail } }) => mail?.kind === kind && mail.occurrence === occurrence);

/** An operator has skipped it, or a later email of this kit has reached the same person. */
function isTakenCareOf(candidate: Candidate, notification: Notification, story: Story): boolean {
  const skip = story.commands('operator.skip', notification.upTo, candidate);
  const laterOne = story.notifications.some(
    (other) => other.at > notification.at && ['sent', 'delivered'].includes(other.status),
  );
  return skip.length > 0 || (laterOne && isParked(notification) && policyRow(candidate).undelivered !== 'human');
}

/** The cancellation and what came after it, until a human has let go or skipped what waits for them. */
function inDoubt(all: readonly Candidate[], story: Story): Escalation[] {
  const doubt = contradictionOf(story);
  if (doubt === null || story.erased) return [];
  const held = all.filter(({ notification }) => notification?.reason === 'contradicted');
  const known = knownSince(doubt);
  const decided = story.ownCommands('operator.release').some(({ seq }) => seq > known.seq);
  if (held.length === 0 && (decided || story.skippedSince(known.seq))) return [];
  const newest = [known, ...held.map(({ event }) => event)].reduce((a, b) => (b.seq > a.seq ? b : a));
  return [{ code: 'contradicted', from: newest.receivedAt, since: newest.seq, alerts: true }];
}

/** Facts that don't go together; an operator's skip of the whole subject acknowledges them. */
function contradictions(story: Story): Escalation[] {
  const found: Escalation[] = [];
  const add = (code: AttentionCode, alerts: boolean, ...because: readonly (Seen | undefined)[]): void => {
    const facts = because.filter((event) => event !== undefined);
    if (facts.length < because.length) return;
    const since = Math.max(...facts.map(({ seq }) => seq));
    const from = Math.max(...facts.map(({ receivedAt }) => receivedAt));
    if (!story.skippedSince(since)) found.push({ code, from, since, alerts });
  };
  if (!story.isKits) return found;
  const results = story.first(...eventsThatShow('results'));
  // That it failed after it was cancelled is another fact; that either is told again isn't.
  const ends = eventsThatShow('cancelled', 'failed').flatMap((event) => story.first(event) ?? []);
  add('results_after_end', true, results, ends.sort((a, b) => a.seq - b.seq).at(-1));
  const atLab = story.reached('at_lab') && results === undefined;
  add('cancelled_at_lab', false, atLab ? story.first(...eventsThatShow('cancelled')) : undefined);
  add('review_without_results', false, story.has('results.available') ? undefined : story.first('results.reviewed'));
  add('maybe_amended', true, amendment(story));
  const { unknownWords } = story.answers.at(-1)?.fact ?? {};
  const isUnknown = ({ fact }: StoryEvent): boolean =>
    fact.unknownStatus === true && fact.unknownWords === unknownWords;
  add('unknown_status', true, firstOfRun(story.answers, isUnknown));
  const [, ...others] = story.orders;
  const other = story.known.facts.find(({ order }) => order !== undefined && order === others.at(-1));
  add('two_orders', false, other);
  add('life_after_failure', false, results === undefined ? lifeAfterFailure(story) : undefined);
  return [...found, ...withoutResults(story)];
}

/** The lab's work on a kit that had failed, by its own times; results after that are another matter. */
function lifeAfterFailure(story: Story): StoryEvent | undefined {
  const failures = story.all(...eventsThatShow('failed'));
  const last = Math.max(...failures.map(({ at }) => at));
  return story
    .all(...eventsThatShow('at_lab'))
    .filter((event) => failures.length > 0 && event.at > last && hasItsOwnTime(event))
    .at(-1);
}

/** The first of the partner's latest answers that all say so: the same in a fresh answer is nothing new. */
const firstOfRun = (answers: readonly StoryEvent[], saysSo: (answer: StoryEvent) => boolean): StoryEvent | undefined =>
  answers[answers.findLastIndex((answer) => !saysSo(answer)) + 1];

/** So long the partner is asked again, before a human asks the lab. */
const WITHOUT_RESULTS = 2 * DAY;

/** The partner calls the kit completed, and has no complete results for it. */
function withoutResults(story: Story): Escalation[] {
  const first = firstOfRun(story.answers, ({ fact }) => fact.completedWithoutResults === true);
  if (first === undefined || story.reached('results') || story.skippedSince(first.seq)) return [];
  const from = first.receivedAt + WITHOUT_RESULTS;
  return [{ code: 'completed_without_results', from, since: first.seq, alerts: true }];
}

/** A parcel in trouble, on either way: somebody waits for it in vain, and no webhook tells. */
function onTheWay(story: Story): Escalation[] {
  const out = troubleOnTheWayOut(story);
  const back = troubleOnTheWayBack(story);
  return [
    ...(out === undefined
      ? []
      : [{ code: 'not_delivered' as const, from: out.receivedAt, since: out.seq, alerts: true }]),
    ...(back === undefined ? [] : [{ code: 'lost_in_transit' as const, ...back, alerts: true }]),
  ].filter(({ since }) => !story.skippedSince(since));
}

function atTheLab(story: Story): Escalation[] {
  const arrival = unregisteredAtLab(story);
  if (arrival === undefined || story.reached('results') || story.skippedSince(arrival.seq)) return [];
  return [{ code: 'unregistered_at_lab', from: unregisteredDue(arrival), since: arrival.seq, alerts: true }];
}
