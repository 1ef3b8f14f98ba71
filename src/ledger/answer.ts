import type { Kind } from '../domain/kinds.js';
import type { Reason, Status, Verdict } from '../domain/notifications.js';
import type { AttentionCode } from '../domain/attention.js';

/** What `told` answers about one subject; times as ISO 8601 in UTC. */
export interface SubjectAnswer {
  readonly subject: string;
  readonly state: string;
  readonly order: string | null;
  readonly closedAt: string | null;
  /** A sentence: what is wrong and what to do. */
  readonly needsAttention: string | null;
  readonly next: { readonly what: string; readonly at: string } | null;
  /** While the journey is open: the partner's window in which questions to its API wait. Emails go on. */
  readonly partnerMaintenance: { readonly until: string } | null;
  readonly notifications: readonly ToldNotification[];
  readonly webhooks: readonly ToldWebhook[];
}

/** Several subjects: of an order, or of a person's address. */
export interface SubjectAnswers {
  readonly subjects: readonly SubjectAnswer[];
}

export interface ToldNotification {
  readonly kind: Kind;
  readonly occurrence: number;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly cause: string;
  readonly decidedAt: string;
  readonly settledAt: string | null;
  /** Masked. */
  readonly to: string | null;
  readonly messageId: string | null;
  /** Masked. */
  readonly smtpReply: string | null;
  readonly attempts: number;
  readonly possiblyDuplicate: boolean;
  readonly decisions: readonly ToldDecision[];
}

export interface ToldDecision {
  readonly at: string;
  readonly verdict: Verdict;
  readonly reason: Reason | null;
  readonly cause: string;
  readonly rule: string;
}

export interface ToldWebhook {
  /** The partner's id, or `body:` and a keyed hash where there is none. */
  readonly id: string;
  readonly event: string | null;
  readonly receivedAt: string;
  readonly status: 'pending' | 'relayed' | 'quarantined';
  readonly duplicates: number;
  readonly altered: boolean;
  readonly idReused: boolean;
  readonly bodyState: 'kept' | 'expired' | 'erased';
  readonly reason: string | null;
}

/** One line of the list of subjects. */
export interface SubjectSummary {
  readonly subject: string;
  readonly state: string;
  readonly needsAttention: { readonly code: AttentionCode; readonly sentence: string } | null;
  readonly next: { readonly what: string; readonly at: string } | null;
  readonly closedAt: string | null;
}
