import type { Kind } from '../domain/kinds.js';
import type { Reason } from '../domain/notifications.js';
import type { Replay } from '../inbox/replay.js';
import type { WebhookFilter, WebhookPage, WebhookSummary } from '../inbox/webhooks.js';
import type { Arrival, KeyedHash } from '../domain/arrivals.js';
import type { Ledger } from '../ledger/ledger.js';

/** What came in, as operators look at it. */
export interface Webhooks {
  list(filter: WebhookFilter): Promise<WebhookPage>;
  show(id: string): Promise<readonly WebhookSummary[]>;
  replay(seq: number): Promise<Replay>;
}

/** Which journeys are replayed, and under which settings. */
export interface Rehearsing {
  /** Journeys that were open at this moment or later (ms). */
  readonly since: number;
  /** Settings by the names of their environment variables. */
  readonly set: Readonly<Record<string, string>>;
  /** The last subject of the page before; null: the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** One email that would have gone otherwise; times in `T`, null where it doesn't go. */
interface ChangeIn<T> {
  readonly subject: string;
  readonly kind: Kind;
  readonly occurrence: number;
  readonly now: T | null;
  readonly then: T | null;
  readonly why: Reason | null;
}

/** As the API writes it: times in ISO 8601. */
export type RehearsedChange = ChangeIn<string>;

export interface Rehearsed<T = string> {
  /** How many were replayed. */
  readonly journeys: number;
  readonly changes: readonly ChangeIn<T>[];
  /** `after` of the next page. */
  readonly next: string | null;
}

/** @throws SettingsError for a setting that can't be rehearsed or makes no sense. Times in ms. */
export type Rehearse = (asked: Rehearsing) => Promise<Rehearsed<number>>;

export interface AdminPorts {
  readonly ledger: Pick<
    Ledger,
    | 'told'
    | 'notificationStates'
    | 'summaryOf'
    | 'listSubjects'
    | 'contactFor'
    | 'severalNamed'
    | 'addressOf'
    | 'scopesOf'
    | 'suppress'
    | 'lift'
  >;
  readonly webhooks: Webhooks;
  readonly rehearse: Rehearse;
  /** The one way in. */
  readonly keep: (arrival: Arrival) => Promise<{ readonly fresh: boolean }>;
  readonly hash: KeyedHash;
  /** ms since the epoch */
  readonly clock: () => number;
}
