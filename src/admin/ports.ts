import type { Replay } from '../inbox/replay.js';
import type { WebhookFilter, WebhookPage, WebhookSummary } from '../inbox/webhooks.js';
import type { Arrival, KeyedHash } from '../terms/arrivals.js';
import type { Ledger } from '../ledger/ledger.js';

/** What came in, as operators look at it. */
export interface Webhooks {
  list(filter: WebhookFilter): Promise<WebhookPage>;
  show(id: string): Promise<readonly WebhookSummary[]>;
  replay(seq: number): Promise<Replay>;
}

export interface AdminPorts {
  readonly ledger: Pick<Ledger, 'told' | 'toldOf' | 'summaryOf' | 'listSubjects' | 'contactFor' | 'addressOf'>;
  readonly webhooks: Webhooks;
  /** The one way in. */
  readonly keep: (arrival: Arrival) => Promise<{ readonly fresh: boolean }>;
  readonly hash: KeyedHash;
  /** ms since the epoch */
  readonly clock: () => number;
}
