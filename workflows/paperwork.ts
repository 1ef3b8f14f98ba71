import type { Decision, NotifyInput, RecordedDecision, SettleInput, SubjectView } from '../src/domain/activities.js';
import { isOperators } from '../src/domain/causes.js';
import { policyRow, tooLateAt } from './checks.js';
import { MINUTE } from './durations.js';
import type { Knowledge } from './knowledge.js';
import { isParked, released } from './repairs.js';
import { resultsTold } from './results.js';
import type { Ruling } from './rulings.js';
import { Story } from './story.js';

/** So long an email answers something that the person has just done, and goes out at night too. */
const FRESH_FOR = 15 * MINUTE;

const decisionOf = ({ occasion, verdict, reason, cause, rule }: Ruling, now: number): Decision => ({
  subject: occasion.subject,
  kind: occasion.kind,
  occurrence: occasion.occurrence,
  verdict,
  reason,
  cause,
  rule,
  at: now,
});

/** What `notify-patient` needs to know of a ruling to send; `known` is what was known when it was given. */
export function notifyInput(ruling: Ruling, known: Knowledge, now: number, view: SubjectView): NotifyInput {
  const story = new Story(known, now);
  const { occasion } = ruling;
  const { kind, at, happening, row } = occasion;
  const policy = policyRow(occasion);
  const limit = tooLateAt(occasion, story);
  const byOrder = occasion.ordered || isOperators(ruling.cause) || released(story, occasion) !== undefined;
  return {
    ...decisionOf(ruling, now),
    journey: story.subject,
    audience: policy.to,
    sourceSeq: happening.seq,
    tooLateAt: byOrder ? null : (limit?.at ?? null),
    tooLateMeans: limit?.means ?? 'not_sent',
    quietHours: true,
    quietExemptUntil: policy.quietHours === 'wait_unless_fresh' ? at + FRESH_FOR : null,
    firstWord: kind.startsWith('results.') && (kind === 'results.available' || !resultsTold(story)),
    forced: byOrder,
    expectedDelivery: happening.fact.delivery ?? story.newest('delivery'),
    expectedCompletion: story.newest('completion'),
    shippedAt: story.first('order.shipped', 'kit.shipped')?.at ?? null,
    view,
    ...(row !== undefined && isParked(row) ? { reopen: true } : {}),
    ...(ruling.verdict === 'not_send' && isOvertaking(ruling.reason) ? { overtaken: ruling.reason } : {}),
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
export function recordedDecision(ruling: Ruling, known: Knowledge, now: number): RecordedDecision {
  const decision = decisionOf(ruling, now);
  const shared = decision.subject !== known.subject && new Story(known, now).hasSiblings;
  if (ruling.effect !== 'settle' || shared) return decision;
  return { ...decision, status: ruling.verdict === 'wait' ? 'deferred' : 'not_sent' };
}

/** What `settle` needs when a send has died, or was called back by a ruling. */
export function settleInput(
  sent: NotifyInput,
  ending: SettleInput['ending'],
  calledBackBy: Ruling | null,
  view: SubjectView,
  now: number,
): SettleInput {
  const { subject, journey, kind, occurrence, cause, rule } = sent;
  const by = calledBackBy ?? { cause, rule };
  return { subject, journey, kind, occurrence, ending, cause: by.cause, rule: by.rule, view, at: now };
}

/** Why a send was called back, as `settle` takes it. */
export const endingOf = (ruling: Ruling | null): Overtaking =>
  ruling !== null && isOvertaking(ruling.reason) ? ruling.reason : 'superseded';
