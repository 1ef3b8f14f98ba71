import type {
  Death,
  NotifyInput,
  RecordedDecision,
  Said,
  SettleInput,
  SubjectProjection,
} from '../../src/domain/activities.js';
import { MINUTE } from '../../src/domain/durations.js';
import { eventsThatShow } from '../../src/domain/events.js';
import { isOfResults, type JourneyKind, roleOfKind } from '../../src/domain/kinds.js';
import { isOperators, isOvertaking, isSameNotification } from '../../src/domain/notifications.js';
import { isWholeOrderCancelled } from '../policy/cancellation.js';
import { policyRow, tooLateAt, tooLateRule } from '../policy/checks.js';
import { isParked, released } from '../policy/repairs.js';
import { resultsTold } from '../policy/results.js';
import { deliveryOf, expectedDelivery } from '../policy/parcels.js';
import { expectedCompletion } from '../policy/timers.js';
import type { Candidate } from './candidates.js';
import { decisionRow, type Decision } from './decisions.js';
import type { Knowledge } from './knowledge.js';
import type { Story, StoryEvent } from './story.js';

/** So long an email answers something that the person has just done, and goes out at night too. */
const FRESH_FOR = 15 * MINUTE;

/** What `notify-patient` needs to know of a decision to send; the story is that in which it was decided. */
export function notifyInput(decision: Decision, story: Story, projection: SubjectProjection): NotifyInput {
  const { candidate } = decision;
  const { kind, at, event, notification } = candidate;
  const limit = tooLateAt(candidate, story);
  const { means } = tooLateRule(candidate, story);
  const byOrder = candidate.ordered || isOperators(decision.cause) || released(story, candidate) !== undefined;
  return {
    ...decisionRow(decision, story.now),
    journey: story.subject,
    audience: roleOfKind(kind),
    tooLateAt: byOrder ? null : (limit?.at ?? null),
    tooLateMeans: means,
    quietExemptUntil: policyRow(candidate).quietHours === 'wait_unless_fresh' ? at + FRESH_FOR : null,
    ...saidOf(kind, event, story),
    projection,
    ...unlessTold(candidate, story),
    ...(notification !== undefined && isParked(notification) ? { reopen: true } : {}),
    ...(decision.verdict === 'not_send' && isOvertaking(decision.reason) ? { overtaken: decision.reason } : {}),
  };
}

/** What an email may say of its story. @param event what it is about; undefined where that isn't known any more */
export const saidOf = (kind: JourneyKind, event: StoryEvent | undefined, story: Story): Said => ({
  firstWord: isOfResults(kind) && (kind === 'results.available' || !resultsTold(story)),
  expectedDelivery: (event === undefined ? null : deliveryOf(event)) ?? expectedDelivery(story),
  expectedCompletion: expectedCompletion(story),
  shippedAt: story.first(...eventsThatShow('shipped'))?.at ?? null,
});

/** A patient whose order was cancelled may have been told as its recipient: the sender finds out whether that email went. */
function unlessTold({ kind }: Candidate, story: Story): Pick<NotifyInput, 'unlessTold'> {
  const { patient, recipient, orderSubject, settings } = story;
  const isOne = patient.known && recipient.known && patient.address !== null && patient.address === recipient.address;
  const byOrder = kind === 'kit.cancelled' && isWholeOrderCancelled(story) && isOne;
  if (!byOrder || orderSubject === null || settings.switchedOff.includes('order.cancelled')) return {};
  return { unlessTold: { subject: orderSubject, kind: 'order.cancelled', occurrence: 1 } };
}

/**
 * What `record` writes of a decision. A reminder is kept under its order: a kit that no longer needs one must not decide
 * for its siblings, so where there are any only the story grows.
 */
export function recordedDecision(decision: Decision, story: Story): RecordedDecision {
  const row = decisionRow(decision, story.now);
  const isShared = row.subject !== story.subject && story.hasSiblings;
  if (decision.effect !== 'settle' || isShared) return row;
  return { ...row, status: decision.verdict === 'wait' ? 'deferred' : 'not_sent' };
}

/**
 * What `settle` needs when a send has ended without an outcome at `now` (ms): why it was called back, or how it died,
 * where nobody called it back.
 */
export function settleInput(known: Knowledge, sent: NotifyInput, death: Death | null, now: number): SettleInput {
  const { subject, journey, kind, occurrence, cause, rule } = sent;
  const calledBackBy = known.notifications.find((one) => isSameNotification(one, sent))?.calledBackBy ?? null;
  const reason = calledBackBy?.reason ?? null;
  // Called back is called back, however the attempt died then; also where a former run had called it back.
  const overtakenBy = isOvertaking(reason) ? reason : (sent.overtaken ?? 'superseded');
  const isOvertaken = calledBackBy !== null || sent.overtaken !== undefined;
  return {
    subject,
    journey,
    kind,
    occurrence,
    ending: isOvertaken ? overtakenBy : (death ?? overtakenBy),
    cause: calledBackBy?.cause ?? cause,
    rule: calledBackBy?.rule ?? rule,
    projection: known.projected ?? sent.projection,
    at: now,
  };
}
