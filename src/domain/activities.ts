import type { AttentionCode } from './attention.js';
import type { Failure, PolicySettings, Prior } from './facts.js';
import type { Kind } from './kinds.js';
import type { QuestionRank } from './partner-calls.js';
import type { DecisionRow, NotificationKey, OvertakingReason, Reason, Status } from './notifications.js';

/** Task queues: one for workflows and local activities, one for SMTP, one for the partner's API. */
export const TASK_QUEUES = {
  journeys: 'kit-herald',
  email: 'kit-herald-email',
  partner: 'kit-herald-partner',
} as const;

/** What a human is asked to look at. */
export interface Attention {
  readonly code: AttentionCode;
  readonly kind?: Kind;
  /** ms */
  readonly since: number;
}

/** What `told` answers about a subject while Temporal is down; written with every decision. */
export interface SubjectProjection {
  readonly state: string;
  /** The gravest first: that one is what lists and searches show. */
  readonly attention: readonly Attention[];
  /** Why the sample gave no results, as the partner said last; null where it didn't, or hasn't failed. */
  readonly because: Failure | null;
  readonly next: { readonly what: string; readonly at: number } | null;
  readonly closed: boolean;
  /**
   * When it was true (workflow time, ms): an older view never overwrites a newer one, whichever activity comes last.
   * Absent: the time of the decision it comes with.
   */
  readonly at?: number;
}

/** A decision that the `record` activity writes: `status` is the row's new status; absent, only the story grows. */
export interface RecordedDecision extends DecisionRow {
  readonly status?: Extract<Status, 'deferred' | 'not_sent' | 'failed' | 'unknown'>;
}

export interface RecordInput {
  readonly subject: string;
  readonly projection: SubjectProjection;
  readonly decisions: readonly RecordedDecision[];
  /** Keyed hashes of the addresses of who asked for no email at all, and what says so: nothing goes there any more. */
  readonly optedOut?: { readonly addresses: readonly string[]; readonly cause: string };
}

/** One email to one person. Ids, codes and times only: the activity looks up who it goes to. */
export interface NotifyInput extends DecisionRow {
  /** Who decided it: the journey's own subject. */
  readonly journey: string;
  readonly audience: 'recipient' | 'patient';
  /** ms; at or after this moment it is not sent (`too_late`). Null: never too late, as by a human's explicit order. */
  readonly tooLateAt: number | null;
  /** Results are never dropped for age: `defer` parks them for a human. */
  readonly tooLateMeans: 'not_sent' | 'defer';
  /** Until when it counts as an answer to something just done, which quiet hours don't hold back (ms). Null: never. */
  readonly quietExemptUntil: number | null;
  /** Not sent (`already_told`) where this notification of the order's went, or may have gone, to the same address. */
  readonly unlessTold?: NotificationKey;
  /** results.*: the first word of results is one text. */
  readonly firstWord: boolean;
  /**
   * The row is settled (`failed`, `unknown`, `bounced`) and opened again, with the same Message-ID: an operator's
   * retry, or the one more try after a temporary bounce. Without it a settled row is answered as it stands.
   */
  readonly reopen?: boolean;
  /**
   * The row was `sending` when a former run was lost, and has been overtaken since: the claim waits for the orphaned
   * attempt and tells what became of it, but no new attempt is made (`not_sent` with this reason, or `unknown`).
   */
  readonly overtaken?: OvertakingReason;
  /** Times that the wording may show (ms). */
  readonly expectedDelivery: number | null;
  readonly expectedCompletion: number | null;
  readonly shippedAt: number | null;
  readonly projection: SubjectProjection;
}

/** What an email may say of its story beside what it is about. */
export type Said = Pick<NotifyInput, 'firstWord' | 'expectedDelivery' | 'expectedCompletion' | 'shippedAt'>;

/**
 * What became of it. `sent`, and everything that trying again can't change, is returned;
 * what Temporal should try again is thrown as an ApplicationFailure whose type is a Reason.
 */
export interface NotifyOutcome {
  readonly status: Exclude<Status, 'sending'>;
  readonly reason: Reason | null;
  /** ms; for `deferred/quiet_hours`: when they end. */
  readonly until: number | null;
  /** ms */
  readonly settledAt: number;
  /** Keyed hash of the address it went to. */
  readonly address: string | null;
}

/** How a send ended that nobody called back: only `no_answer` may have handed the email over. */
export type Death = 'retries_exhausted' | 'no_answer';

/** When the last attempt of a send has died: settles the row, so that none stays `sending`. */
export interface SettleInput extends NotificationKey {
  /** Whose projection it is, where the row is kept under another subject (`reminder.register`). Absent: `subject`. */
  readonly journey?: string;
  /**
   * What the workflow saw: it was called back for this reason, or its retries ended. A row that is still `sending` is
   * `unknown/no_answer` all the same; otherwise it becomes `failed/retries_exhausted`, `not_sent` with
   * the reason, or `deferred` with one that a human decides about.
   */
  readonly ending: OvertakingReason | Death;
  readonly cause: string;
  readonly rule: string;
  readonly projection: SubjectProjection;
  readonly at: number;
}

export interface AskInput {
  /** `kit:<barcode>`; `order:<order_number>` asks for an order's recipient and status. */
  readonly subject: string;
  readonly why: 'silence' | 'before_reminder' | 'on_the_way' | 'no_contact' | 'unregistered_at_lab';
  readonly rank: QuestionRank;
  /** The causes of the partner's last two answers about this subject that the journey knows, the older first. */
  readonly answers?: readonly string[];
  /** ms: asked again this often by the same activity, which returns `answered` only. Absent: asked once. */
  readonly again?: number;
}

/** `answered` means that an inbox row with source `partner` was kept: the facts arrive by signal. */
export interface AskOutcome {
  readonly outcome: 'answered' | 'unchanged' | 'not_found' | 'refused' | 'not_configured';
  /**
   * `answered` and `unchanged`: the cause (`reconciled:…`) of the fact that holds this answer. A journey that has no
   * such fact yet knows that its signal is still on the way, even when an earlier attempt had kept it (`unchanged`).
   */
  readonly cause?: string;
}

export interface AlertInput {
  readonly subject: string;
  readonly code: AttentionCode;
  readonly kind?: Kind;
  /** ms */
  readonly at: number;
}

/** On the queue `journeys`, run as local activities. */
export interface LocalActivities {
  record(input: RecordInput): Promise<void>;
  settle(input: SettleInput): Promise<NotifyOutcome>;
  /** All delivered facts and all rows: for a run that was set back. */
  recall(subject: string): Promise<Prior>;
  /** When a timer wakes a journey: the settings in force now. */
  readSettings(): Promise<PolicySettings>;
}

/** On the queue `email`. */
export interface EmailActivities {
  notifyPatient(input: NotifyInput): Promise<NotifyOutcome>;
  /** Null: about what was kept for the team when it came in. */
  alertStaff(input: AlertInput | null): Promise<void>;
}

/** On the queue `partner`. */
export interface PartnerActivities {
  askPartner(input: AskInput): Promise<AskOutcome>;
}

/** On the queue `partner` too: like most questions it may wait, and nobody waits for it. */
export interface UpkeepActivities {
  /** Deletes what is older than the settings let it be. */
  retain(): Promise<void>;
}
