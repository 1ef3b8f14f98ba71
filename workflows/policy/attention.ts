import type { AttentionCode } from '../../src/domain/attention.js';
import { eventsThatShow } from '../../src/domain/events.js';
import { isOfResults, type JourneyKind } from '../../src/domain/kinds.js';
import type { Reason } from '../../src/domain/notifications.js';
import type { Candidate } from '../core/candidates.js';
import type { Notification } from '../core/knowledge.js';
import type { Story, StoryEvent } from '../core/story.js';
import { noContactRule, policyRow } from './checks.js';
import { isParked } from './repairs.js';
import { heldUntil } from './results.js';
import { unregisteredAtLab, unregisteredDue } from './timers.js';

/** Why a human should look: from when on (ms), and whether staff are called at once. */
export interface Escalation {
  readonly code: AttentionCode;
  readonly kind?: JourneyKind;
  readonly from: number;
  readonly alerts: boolean;
}

/** Every escalation, the gravest first; one whose time has not come is in it too, so that a clock can wait for it. */
export function escalations(candidates: readonly Candidate[], story: Story): Escalation[] {
  const results = candidates.filter(({ kind }) => isOfResults(kind));
  const others = candidates.filter(({ kind }) => !isOfResults(kind));
  return [
    ...conflict(story),
    ...results.flatMap((candidate) => aboutNotification(candidate, story)),
    ...contradictions(story),
    ...others.flatMap((candidate) => aboutNotification(candidate, story)),
    ...atTheLab(story),
  ];
}

const conflict = (story: Story): Escalation[] =>
  !story.patient.known && story.patient.why === 'contact_conflict' && !story.erased
    ? [{ code: 'contact_conflict', from: story.now, alerts: true }]
    : [];

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
  if (notification?.flight !== 'none' || notification.reason === null) return [];
  const { undelivered } = policyRow(candidate);
  const alerts =
    undelivered === 'human' || (undelivered === 'attention_now' && DID_NOT_ARRIVE.includes(notification.reason));
  const escalation = (code: AttentionCode, from = story.now): Escalation[] => [{ code, kind, from, alerts }];
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

/** An operator has skipped it, or a later email of this kit has reached the same person. */
function isTakenCareOf(candidate: Candidate, notification: Notification, story: Story): boolean {
  const skip = story.commands('operator.skip', notification.upTo, candidate);
  const laterOne = story.notifications.some(
    (other) => other.at > notification.at && ['sent', 'delivered'].includes(other.status),
  );
  return skip.length > 0 || (laterOne && isParked(notification) && policyRow(candidate).undelivered !== 'human');
}

/** Facts that don't go together; an operator's skip of the whole subject acknowledges them. */
function contradictions(story: Story): Escalation[] {
  const results = story.first(...eventsThatShow('results'));
  const end = story.first(...eventsThatShow('cancelled', 'failed'));
  const review = story.has('results.available') ? undefined : story.first('results.reviewed');
  const strange = story.all('partner.answered').filter(({ fact }) => fact.unknownStatus === true);
  const found: Escalation[] = [];
  const add = (code: AttentionCode, alerts: boolean, ...because: readonly (StoryEvent | undefined)[]): void => {
    if (because.some((event) => event === undefined)) return;
    const since = Math.max(...because.map((event) => event?.seq ?? 0));
    if (!story.skippedSince(since)) found.push({ code, from: story.now, alerts });
  };
  if (story.isKits) {
    add('results_after_end', true, results, end);
    add(
      'cancelled_at_lab',
      false,
      results === undefined && story.reached('at_lab') ? story.first(...eventsThatShow('cancelled')) : undefined,
    );
    add('review_without_results', false, review);
    add('unknown_status', true, strange.at(-1));
    add(
      'two_orders',
      false,
      story.orders.length > 1 ? story.news.find(({ fact }) => fact.order === story.orders[1]) : undefined,
    );
  }
  return found;
}

function atTheLab(story: Story): Escalation[] {
  const arrival = unregisteredAtLab(story);
  if (arrival === undefined || story.reached('results') || story.skippedSince(arrival.seq)) return [];
  return [{ code: 'unregistered_at_lab', from: unregisteredDue(arrival), alerts: true }];
}
