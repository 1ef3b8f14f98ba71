import type { Fact } from '../../src/domain/facts.js';
import { kindsDecidedBy } from '../../src/domain/kinds.js';
import { isOvertaking } from '../../src/domain/notifications.js';
import { kindOfSubject } from '../../src/domain/subjects.js';
import { objectionTo, stopOf, type Objection } from '../policy/checks.js';
import { POLICY } from '../policy/policy.js';
import { awaitsAnswer } from '../policy/questions.js';
import { remarks } from '../policy/remarks.js';
import { awoken, corrected, correction, isParked, reopening, skipped } from '../policy/repairs.js';
import { candidatesOf, type Candidate } from './candidates.js';
import { go, objected, type Decision } from './decisions.js';
import type { Notification } from './knowledge.js';
import type { Story } from './story.js';

/** Everything that may call for an email, as the facts stand, in the policy's order. */
export const candidates = (story: Story): Candidate[] =>
  kindsDecidedBy(kindOfSubject(story.subject)).flatMap((kind) =>
    candidatesOf(kind, POLICY[kind].triggers(story), story),
  );

/**
 * The policy as a function: what is to be done now, given all that is known. `fresh` are the facts learned since it
 * was last asked; they only add remarks (a repeated fact, a command that no longer applies).
 */
export function decide(story: Story, fresh: readonly Fact[]): Decision[] {
  const all = candidates(story);
  const units = all.map((candidate) => decisionsFor(candidate, story));
  const ready = mustWaitForCallBack(story, units) ? units.filter((unit) => !unit.some(startsSending)) : units;
  const decisions = ready.flat();
  return [...decisions, ...remarks(fresh, all, decisions, story)];
}

const startsSending = ({ effect, verdict }: Decision): boolean => effect === 'send' && verdict === 'send';

/** A newer email waits until every send that is called back has answered: it may have gone out after all. */
const mustWaitForCallBack = (story: Story, units: readonly Decision[][]): boolean =>
  story.notifications.some(({ flight }) => flight === 'called_back') ||
  units.flat().some(({ effect, verdict }) => effect === 'call_back' || (effect === 'send' && verdict === 'not_send'));

function decisionsFor(candidate: Candidate, story: Story): Decision[] {
  const { notification } = candidate;
  if (notification === undefined) return whenNew(candidate, story);
  if (notification.flight === 'running') return whenUnderWay(candidate, story);
  if (notification.flight === 'called_back') return [];
  if (notification.status === 'sending') return [orphan(candidate, story)];
  const repair = whenCorrected(candidate, notification, story);
  if (repair.length > 0) return repair;
  if (notification.status === 'deferred') return whenWaiting(candidate, notification, story);
  return isParked(notification) ? whenParked(candidate, notification, story) : [];
}

function whenNew(candidate: Candidate, story: Story): Decision[] {
  const isDue = candidate.due === null || candidate.due <= story.now;
  const objection = isDue ? objectionTo(candidate, story) : stopOf(candidate, story);
  if (objection !== null) return [objected(candidate, objection, story)];
  return !isDue || awaitsAnswer(candidate, story) ? [] : [go(candidate, story)];
}

function whenWaiting(candidate: Candidate, notification: Notification, story: Story): Decision[] {
  const objection = objectionTo(candidate, story);
  if (objection === null) {
    const retry = awoken(story, candidate, notification);
    return [{ ...go(candidate, story), ...(retry === undefined ? {} : { cause: retry.cause }) }];
  }
  return objection.verdict === 'wait' && objection.reason === notification.reason
    ? []
    : [objected(candidate, objection, story)];
}

/** What has overtaken it, where it has been overtaken. */
const overtaking = (candidate: Candidate, story: Story): Objection | null => {
  const objection = objectionTo(candidate, story);
  return objection !== null && isOvertaking(objection.reason) ? objection : null;
};

function whenUnderWay(candidate: Candidate, story: Story): Decision[] {
  const objection = overtaking(candidate, story);
  return objection === null ? [] : [{ ...objected(candidate, objection, story), effect: 'call_back' }];
}

/** A former run was lost while sending: only the sender can find out what became of it, overtaken or not. */
function orphan(candidate: Candidate, story: Story): Decision {
  const objection = overtaking(candidate, story);
  return objection === null
    ? go(candidate, story)
    : { ...objected(candidate, objection, story), verdict: 'not_send', effect: 'send' };
}

function whenParked(candidate: Candidate, notification: Notification, story: Story): Decision[] {
  const skip = skipped(story, candidate);
  if (skip !== undefined) {
    const objection = { verdict: 'not_send', reason: 'operator_skipped', until: null, cause: skip.cause } as const;
    // What came back stays in the ledger as it is: it is the evidence.
    return notification.status === 'bounced' ? [] : [objected(candidate, objection, story)];
  }
  const again = reopening(story, candidate, notification);
  if (again === undefined) return [];
  return overtaking(candidate, story) === null ? [{ ...go(candidate, story), cause: again.cause }] : [];
}

function whenCorrected(candidate: Candidate, notification: Notification, story: Story): Decision[] {
  const by = correction(story, candidate, notification);
  if (by === undefined) return [];
  const next = corrected(story, candidate, by);
  if (stopOf(next, story) !== null) return [];
  const replaced = { verdict: 'not_send', reason: 'superseded', until: null, cause: by.cause } as const;
  const former = notification.status === 'deferred' ? [objected(candidate, replaced, story)] : [];
  return [...former, ...whenNew(next, story)];
}
