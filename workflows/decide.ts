import type { Fact } from '../src/domain/facts.js';
import { isKit } from '../src/domain/subjects.js';
import { KINDS, type Reason } from '../src/domain/vocabulary.js';
import { awaitsAnswer } from './asking.js';
import { objectionTo, stopOf, type Objection } from './checks.js';
import type { Knowledge, Row } from './knowledge.js';
import { occasionsOf, type Occasion } from './occasions.js';
import { POLICY, type JourneyKind } from './policy.js';
import { remarks } from './remarks.js';
import { awoken, corrected, correction, isParked, reopening, skipped } from './repairs.js';
import { go, objected, type Ruling } from './rulings.js';
import { Story } from './story.js';

/** Which kinds a journey decides, in the policy's order. */
const kindsOf = (subject: string): JourneyKind[] =>
  KINDS.filter((kind): kind is JourneyKind => kind in POLICY && kind.startsWith('order.') !== isKit(subject));

/** Everything that may call for an email, as the facts stand. */
export const occasions = (story: Story): Occasion[] =>
  kindsOf(story.subject).flatMap((kind) => occasionsOf(kind, POLICY[kind].openings(story), story));

/**
 * The policy as a function: what is to be done now, given all that is known. `fresh` are the facts learned since it
 * was last asked; they only add remarks (a repeated fact, a command that no longer applies). The rule is asked only
 * where it decides.
 */
export function decide(
  known: Knowledge,
  fresh: readonly Fact[],
  now: number,
  retryIsTheCause: () => boolean = () => true,
): Ruling[] {
  const story = new Story(known, now);
  const all = occasions(story);
  const units = all.map((occasion) => rulingsFor(occasion, story, retryIsTheCause));
  const ready = mustWaitForCallBack(story, units) ? units.filter((unit) => !unit.some(startsSending)) : units;
  const rulings = ready.flat();
  return [...rulings, ...remarks(fresh, all, rulings, story)];
}

const startsSending = ({ effect, verdict }: Ruling): boolean => effect === 'send' && verdict === 'send';

/** A newer email waits until every send that is called back has answered: it may have gone out after all. */
const mustWaitForCallBack = (story: Story, units: readonly Ruling[][]): boolean =>
  story.rows.some((row) => row.flight === 'called_back') ||
  units.flat().some(({ effect, verdict }) => effect === 'call_back' || (effect === 'send' && verdict === 'not_send'));

function rulingsFor(occasion: Occasion, story: Story, retryIsTheCause: () => boolean): Ruling[] {
  const { row } = occasion;
  if (row === undefined) return whenNew(occasion, story);
  if (row.flight === 'running') return whenUnderWay(occasion, story);
  if (row.flight === 'called_back') return [];
  if (row.status === 'sending') return [orphan(occasion, story)];
  const repair = whenCorrected(occasion, row, story);
  if (repair.length > 0) return repair;
  if (row.status === 'deferred') return whenWaiting(occasion, row, story, retryIsTheCause);
  return isParked(row) ? whenParked(occasion, row, story) : [];
}

function whenNew(occasion: Occasion, story: Story): Ruling[] {
  const isDue = occasion.due === null || occasion.due <= story.now;
  const objection = isDue ? objectionTo(occasion, story) : stopOf(occasion, story);
  if (objection !== null) return [objected(occasion, objection, story)];
  return !isDue || awaitsAnswer(occasion, story) ? [] : [go(occasion, story)];
}

function whenWaiting(occasion: Occasion, row: Row, story: Story, retryIsTheCause: () => boolean): Ruling[] {
  const objection = objectionTo(occasion, story);
  if (objection === null) {
    const retry = awoken(story, occasion, row);
    return [{ ...go(occasion, story), ...(retry !== undefined && retryIsTheCause() ? { cause: retry.cause } : {}) }];
  }
  return objection.verdict === 'wait' && objection.reason === row.reason ? [] : [objected(occasion, objection, story)];
}

const CALL_BACK: readonly Reason[] = ['superseded', 'cancelled', 'operator_skipped', 'erased', 'contact_conflict'];

const callBack = (occasion: Occasion, story: Story): Objection | null => {
  const objection = objectionTo(occasion, story);
  return objection !== null && CALL_BACK.includes(objection.reason) ? objection : null;
};

function whenUnderWay(occasion: Occasion, story: Story): Ruling[] {
  const objection = callBack(occasion, story);
  return objection === null ? [] : [{ ...objected(occasion, objection, story), effect: 'call_back' }];
}

/** A former run was lost while sending: only the sender can find out what became of it, overtaken or not. */
function orphan(occasion: Occasion, story: Story): Ruling {
  const objection = callBack(occasion, story);
  return objection === null
    ? go(occasion, story)
    : { ...objected(occasion, objection, story), verdict: 'not_send', effect: 'send' };
}

function whenParked(occasion: Occasion, row: Row, story: Story): Ruling[] {
  const skip = skipped(story, occasion);
  if (skip !== undefined) {
    const objection = { verdict: 'not_send', reason: 'operator_skipped', until: null, cause: skip.cause } as const;
    // What came back stays in the ledger as it is: it is the evidence.
    return row.status === 'bounced' ? [] : [objected(occasion, objection, story)];
  }
  const again = reopening(story, occasion, row);
  if (again === undefined) return [];
  return callBack(occasion, story) === null ? [{ ...go(occasion, story), cause: again.cause }] : [];
}

function whenCorrected(occasion: Occasion, row: Row, story: Story): Ruling[] {
  const by = correction(story, occasion, row);
  if (by === undefined) return [];
  const next = corrected(story, occasion, by);
  if (stopOf(next, story) !== null) return [];
  const replaced = { verdict: 'not_send', reason: 'superseded', until: null, cause: by.cause } as const;
  const former = row.status === 'deferred' ? [objected(occasion, replaced, story)] : [];
  return [...former, ...whenNew(next, story)];
}
