import type { Reason } from '../../src/domain/notifications.js';
import { spell } from '../../src/domain/durations.js';
import type { Candidate } from '../core/candidates.js';
import { inOrder } from '../../src/domain/checks.js';
import { isOfResults, roleOfKind } from '../../src/domain/kinds.js';
import { contradictionAbout, isDecided } from './cancellation.js';
import { optOutOf } from './opt-out.js';
import { POLICY, type NoContact, type PolicyRow, type TooLate } from './policy.js';
import { released, skipped } from './repairs.js';
import { heldUntil } from './results.js';
import type { Story } from '../core/story.js';

/** Why a candidate's email doesn't go now. */
export interface Objection {
  readonly verdict: 'wait' | 'not_send';
  readonly reason: Reason;
  /** When it is looked at again (ms); null: when something new is learned. */
  readonly until: number | null;
  /** What objected, where it isn't the candidate's own cause: an operator's command. */
  readonly cause?: string;
  /** The setting or limit that decided. */
  readonly rule?: string;
}

/** Looks at one candidate, and answers with an objection or nothing. */
export type Check = (candidate: Candidate, story: Story) => Objection | null;

const never = (reason: Reason, more: { cause?: string; rule?: string } = {}): Objection => ({
  verdict: 'not_send',
  reason,
  until: null,
  ...more,
});

export const policyRow = ({ kind }: Candidate): PolicyRow => POLICY[kind];

const erased: Check = (_, story) => (story.erased ? never('erased') : null);

const operatorSkipped: Check = (candidate, story) => {
  const skip = skipped(story, candidate);
  return skip === undefined ? null : never('operator_skipped', { cause: skip.cause });
};

const switchedOff: Check = ({ kind }, story) =>
  story.settings.switchedOff.includes(kind) ? never('switched_off', { rule: 'NOTIFY_ON' }) : null;

const contradicted: Check = (candidate, story) => {
  const doubt = contradictionAbout(candidate, story);
  if (doubt === null || isDecided(candidate, doubt, story)) return null;
  return { verdict: 'wait', reason: 'contradicted', until: null };
};

const cancelled: Check = (candidate, story) =>
  policyRow(candidate).stoppedBy?.some((stops) => stops(story, candidate)) === true ? never('cancelled') : null;

const superseded: Check = (candidate, story) =>
  policyRow(candidate).overtakenBy.some((overtakes) => overtakes(story, candidate)) ? never('superseded') : null;

/** What the policy says about its age. */
export function tooLateRule(candidate: Candidate, story: Story): TooLate {
  const { tooLate } = policyRow(candidate);
  return typeof tooLate === 'function' ? tooLate(story) : tooLate;
}

/**
 * When it becomes too late (ms), and what that means; null: never. Waiting for quiet hours doesn't count as age, and what is
 * in doubt waits for a human however long.
 */
export function tooLateAt(
  candidate: Candidate,
  story: Story,
): { readonly at: number; readonly means: TooLate['means'] } | null {
  if (!story.settings.tooLate || candidate.ordered) return null;
  const { after, means } = tooLateRule(candidate, story);
  const isReleased = released(story, candidate) !== undefined;
  if (means === 'defer' && isReleased) return null;
  const doubt = contradictionAbout(candidate, story);
  if (doubt !== null && (isReleased || !isDecided(candidate, doubt, story))) return null;
  return { at: after(candidate) + (candidate.notification?.quiet ?? 0), means };
}

const tooLate: Check = (candidate, story) => {
  const limit = tooLateAt(candidate, story);
  if (limit === null || story.now < limit.at) return null;
  const rule = `too late after ${spell(limit.at - (candidate.due ?? candidate.at))}`;
  return { verdict: limit.means === 'defer' ? 'wait' : 'not_send', reason: 'too_late', until: null, rule };
};

const heldForReview: Check = (candidate, story) => {
  if (candidate.kind !== 'results.available' && candidate.kind !== 'results.updated') return null;
  const until = heldUntil(story, candidate);
  if (until === null || story.now >= until || released(story, candidate) !== undefined) return null;
  const { resultsRelease, resultsMaxHold } = story.settings;
  const rule = `RESULTS_RELEASE=${resultsRelease} RESULTS_MAX_HOLD=${spell(resultsMaxHold)}`;
  return { verdict: 'wait', reason: 'held_for_review', until, rule };
};

/** What the policy says about a missing address, for this candidate. */
export function noContactRule(candidate: Candidate, story: Story): NoContact {
  const { noContact } = policyRow(candidate);
  return typeof noContact === 'function' ? noContact(story) : noContact;
}

const noContact: Check = (candidate, story) => {
  const contact = roleOfKind(candidate.kind) === 'patient' ? story.patient : story.recipient;
  if (contact.known) return null;
  if (contact.why === 'contact_conflict') return { verdict: 'wait', reason: contact.why, until: null };
  const { giveUpAfter } = noContactRule(candidate, story);
  const until = giveUpAfter === null ? null : candidate.receivedAt + giveUpAfter;
  const waits = until === null || story.now < until;
  return { verdict: waits ? 'wait' : 'not_send', reason: contact.why, until: waits ? until : null };
};

/** A human tells results another way; all else they asked not to hear. What is kept under their order is another's. */
const optedOut: Check = (candidate, story) => {
  const entry = candidate.subject === story.subject ? optOutOf(story) : undefined;
  if (entry === undefined) return null;
  if (isOfResults(candidate.kind)) return { verdict: 'wait', reason: 'opted_out', until: null };
  return never('opted_out', { cause: entry.cause });
};

/** Found just before SMTP, and told by the sender: quiet hours, an address that is suppressed or has opted out. */
const senderSaid: Check = ({ notification }, story) => {
  if (
    notification?.status !== 'deferred' ||
    notification.until === null ||
    notification.reason === null ||
    story.now >= notification.until
  )
    return null;
  const news = story.known.facts.some(
    ({ seq, person, command }) => seq > notification.upTo && (person ?? command) !== undefined,
  );
  return news && notification.reason !== 'quiet_hours'
    ? null
    : { verdict: 'wait', reason: notification.reason, until: notification.until };
};

const CHECKS = inOrder<Check>({
  erased,
  operator_skipped: operatorSkipped,
  switched_off: switchedOff,
  contradicted,
  cancelled,
  superseded,
  too_late: tooLate,
  held_for_review: heldForReview,
  contact: noContact,
  opted_out: optedOut,
  found_by_the_sender: senderSaid,
});

/** Of these, the ones that stop a timer before it is due. */
const STOPS = inOrder<Check>({ erased, operator_skipped: operatorSkipped, cancelled, superseded });

const firstOf =
  (checks: readonly Check[]): Check =>
  (candidate, story) => {
    for (const check of checks) {
      const objection = check(candidate, story);
      if (objection !== null) return objection;
    }
    return null;
  };

/** The first objection against sending it now. */
export const objectionTo = firstOf(CHECKS);
/** The first objection against letting its clock run. */
export const stopOf = firstOf(STOPS);
