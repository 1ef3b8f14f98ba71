import type { Audit } from '../access/audit.js';
import type { Arrival, KeyedHash } from '../domain/arrivals.js';
import type { Replay, Rereading } from '../inbox/replay.js';
import type { Selection, WebhookFilter, WebhookPage, WebhookSummary } from '../inbox/webhooks.js';
import type { Ledger } from '../ledger/ledger.js';
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
  readonly outlook: Outlook;
  readonly rehearse: Rehearse;
  readonly audit: Audit;
  /** The one way in. */
  readonly keep: (arrival: Arrival) => Promise<{ readonly fresh: boolean }>;
  readonly hash: KeyedHash;
  /** ms since the epoch */
  readonly clock: () => number;
}
