import type { Source } from './sources.js';
import type { FactBody, Unreadable } from './facts.js';
import type { Subject } from './subjects.js';

/** A person as the partner names one: lives only in memory and sealed in the database. */
export interface Person {
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** As it came, trimmed; null when it can't be an address. */
  readonly email: string | null;
  readonly locale: string | null;
  readonly zone: string | null;
}

export interface ParcelTracking {
  readonly barcode: string;
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  /** Calendar date `YYYY-MM-DD`, or an instant, as it came. */
  readonly estimatedDelivery: string | null;
}

/** What an email may need and Temporal may not see; sealed in `contacts`. */
export interface SealedDetails {
  readonly person?: Person;
  readonly parcels?: readonly ParcelTracking[];
}

/** What one arrival means for one subject. */
export interface Routed {
  readonly subject: Subject;
  readonly fact: FactBody;
  readonly details: SealedDetails | null;
  /** The id of the index key under which the hashes in its fact are made; absent: the newest. */
  readonly indexKey?: string;
}

/**
 * What came in, read: the input of the inbox, whatever its source. The raw bytes are kept sealed whatever the verdict.
 */
export interface Arrival {
  readonly source: Source;
  /** 1–200 ASCII characters that can be an id, else null. */
  readonly externalId: string | null;
  /** A known event's name; null where it is unknown or unreadable. */
  readonly event: string | null;
  readonly verdict: 'accepted' | 'quarantined';
  /** Why it was quarantined, or of which part of it nothing was read: a code, `:`, up to 5 known paths. */
  readonly reason: string | null;
  /** ms */
  readonly eventAt: number | null;
  /** ms */
  readonly receivedAt: number;
  readonly raw: Buffer;
  /** What it means, for whom. Of what is quarantined: for whom it seems to be. */
  readonly routed: readonly Routed[];
  /**
   * The same, its hashes made by `hash`: a journey compares them with those of its former facts, which may be older than
   * the newest index key. Absent where nothing in it is hashed.
   */
  readonly routedUnder?: (hash: KeyedHash) => readonly Routed[];
  /** Of what is quarantined, what can be told of it all the same. */
  readonly unreadable?: Unreadable;
  readonly links: readonly { readonly order: string; readonly barcode: string }[];
  /** system.maintenance_*: the window it announces or ends (ms). */
  readonly maintenance?: { readonly from: number | null; readonly until: number | null; readonly over: boolean };
}

/** Purposes of keyed hashes: each has its own prefix, so that equal values of two purposes don't match. */
export type HashPurpose = 'webhook' | 'body' | 'email' | 'name' | 'summary' | 'subject' | 'words' | 'operator';

/** HMAC-SHA-256 under the newest index key; the port through which rooms that know no keys hash. */
export type KeyedHash = (purpose: HashPurpose, value: string | Buffer) => Buffer;

/** The headers of a request, names in lower case, as Node gives them. */
type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A lab whose webhooks are taken. The receiver knows labs by this only: another one is another source. */
export interface WebhookSource {
  /** What its rows in the inbox are called. */
  readonly name: Source;
  /** Where it posts. */
  readonly path: string;
  /** The header that carries its signature, as its documentation spells it: what a refusal names. */
  readonly signatureHeader: string;
  /** Whether the headers could be those of a signed request; asked before a body is read. */
  looksSigned(headers: RequestHeaders): boolean;
  /** Whether exactly these bytes were signed, with a secret that counts. */
  verify(raw: Buffer, headers: RequestHeaders): boolean;
  /**
   * What a signed webhook says, whatever its Content-Type. Never throws: what can't be understood comes back
   * quarantined. `receivedAt`: ms.
   */
  read(raw: Buffer, how: { readonly receivedAt: number }): Arrival;
}
