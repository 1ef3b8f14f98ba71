import type { AlertLimit } from '../domain/attention.js';
import type { Kind, Topic } from '../domain/kinds.js';
import type { ParcelTracking, Person } from '../domain/arrivals.js';
import type { Colour } from './theme.js';

/** What one email is about. Everything in it that came from outside is treated as hostile. */
export interface EmailInput {
  readonly kind: Kind;
  /** results.available and results.reviewed: whether this is the first word, which is one text for both. */
  readonly firstWord: boolean;
  /** Null for an order's emails. Only the last four characters are shown, except to staff. */
  readonly barcode: string | null;
  /** The address it goes to, as it is known. */
  readonly to: string;
  /** Whose first name, language and zone it uses; null where nobody is known (staff.alert). */
  readonly person: Person | null;
  /** `<…@…>`, made once for the life of a notification. */
  readonly messageId: string;
  /** ms; the moment of sending: a day that has passed is not promised any more. */
  readonly at: number;
  /** ms; null where it isn't known. */
  readonly times: EmailTimes;
  /** order.shipped: the parcels of this shipment. */
  readonly parcels: readonly ParcelTracking[];
  /** The link to the stop page for one topic; called only for kinds that may be stopped. */
  readonly stopUrl: (topic: Topic) => string;
  /** staff.alert only. */
  readonly alert?: StaffAlert;
}

interface EmailTimes {
  readonly shippedAt: number | null;
  readonly expectedDelivery: number | null;
  readonly expectedCompletion: number | null;
}

/** What the team is told: ids, codes and our own sentences, nothing of the patient. */
export interface StaffAlert {
  /** `kit:…`, `order:…`, or `webhook:…` where one names nobody. */
  readonly subject: string;
  /** One sentence: what is wrong and what to do (`attentionSentence`). */
  readonly sentence: string;
  /** How many others wait since the last alert. */
  readonly others: number;
  /** Within what time at most one such email is sent. */
  readonly limit: AlertLimit;
}

/** A whole email, ready to be handed to a mail server. Equal inputs give equal bytes. */
export interface ComposedEmail {
  readonly from: NamedAddress;
  readonly replyTo: NamedAddress | null;
  readonly to: string;
  /** staff.alert only: others whom the same email goes to. Never with a patient's. */
  readonly alsoTo?: readonly string[];
  readonly messageId: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Further headers; no personal data in any of them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Whom an email is from, or whom answers go to. */
export interface NamedAddress {
  readonly name: string;
  readonly address: string;
}

export interface Emails {
  /** Never fails for what the input says: whatever can't be shown safely is left out. */
  compose(input: EmailInput): Promise<ComposedEmail>;
}

/**
 * What became of handing an email to the mail server. `reply` is the server's own words: it may quote the address, so
 * it belongs sealed in the ledger and never in a log.
 */
export type HandOver =
  /** The server has taken responsibility for it. */
  | { readonly outcome: 'accepted'; readonly reply: string }
  /** A 5xx: trying again changes nothing. `address`: this recipient; `server`: us, the message or the server. */
  | {
      readonly outcome: 'refused';
      readonly about: 'address' | 'server';
      readonly reply: string;
    }
  /**
   * A 4xx. `greylisted`: the server asks for another try in some minutes. `mayHaveGone`: it may have been accepted all the
   * same, because what the server said after the message was no answer to it.
   */
  | {
      readonly outcome: 'temporary';
      readonly greylisted: boolean;
      readonly mayHaveGone: boolean;
      readonly reply: string;
    }
  /** The message was on its way when the connection ended: it may have been accepted. */
  | { readonly outcome: 'no_answer'; readonly reply: string }
  /** Nothing of the message has left: no connection, or it ended before DATA. */
  | { readonly outcome: 'unreachable'; readonly reply: string }
  /** The signal was aborted before DATA: nothing of the message has left. */
  | { readonly outcome: 'cancelled' };

export interface HandOverOptions {
  /** Aborting before DATA cancels; from DATA on it is ignored, and the outcome is waited for. */
  readonly signal?: AbortSignal;
  /** Called once, when the message itself starts to leave: from here on it may arrive. */
  readonly onDataSent?: () => void;
}

export interface Mailer {
  /** Hands over once, to one recipient, without repeats of its own; within 100 s. Never rejects. */
  handOver(message: ComposedEmail, options?: HandOverOptions): Promise<HandOver>;
  /** Whether the server can be reached and takes our credentials; for `doctor`. Rejects with the reason. */
  verify(): Promise<void>;
  close(): void;
}

/** Whose emails they are: the settings that the composition hands in. */
export interface Brand {
  readonly name: string;
  readonly color: Colour;
  /** https, or null: then the name is written. The only remote image an email ever has. */
  readonly logoUrl: string | null;
  /** Where replies and questions go. */
  readonly supportEmail: string | null;
  readonly supportPhone: string | null;
  readonly postalAddress: string | null;
  readonly portalUrl: string;
  readonly from: NamedAddress;
  /** For what may be stopped, so that a complaint about a reminder never costs results their reputation. */
  readonly fromReminders: NamedAddress | null;
  readonly defaultLocale: string;
  readonly defaultZone: string;
}
