import type { Reason } from '../src/domain/vocabulary.js';
import { spell } from './durations.js';
import type { Occasion } from './occasions.js';
import { POLICY, type JourneyKind, type NoContact, type PolicyRow, type TooLate } from './policy.js';
import { released, skipped } from './repairs.js';
import { heldUntil } from './results.js';
import type { Story } from './story.js';

/** Why an occasion's email doesn't go now. */
export interface Objection {
  readonly verdict: 'wait' | 'not_send';
  readonly reason: Reason;
  /** When it is looked at again (ms); null: when something new is learned. */
  readonly until: number | null;
  /** What objected, where it isn't the occasion's own cause: an operator's command. */
  readonly cause?: string;
  /** The setting or limit that decided. */
  readonly rule?: string;
}

/** Looks at one occasion, and answers with an objection or nothing. */
export type Check = (occasion: Occasion, story: Story) => Objection | null;

const never = (reason: Reason, more: { cause?: string; rule?: string } = {}): Objection => ({
  verdict: 'not_send',
  reason,
  until: null,
  ...more,
});

export const policyRow = (occasion: Occasion): PolicyRow => POLICY[occasion.kind as JourneyKind];

const erased: Check = (_, story) => (story.erased ? never('erased') : null);

const operatorSkipped: Check = (occasion, story) => {
  const skip = skipped(story, occasion);
  return skip === undefined ? null : never('operator_skipped', { cause: skip.cause });
};

const switchedOff: Check = ({ kind }, story) =>
  story.settings.switchedOff.includes(kind) ? never('switched_off', { rule: 'NOTIFY_ON' }) : null;

const cancelled: Check = (occasion, story) =>
  policyRow(occasion).stoppedBy?.some((stops) => stops(story, occasion)) === true ? never('cancelled') : null;

const superseded: Check = (occasion, story) =>
  policyRow(occasion).overtakenBy.some((overtakes) => overtakes(story, occasion)) ? never('superseded') : null;

/** The patient was told by the order's cancellation, at the same address. */
const toldAsRecipient: Check = ({ kind }, story) =>
  kind === 'kit.cancelled' &&
  story.has('order.cancelled') &&
  !story.settings.switchedOff.includes('order.cancelled') &&
  story.patient.known &&
  story.recipient.known &&
  story.patient.address !== null &&
  story.patient.address === story.recipient.address
    ? never('already_told')
    : null;

/** When it becomes too late (ms), and what that means; null: never. Waiting for quiet hours doesn't count as age. */
export function tooLateAt(
  occasion: Occasion,
  story: Story,
): { readonly at: number; readonly means: TooLate['means'] } | null {
  if (!story.settings.tooLate || occasion.ordered) return null;
  const { tooLate } = policyRow(occasion);
  const { after, means } = typeof tooLate === 'function' ? tooLate(story) : tooLate;
  if (means === 'defer' && released(story, occasion) !== undefined) return null;
  return { at: after(occasion) + (occasion.row?.quiet ?? 0), means };
}

const tooLate: Check = (occasion, story) => {
  const limit = tooLateAt(occasion, story);
  if (limit === null || story.now < limit.at) return null;
  const rule = `too late after ${spell(limit.at - (occasion.due ?? occasion.at))}`;
  return { verdict: limit.means === 'defer' ? 'wait' : 'not_send', reason: 'too_late', until: null, rule };
};

const heldForReview: Check = (occasion, story) => {
  if (occasion.kind !== 'results.available' && occasion.kind !== 'results.updated') return null;
  const until = heldUntil(story, occasion);
  if (until === null || story.now >= until || released(story, occasion) !== undefined) return null;
  const { resultsRelease, resultsMaxHold } = story.settings;
  const rule = `RESULTS_RELEASE=${resultsRelease} RESULTS_MAX_HOLD=${spell(resultsMaxHold)}`;
  return { verdict: 'wait', reason: 'held_for_review', until, rule };
};

/** What the policy says about a missing address, for this occasion. */
export function noContactRule(occasion: Occasion, story: Story): NoContact {
  const { noContact } = policyRow(occasion);
  return typeof noContact === 'function' ? noContact(story) : noContact;
}

const noContact: Check = (occasion, story) => {
  const contact = policyRow(occasion).to === 'patient' ? story.patient : story.recipient;
  if (contact.known) return null;
  if (contact.why === 'contact_conflict') return { verdict: 'wait', reason: contact.why, until: null };
  const { giveUpAfter } = noContactRule(occasion, story);
  const until = giveUpAfter === null ? null : occasion.receivedAt + giveUpAfter;
  const waits = until === null || story.now < until;
  return { verdict: waits ? 'wait' : 'not_send', reason: contact.why, until: waits ? until : null };
};

/** Found just before SMTP, and told by the sender: quiet hours, an address that is suppressed or has opted out. */
const senderSaid: Check = ({ row }, story) => {
  if (row?.status !== 'deferred' || row.until === null || row.reason === null || story.now >= row.until) return null;
  const news = story.known.facts.some(
    ({ seq, person, command }) => seq > row.upTo && (person ?? command) !== undefined,
  );
  return news && row.reason !== 'quiet_hours' ? null : { verdict: 'wait', reason: row.reason, until: row.until };
};

/** policy.md, "Order of checks": the first that objects gives the reason. */
const CHECKS: readonly Check[] = [
  toldAsRecipient,
  erased,
  operatorSkipped,
  switchedOff,
  cancelled,
  superseded,
  tooLate,
  heldForReview,
  noContact,
  senderSaid,
];

/** Of these, the ones that stop a timer before it is due. */
const STOPS: readonly Check[] = [erased, operatorSkipped, cancelled, superseded];

const firstOf =
  (checks: readonly Check[]): Check =>
  (occasion, story) => {
    for (const check of checks) {
      const objection = check(occasion, story);
      if (objection !== null) return objection;
    }
    return null;
  };

/** The first objection against sending it now. */
export const objectionTo = firstOf(CHECKS);
/** The first objection against letting its clock run. */
export const stopOf = firstOf(STOPS);
