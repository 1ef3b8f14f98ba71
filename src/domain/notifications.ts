import type { Kind } from './kinds.js';

/** What one notification may be: only SMTP's acceptance makes `sent`. */
export const STATUSES = [
  'sending',
  'deferred',
  'sent',
  'delivered',
  'bounced',
  'complained',
  'failed',
  'unknown',
  'not_sent',
] as const;
export type Status = (typeof STATUSES)[number];

/** Why it is what it is; null for `sending`, `sent` and `delivered`. */
export const REASONS = [
  'superseded',
  'cancelled',
  'already_told',
  'no_contact',
  'not_the_patient',
  'contact_conflict',
  'opted_out',
  'address_suppressed',
  'contradicted',
  'held_for_review',
  'quiet_hours',
  'switched_off',
  'too_late',
  'operator_skipped',
  'erased',
  'address_refused',
  'server_refused',
  'retries_exhausted',
  'no_answer',
  'bounced_permanent',
  'bounced_temporary',
  'complained',
] as const;
export type Reason = (typeof REASONS)[number];

/** What overtakes an email that is being sent already: its send is called back. */
const OVERTAKING = [
  'superseded',
  'cancelled',
  'operator_skipped',
  'erased',
  'contact_conflict',
  'contradicted',
] as const;
export type OvertakingReason = (typeof OVERTAKING)[number];
export const isOvertaking = (reason: Reason | null): reason is OvertakingReason =>
  (OVERTAKING as readonly (Reason | null)[]).includes(reason);

/** What a send becomes that was called back for this reason: it is over, or waits until a human decides. */
export const statusWhenOvertaken = (reason: Reason | null): 'deferred' | 'not_sent' =>
  reason === 'contact_conflict' || reason === 'contradicted' ? 'deferred' : 'not_sent';

export type Verdict = 'send' | 'wait' | 'not_send';

/** What makes one notification one: the unique key that guards against a second email. */
export interface NotificationKey {
  /** Whose row it is: the journey's subject, except `reminder.register`, which is kept under the order. */
  readonly subject: string;
  readonly kind: Kind;
  readonly occurrence: number;
}

export const isSameNotification = (one: NotificationKey, other: NotificationKey): boolean =>
  one.kind === other.kind && one.occurrence === other.occurrence && one.subject === other.subject;

/** Why and when something was decided: one row of `decisions`. */
export interface DecisionRow extends NotificationKey {
  /** The fact that it is about (its `seq`), whatever decided about it later; null where it is about none. */
  readonly sourceSeq: number | null;
  readonly verdict: Verdict;
  readonly reason: Reason | null;
  readonly cause: string;
  /** The row of the policy, and the settings in force where they decided. */
  readonly rule: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** The state of one notification, as `prior` carries it. */
export interface NotificationState extends NotificationKey {
  readonly status: Status;
  readonly reason: Reason | null;
  /** Keyed hash of the address it went to; null where it went nowhere. */
  readonly address?: string | null;
  /** When it was settled, else decided (ms). */
  readonly at: number;
  /** What last decided about it. */
  readonly cause?: string;
  /** The fact that opened it (its `seq`): which shipment, or which version of the results, it speaks of. */
  readonly source?: number | null;
  /** How long quiet hours have held it back (ms), which doesn't count as age; absent: not at all. */
  readonly quiet?: number;
  /** Deferred by quiet hours: when they end (ms). */
  readonly until?: number | null;
}

/** What `told` prints as the cause of what an operator's command decided. */
export const operatorsCause = (id: string): string => `operator:${id}`;

export const isOperators = (cause: string): boolean => cause.startsWith('operator:');
