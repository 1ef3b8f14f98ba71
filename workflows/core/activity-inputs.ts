import { type DecisionRow, isOperators } from '../../src/domain/notifications.js';
import type { NotifyInput, RecordedDecision, SettleInput, SubjectProjection } from '../../src/domain/activities.js';
import { policyRow, tooLateAt } from '../policy/checks.js';
import { MINUTE } from '../../src/domain/durations.js';
import type { Knowledge } from './knowledge.js';
import { isParked, released } from '../policy/repairs.js';
import { resultsTold } from '../policy/results.js';
import type { Decision } from './decisions.js';
import { Story } from './story.js';

/** So long an email answers something that the person has just done, and goes out at night too. */
const FRESH_FOR = 15 * MINUTE;

const decisionOf = ({ candidate, verdict, reason, cause, rule }: Decision, now: number): DecisionRow => ({
  subject: candidate.subject,
  kind: candidate.kind,
  occurrence: candidate.occurrence,
  verdict,
  reason,
  cause,
  rule,
  at: now,
});

/** What `notify-patient` needs to know of a ruling to send; `known` is what was known when it was given. */
export function notifyInput(
  decision: Decision,
  known: Knowledge,
  now: number,
  projection: SubjectProjection,
): NotifyInput {
  const story = new Story(known, now);
  const { candidate } = decision;
  const { kind, at, event, notification } = candidate;
  const policy = policyRow(candidate);
  const limit = tooLateAt(candidate, story);
  const byOrder = candidate.ordered || isOperators(decision.cause) || released(story, candidate) !== undefined;
  return {
    ...decisionOf(decision, now),
    journey: story.subject,
    audience: policy.to,
    sourceSeq: event.seq,
    tooLateAt: byOrder ? null : (limit?.at ?? null),
    tooLateMeans: limit?.means ?? 'not_sent',
    quietExemptUntil: policy.quietHours === 'wait_unless_fresh' ? at + FRESH_FOR : null,
    firstWord: kind.startsWith('results.') && (kind === 'results.available' || !resultsTold(story)),
    expectedDelivery: event.fact.delivery ?? story.newest('delivery'),
    expectedCompletion: story.newest('completion'),
    shippedAt: story.first('order.shipped', 'kit.shipped')?.at ?? null,
    projection,
    ...(notification !== undefined && isParked(notification) ? { reopen: true } : {}),
    ...(decision.verdict === 'not_send' && isOvertaking(decision.reason) ? { overtaken: decision.reason } : {}),
  };
}

type Overtaking = NonNullable<NotifyInput['overtaken']>;

const OVERTAKINGS: readonly string[] = [
  'superseded',
  'cancelled',
  'operator_skipped',
  'erased',
  'contact_conflict',
] satisfies Overtaking[];

const isOvertaking = (reason: string | null): reason is Overtaking => reason !== null && OVERTAKINGS.includes(reason);

/**
 * What `record` writes of a ruling. A reminder is kept under its order: a kit that no longer needs one must not decide
 * for its siblings, so where there are any only the story grows.
 */
export function recordedDecision(ruling: Decision, known: Knowledge, now: number): RecordedDecision {
  const decision = decisionOf(ruling, now);
  const shared = decision.subject !== known.subject && new Story(known, now).hasSiblings;
  if (ruling.effect !== 'settle' || shared) return decision;
  return { ...decision, status: ruling.verdict === 'wait' ? 'deferred' : 'not_sent' };
}

/** What `settle` needs when a send has died, or was called back by a ruling. */
export function settleInput(
  sent: NotifyInput,
  ending: SettleInput['ending'],
  calledBackBy: Decision | null,
  projection: SubjectProjection,
  now: number,
): SettleInput {
  const { subject, journey, kind, occurrence, cause, rule } = sent;
  const by = calledBackBy ?? { cause, rule };
  return { subject, journey, kind, occurrence, ending, cause: by.cause, rule: by.rule, projection, at: now };
}

/** Why a send was called back, as `settle` takes it. */
export const endingOf = (decision: Decision | null): Overtaking =>
  decision !== null && isOvertaking(decision.reason) ? decision.reason : 'superseded';
