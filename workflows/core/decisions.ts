import { spell } from '../../src/domain/durations.js';
import type { JourneyKind } from '../../src/domain/kinds.js';
import type { DecisionRow, Reason, Verdict } from '../../src/domain/notifications.js';
import type { Objection } from '../policy/checks.js';
import { released } from '../policy/repairs.js';
import type { Candidate } from './candidates.js';
import { newestSeq, withNotification, type Knowledge } from './knowledge.js';
import type { Story } from './story.js';

/** One decision about one notification, and what has to be done about it. */
export interface Decision {
  readonly candidate: Candidate;
  readonly verdict: Verdict;
  readonly reason: Reason | null;
  readonly cause: string;
  readonly rule: string;
  /**
   * `send` it; `settle` its row as deferred or not sent; `call_back` the send that is under way; `note` the decision
   * and leave the row as it is.
   */
  readonly effect: 'send' | 'settle' | 'call_back' | 'note';
}

/** It doesn't go now, and this is why. */
export const objected = (candidate: Candidate, objection: Objection, story: Story): Decision => ({
  candidate,
  verdict: objection.verdict,
  reason: objection.reason,
  cause: objection.cause ?? whatLetItGo(candidate, story),
  rule: ruleOf(candidate, story, objection.rule),
  effect: 'settle',
});

/** It goes. */
export const go = (candidate: Candidate, story: Story): Decision => ({
  candidate,
  verdict: 'send',
  reason: null,
  cause: whatLetItGo(candidate, story),
  rule: ruleOf(candidate, story),
  effect: 'send',
});

/** A decision that changes no row. */
export const remark = (candidate: Candidate, reason: Reason | null, cause: string, rule: string): Decision => ({
  candidate,
  verdict: 'not_send',
  reason,
  cause,
  rule,
  effect: 'note',
});

/** Results that were held go by an operator's release or by the end of the hold, not by the lab's word. */
function whatLetItGo(candidate: Candidate, story: Story): string {
  const { notification, cause, receivedAt } = candidate;
  if (notification?.reason === 'quiet_hours' && notification.goesBy !== null) return notification.goesBy;
  const held = notification?.reason === 'held_for_review';
  const waitsForRelease = held || notification?.reason === 'too_late' || notification?.reason === 'contradicted';
  const release = waitsForRelease ? released(story, candidate) : undefined;
  if (release !== undefined) return release.cause;
  return held && story.now >= receivedAt + story.settings.resultsMaxHold ? 'timer:RESULTS_MAX_HOLD' : cause;
}

/** The row of the policy, and the settings in force where they decide. */
function ruleOf({ kind }: Candidate, story: Story, decisive?: string): string {
  const { resultsRelease, registerReminderAfter, returnReminderAfter, processingDelayAfter } = story.settings;
  const inForce: Partial<Record<JourneyKind, string>> = {
    'results.available': `RESULTS_RELEASE=${resultsRelease}`,
    'results.updated': `RESULTS_RELEASE=${resultsRelease}`,
    'reminder.register': setting('REGISTER_REMINDER_AFTER', registerReminderAfter),
    'reminder.return': setting('RETURN_REMINDER_AFTER', returnReminderAfter),
    'notice.delay': setting('PROCESSING_DELAY_AFTER', processingDelayAfter),
  };
  const detail = decisive ?? inForce[kind];
  return detail === undefined ? kind : `${kind}: ${detail}`;
}

const setting = (name: string, value: number | null): string => `${name}=${value === null ? '' : spell(value)}`;

/** A decision as the ledger keeps it. */
export const decisionRow = ({ candidate, verdict, reason, cause, rule }: Decision, now: number): DecisionRow => ({
  subject: candidate.subject,
  kind: candidate.kind,
  occurrence: candidate.occurrence,
  sourceSeq: candidate.event.seq,
  verdict,
  reason,
  cause,
  rule,
  at: now,
});

/** What is known once the decisions are being carried out. */
export function afterwards(known: Knowledge, decisions: readonly Decision[], now: number): Knowledge {
  return decisions.reduce((before, decision) => {
    if (decision.effect === 'note') return before;
    const { candidate, effect, reason, cause, rule } = decision;
    const { kind, occurrence, subject, event, due, notification } = candidate;
    const calledBackBy = { reason, cause, rule };
    if (effect === 'call_back')
      return notification === undefined
        ? before
        : withNotification(before, { ...notification, flight: 'called_back', calledBackBy });
    const isCalledBack = effect === 'send' && decision.verdict !== 'send';
    return withNotification(before, {
      subject,
      kind,
      occurrence,
      status: effect === 'send' ? 'sending' : decision.verdict === 'wait' ? 'deferred' : 'not_sent',
      reason: effect === 'send' ? null : reason,
      address: notification?.address ?? null,
      at: now,
      cause: notification?.cause ?? candidate.cause,
      source: event.seq,
      due,
      upTo: newestSeq(known.facts),
      covers: newestSeq(known.facts),
      goesBy: effect === 'send' ? cause : (notification?.goesBy ?? null),
      until: null,
      quiet: notification?.quiet ?? 0,
      flight: effect !== 'send' ? 'none' : isCalledBack ? 'called_back' : 'running',
      calledBackBy: isCalledBack ? calledBackBy : null,
    });
  }, known);
}
