import { isOfResults, KINDS, type Kind } from './kinds.js';

/** Why a human is asked to look: the value of the search attribute `NeedsAttention`. */
export const ATTENTION_CODES = [
  'no_contact',
  'not_the_patient',
  'contact_conflict',
  'address_refused',
  'bounced',
  'complained',
  'address_suppressed',
  'server_refused',
  'retries_exhausted',
  'no_answer',
  'too_late',
  'held_for_review',
  'unregistered_at_lab',
  'cancelled_at_lab',
  'results_after_end',
  'review_without_results',
  'two_orders',
  'unknown_status',
  'opted_out',
  'completed_without_results',
  'maybe_amended',
  'unreadable_webhook',
  'contradicted',
  'life_after_failure',
  'not_delivered',
  'lost_in_transit',
] as const;
export type AttentionCode = (typeof ATTENTION_CODES)[number];

/** How those are called to whom a sentence speaks: what they do by commands, or by buttons. */
interface Voice {
  /** What an email of this kind is called. */
  readonly email: (kind: Kind) => string;
  readonly correct: string;
  readonly byCorrecting: string;
  readonly decide: string;
  readonly lift: string;
  readonly retry: string;
  readonly seeWebhook: string;
}

/** To whoever types commands. */
const BY_COMMANDS: Voice = {
  email: (kind) => kind,
  correct: 'run correct-contact',
  byCorrecting: ' with correct-contact',
  decide: 'run correct-contact with the right address (and name)',
  lift: 'retry with lift',
  retry: 'retry',
  seeWebhook: 'Look at it with webhooks show.',
};

/** To whoever has buttons. */
export const BY_BUTTONS: Voice = {
  email: (kind) => `“${KINDS[kind].title}”`,
  correct: 'enter it',
  byCorrecting: '',
  decide: 'enter the right address (and name)',
  lift: 'try again with its box ticked',
  retry: 'try again',
  seeWebhook: 'Look at why, and replay it once that is mended.',
};

const SENTENCES: Record<AttentionCode, (about: string, voice: Voice) => string> = {
  no_contact: (about, { correct }) => `No address is known for ${about}. Find the patient's address and ${correct}.`,
  not_the_patient: (about, { correct }) =>
    `Only the order's recipient is known for ${about}, not the patient. Find the patient's address and ${correct}.`,
  contact_conflict: (_about, { decide }) =>
    `Two different patients were named for this kit. Nothing more is sent until somebody decides: ${decide}, or skip.`,
  address_refused: (about, { byCorrecting }) =>
    `The mail server refused the address for ${about}. Correct it${byCorrecting}, or skip.`,
  bounced: (about, { byCorrecting }) =>
    `The email ${about} came back. Correct the address${byCorrecting}, or tell the patient another way and skip.`,
  complained: () => 'The patient reported an email as spam. Call before writing again.',
  address_suppressed: (about, { byCorrecting, lift }) =>
    `The address for ${about} bounced before and is not written to. Correct it${byCorrecting}, ${lift} if it works again, or tell the patient another way and skip.`,
  server_refused: (about, { retry }) =>
    `The mail server refused ${about}. Look at its reply, mend the cause, then ${retry}.`,
  retries_exhausted: (about, { retry }) =>
    `All attempts to send ${about} failed. See that the mail server is up, then ${retry}.`,
  no_answer: (about, { retry }) =>
    `It is not known whether ${about} went out: the mail server gave no answer. Check its log, then ${retry} or skip.`,
  too_late: (about) =>
    `${about} is older than the policy sends by itself. Release it, or tell the patient another way and skip.`,
  held_for_review: () => 'Results wait for a review that has not come. Ask the lab, or release them.',
  unregistered_at_lab: () => 'A sample is at the lab, but its kit is not registered. Find out whose it is.',
  cancelled_at_lab: () => 'The order was cancelled while the sample is at the lab. Ask the lab what happens to it.',
  results_after_end: () =>
    'Results came for a kit that was cancelled or had failed. The patient is told; check that this is right.',
  review_without_results: () => 'A review came, but no word that results are available. Check with the lab.',
  two_orders: () => 'This barcode stands in two orders. Find out which is right.',
  unknown_status: () => "The partner's API tells a status that is not known here. Look at the kit at the partner's.",
  completed_without_results: () =>
    'The partner says that this kit is completed, and lists no complete results. Ask the lab for them.',
  maybe_amended: () =>
    'The results were completed anew after the patient was told of them, without another summary. Ask the lab what has changed.',
  unreadable_webhook: (_about, { seeWebhook }) =>
    `A webhook about this could not be read, so nothing was told because of it. ${seeWebhook}`,
  contradicted: () =>
    'The order was cancelled, and yet a kit of it was shipped or registered later. Ask the lab which is right, then release what waits, or skip.',
  life_after_failure: () =>
    'The lab goes on with a kit that had failed. Ask it whether results will come, then acknowledge.',
  not_delivered: () =>
    'The parcel with this kit came back, or is lost or held up. Call the person, have a new kit sent, then acknowledge.',
  lost_in_transit: () =>
    'The sample was posted and has not come to the lab. Have the carrier look for it, call the patient, then acknowledge.',
  opted_out: (about) => `The patient asked for no email at all. Tell them ${about} another way, then skip.`,
};

/** One sentence that says what is wrong and what to do. */
export function attentionSentence(code: AttentionCode, kind?: Kind | null, voice = BY_COMMANDS): string {
  const sentence = SENTENCES[code](kind == null ? 'this notification' : voice.email(kind), voice);
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** What calls the team within a minute whichever email it is about, or though it is about none. */
const PRESSING: readonly AttentionCode[] = [
  'contact_conflict',
  'contradicted',
  'unreadable_webhook',
  'not_delivered',
  'lost_in_transit',
  'completed_without_results',
  'maybe_amended',
];

export type AlertLimit = 'hour' | 'minute';

/** Within what time the team gets at most one email: a minute where something keeps results from their patient. */
export const alertLimit = (code: AttentionCode, kind: Kind | null): AlertLimit =>
  PRESSING.includes(code) || (kind !== null && isOfResults(kind)) ? 'minute' : 'hour';
