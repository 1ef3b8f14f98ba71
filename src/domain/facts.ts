import type { C4hxpEvent, FactEvent } from './events.js';
import type { Kind } from './kinds.js';
import type { NameParts } from './persons.js';
import type { NotificationState } from './notifications.js';

/** A person as Temporal may know one: that an address is usable, and keyed hashes to notice another one. */
export interface PersonTrace {
  readonly role: 'recipient' | 'patient';
  /** False where there is no address, or one that can't be an address. */
  readonly hasContact: boolean;
  /** Keyed hashes of the name's parts; null when no name came. */
  readonly name: NameParts | null;
  /** Keyed hash of the normalised address; null when there is none. */
  readonly address: string | null;
  /** IANA zone, when the webhook tells one that exists. */
  readonly zone?: string;
}

/** Why a sample gives no results, as the partner says it: for `told`, never for an email. */
export const FAILURES = [
  'rejected',
  'insufficient',
  'hemolyzed',
  'clotted',
  'leaked',
  'contaminated',
  'mismatched_identifiers',
  'missing_identifiers',
  'expired_kit',
  'expired_sample',
  'too_old',
  'wrong_tube',
  'recollect',
  'redraw',
] as const;
export type Failure = (typeof FAILURES)[number];

/** What an operator asked for; who and why (free text) stay sealed in the inbox. */
export interface Command {
  /** Whose emails it is about: an order's command reaches its kits, too, and is not about theirs. */
  readonly subject: string;
  readonly kind?: Kind;
  readonly occurrence?: number;
  readonly resend?: boolean;
  /** operator.retry: what stopped all emails to the person is taken back. */
  readonly lift?: boolean;
}

/** What can be told of a signed webhook that can't be read. */
export interface Unreadable {
  /** The documented event that it claims to be, or that its name hints at; null where there is none. */
  readonly event: C4hxpEvent | null;
  /** Whether it may be about results, by the letters of its event's name. */
  readonly aboutResults: boolean;
}

/** Which email a report from the mail provider is about. */
export interface MailReport {
  readonly kind: Kind;
  readonly occurrence: number;
  readonly permanent?: boolean;
}

/**
 * One thing that a journey must know, and no more than `decide` needs: never a name, an address, a kit type or a
 * result. All times are milliseconds since the epoch. Stored as `deliveries.facts`, carried by signals.
 */
export interface FactBody {
  readonly event: FactEvent;
  /** The webhook's id, or `body:…`, `reconciled:…`, `operator:…`, `mail:…`: what `told` prints as the cause. */
  readonly cause: string;
  readonly receivedAt: number;
  /** The event's own time where it is believed, else `meta.timestamp`, else `receivedAt`. */
  readonly at: number;
  readonly order?: string;
  readonly person?: PersonTrace;
  /** order.shipped: the parcel's barcodes. order.cancelled: the kits that it names, where it names some. */
  readonly barcodes?: readonly string[];
  /** order.shipped: which of `barcodes` were registered, or further than that, when this was delivered. */
  readonly registeredBarcodes?: readonly string[];
  /** Expected delivery: the end of that day in the order's zone. */
  readonly delivery?: number;
  /** Expected completion of the lab's work. */
  readonly completion?: number;
  /** Keyed hash of the result summary, to notice a corrected one. */
  readonly summary?: string;
  /** Only under RESULTS_RELEASE=available_unless_flagged: whether a human should look first. */
  readonly needsReview?: boolean;
  /** partner.answered: the events its timeline and status imply, with their times. */
  readonly learned?: readonly { readonly event: FactEvent; readonly at: number }[];
  /** partner.answered: why the kit failed, where the partner's word for it is known. */
  readonly because?: Failure;
  /** partner.answered: a status word outside the closed list came (a human looks, no email). */
  readonly unknownStatus?: boolean;
  /** … and a keyed hash of the words, to notice another one. */
  readonly unknownWords?: string;
  /**
   * partner.answered: the kit is `completed`, and no complete results are listed; or they are, and the kit is not
   * `completed`. Nothing of results is learned from either.
   */
  readonly completedWithoutResults?: boolean;
  /** results.available, told or learned: the `completed_at` that it gave itself (ms), where it is believed. */
  readonly completedAt?: number;
  /** webhook.unreadable: all that is known of it. order.shipped, order.cancelled: one of its kits can't be read, the fact is about the others. */
  readonly unreadable?: Unreadable;
  readonly command?: Command;
  readonly mail?: MailReport;
}

/** A fact as it is delivered: `seq` is its row in the inbox, hence unique and in order of arrival. */
export interface Fact extends FactBody {
  readonly seq: number;
}

/** What a new run is told of the time before it: every delivered fact, and what became of every notification. */
export interface Prior {
  readonly facts: readonly Fact[];
  readonly notifications: readonly NotificationState[];
}

/** How results leave the lab's hands (policy.md; RESULTS_RELEASE). */
export type ResultsRelease = 'available' | 'reviewed' | 'available_unless_flagged';

/** The settings that decide: they travel with each signal, so that replay stays deterministic. Durations in ms. */
export interface PolicySettings {
  readonly switchedOff: readonly Kind[];
  readonly tooLate: boolean;
  readonly resultsRelease: ResultsRelease;
  readonly resultsMaxHold: number;
  readonly registerReminderAfter: number | null;
  readonly returnReminderAfter: number | null;
  readonly processingDelayAfter: number | null;
  readonly silenceAfter: number | null;
  /** Null: never. */
  readonly kitLinger: number | null;
  /** Whether the partner's API is configured, so that asking makes sense. */
  readonly partner: boolean;
}

/** What a signal carries: all that was pending for a subject. */
export interface SignalBatch {
  readonly facts: readonly Fact[];
  /** How many facts were delivered before these: a run that knows fewer was set back, and reads the rest. */
  readonly before: number;
  readonly settings: PolicySettings;
}

/** The argument of both journeys. `carried` is what continue-as-new hands on. */
export interface JourneyStart {
  /** Barcode or order number. */
  readonly name: string;
  readonly prior: Prior;
  readonly settings: PolicySettings;
}
