import type { Reason, Verdict } from '../src/domain/vocabulary.js';
import type { Objection } from './checks.js';
import { spell } from './durations.js';
import { newestSeq, withRow, type Knowledge } from './knowledge.js';
import type { Occasion } from './occasions.js';
import type { JourneyKind } from './policy.js';
import { released } from './repairs.js';
import type { Story } from './story.js';

/** One decision about one notification, and what has to be done about it. */
export interface Ruling {
  readonly occasion: Occasion;
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
export const objected = (occasion: Occasion, objection: Objection, story: Story): Ruling => ({
  occasion,
  verdict: objection.verdict,
  reason: objection.reason,
  cause: objection.cause ?? whatLetItGo(occasion, story),
  rule: ruleOf(occasion, story, objection.rule),
  effect: 'settle',
});

/** It goes. */
export const go = (occasion: Occasion, story: Story): Ruling => ({
  occasion,
  verdict: 'send',
  reason: null,
  cause: whatLetItGo(occasion, story),
  rule: ruleOf(occasion, story),
  effect: 'send',
});

/** Results that were held go by an operator's release or by the end of the hold, not by the lab's word. */
function whatLetItGo(occasion: Occasion, story: Story): string {
  const { row, cause, receivedAt } = occasion;
  const held = row?.reason === 'held_for_review';
  const release = held || row?.reason === 'too_late' ? released(story, occasion) : undefined;
  if (release !== undefined) return release.cause;
  return held && story.now >= receivedAt + story.settings.resultsMaxHold ? 'timer:RESULTS_MAX_HOLD' : cause;
}

/** The row of the policy, and the settings in force where they decide. */
function ruleOf({ kind }: Occasion, story: Story, decisive?: string): string {
  const { resultsRelease, registerReminderAfter, returnReminderAfter, processingDelayAfter } = story.settings;
  const inForce: Partial<Record<JourneyKind, string>> = {
    'results.available': `RESULTS_RELEASE=${resultsRelease}`,
    'results.updated': `RESULTS_RELEASE=${resultsRelease}`,
    'reminder.register': setting('REGISTER_REMINDER_AFTER', registerReminderAfter),
    'reminder.return': setting('RETURN_REMINDER_AFTER', returnReminderAfter),
    'notice.delay': setting('PROCESSING_DELAY_AFTER', processingDelayAfter),
  };
  const detail = decisive ?? inForce[kind as JourneyKind];
  return detail === undefined ? kind : `${kind}: ${detail}`;
}

const setting = (name: string, value: number | null): string => `${name}=${value === null ? '' : spell(value)}`;

/** What is known once the rulings are being carried out. */
export function afterwards(known: Knowledge, rulings: readonly Ruling[], now: number): Knowledge {
  return rulings.reduce((before, ruling) => {
    if (ruling.effect === 'note') return before;
    const { occasion, effect } = ruling;
    const { kind, occurrence, subject, happening, due, row } = occasion;
    if (effect === 'call_back') return row === undefined ? before : withRow(before, { ...row, flight: 'called_back' });
    const flight = effect !== 'send' ? 'none' : ruling.verdict === 'send' ? 'running' : 'called_back';
    return withRow(before, {
      subject,
      kind,
      occurrence,
      status: effect === 'send' ? 'sending' : ruling.verdict === 'wait' ? 'deferred' : 'not_sent',
      reason: effect === 'send' ? null : ruling.reason,
      address: row?.address ?? null,
      at: now,
      cause: row?.cause ?? occasion.cause,
      source: happening.seq,
      due,
      upTo: newestSeq(known.facts),
      until: null,
      quiet: row?.quiet ?? 0,
      flight,
    });
  }, known);
}
