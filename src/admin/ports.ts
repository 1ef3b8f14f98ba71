import type { Audit } from '../access/audit.js';
import type { Arrival, KeyedHash } from '../domain/arrivals.js';
import type { Bundle } from '../evidence/bundle.js';
import type { Replay, Rereading } from '../inbox/replay.js';
import type { Scorecard } from '../inbox/scorecard.js';
import type { Selection, WebhookFilter, WebhookPage, WebhookSummary } from '../inbox/webhooks.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Erasing } from '../privacy/erase.js';
import type { Retention } from '../privacy/retention.js';
import type { KeysInUse } from '../privacy/keys-in-use.js';
import type { KeyMissing, RotationStep } from '../privacy/rotate-keys.js';
import type { Outlook } from './outlook.js';
import type { Rehearse } from './rehearsal.js';

/** What came in, as operators look at it. */
export interface Webhooks {
  list(filter: WebhookFilter): Promise<WebhookPage>;
  show(id: string): Promise<readonly WebhookSummary[]>;
  /** Those in quarantine, the oldest first. */
  select(selection: Selection): Promise<readonly WebhookSummary[]>;
  /** How it would be read now; changes nothing. */
  reread(seq: number): Promise<Rereading>;
  replay(seq: number): Promise<Replay>;
  /** What came since then (null: the last 30 days), as a record of the partner's. */
  scorecard(since: Date | null): Promise<Scorecard>;
}

/** The keys with which the database is written. */
export interface Keys {
  inUse(): Promise<KeysInUse>;
  /** A step of a rotation, from where the one before ended; small while webhooks come in. */
  rotate(from: string | null): Promise<RotationStep | KeyMissing>;
}

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
    | 'alerts'
  >;
  readonly webhooks: Webhooks;
  readonly retention: Pick<Retention, 'due' | 'last'>;
  readonly erasing: Pick<Erasing, 'erase' | 'certificate'>;
  readonly outlook: Outlook;
  readonly rehearse: Rehearse;
  readonly keys: Keys;
  /** Evidence about `kit:…` or `order:…`; null where nothing is known. */
  readonly evidence: (subject: string) => Promise<Bundle | null>;
  readonly audit: Audit;
  /** The one way in. */
  readonly keep: (arrival: Arrival) => Promise<{ readonly fresh: boolean }>;
  readonly hash: KeyedHash;
  /** ms since the epoch */
  readonly clock: () => number;
}
