import type { Failure } from './facts.js';
import { KINDS, type Kind } from './kinds.js';
import type { Reason, Status } from './notifications.js';
import type { TransitStep } from './transit.js';

/** How a support agent says it. */
export const STATUS_WORDS: Record<Status, string> = {
  sending: 'sending',
  deferred: 'waits',
  sent: 'sent',
  delivered: 'delivered',
  bounced: 'came back',
  complained: 'complaint',
  failed: 'failed',
  unknown: 'not known',
  not_sent: 'not sent',
};

export const REASON_WORDS: Record<Reason, string> = {
  superseded: 'newer news overtook it',
  cancelled: 'no longer needed',
  already_told: 'they were told already',
  no_contact: 'no address is known',
  not_the_patient: 'only the buyer is known, not the patient',
  contact_conflict: 'two patients were named for this kit',
  opted_out: 'they stopped these emails',
  address_suppressed: 'emails to this address came back before',
  contradicted: 'the order was cancelled, and yet it went on: somebody decides',
  held_for_review: 'held until the review comes',
  quiet_hours: 'until quiet hours end',
  switched_off: 'this kind is switched off',
  too_late: 'it is too old to send by itself',
  operator_skipped: 'an operator skipped it',
  erased: 'the patient was forgotten on request',
  address_refused: 'the mail server refused the address',
  server_refused: 'the mail server refused it',
  retries_exhausted: 'all tries failed',
  no_answer: 'the mail server gave no answer: it may have gone out',
  bounced_permanent: 'it can not be delivered',
  bounced_temporary: 'the mailbox could not take it',
  complained: 'reported as spam',
};

export const FAILURE_WORDS: Record<Failure, string> = {
  rejected: 'the lab rejected it',
  insufficient: 'too little sample',
  hemolyzed: 'its blood cells had burst',
  clotted: 'the sample had clotted',
  leaked: 'the sample had leaked',
  contaminated: 'the sample was contaminated',
  mismatched_identifiers: 'the names or numbers on it do not match',
  missing_identifiers: 'a name or number is missing on it',
  expired_kit: 'the kit had expired',
  expired_sample: 'the sample had expired',
  too_old: 'the sample was too old',
  wrong_tube: 'the wrong tube was used',
  recollect: 'the lab asks for a new sample',
  redraw: 'the lab asks for blood to be drawn again',
};

/** Why a sample gave no results: in words, and the partner's own as our code. */
export const whyFailed = (because: Failure): string => `${FAILURE_WORDS[because]} (${because})`;

export const TRANSIT_WORDS: Record<TransitStep['what'], string> = {
  delivered: 'delivered',
  not_delivered: 'came back, lost or held up on the way out',
  posted: 'posted by the patient',
  lost_in_transit: 'lost or held up on the way to the lab',
};

/** A reason while it waits may mean another thing than at the end. */
const WAITING_WORDS: Partial<Record<Reason, string>> = {
  server_refused: 'the mail server put it off; it is tried again',
  too_late: 'too old to go by itself: release or skip it',
};

const REACHED: readonly Status[] = ['sent', 'delivered'];
export const isReached = (status: Status): boolean => REACHED.includes(status);

/** Why it isn't sent, or not yet; empty where there is no reason. */
export function why({
  kind,
  status,
  reason,
}: {
  readonly kind: Kind;
  readonly status: Status;
  readonly reason: Reason | null;
}): string {
  if (reason === null) return '';
  if (reason === 'superseded') return KINDS[kind].whenSuperseded;
  return (status === 'deferred' ? WAITING_WORDS[reason] : undefined) ?? REASON_WORDS[reason];
}
