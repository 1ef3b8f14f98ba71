import type { Arrival, KeyedHash } from '../domain/arrivals.js';
import type { Replay } from '../inbox/replay.js';
import type { WebhookFilter, WebhookPage, WebhookSummary } from '../inbox/webhooks.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Rehearse } from './rehearsal.js';

/** What came in, as operators look at it. */
export interface Webhooks {
  list(filter: WebhookFilter): Promise<WebhookPage>;
  show(id: string): Promise<readonly WebhookSummary[]>;
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
  >;
  readonly webhooks: Webhooks;
  readonly rehearse: Rehearse;
  /** The one way in. */
  readonly keep: (arrival: Arrival) => Promise<{ readonly fresh: boolean }>;
  readonly hash: KeyedHash;
  /** ms since the epoch */
  readonly clock: () => number;
}
