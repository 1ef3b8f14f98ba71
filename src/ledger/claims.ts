import { randomUUID } from 'node:crypto';
import type { DecisionRow, NotificationKey, NotificationState, Reason } from '../domain/notifications.js';
import type { Queryable } from '../database/sql.js';
import type { Sealing } from '../sealing/sealing.js';
import {
  beginHandOver,
  MOST_NO_ANSWERS,
  settleAttempt,
  takeAttempt,
  voidLeases,
  type ClaimRequest,
  type Settlement,
} from './attempts.js';
import type { Contact } from './contacts.js';
import { addDecisions } from './decisions.js';
import { keyText, readRow, stateOfRow, type NotificationRow } from './notifications.js';

/** Longer than an attempt's whole time with the mail server (100 s), so that two attempts never overlap. */
const LEASE_SECONDS = 130;

/** The right to send one notification now, under this attempt's number. */
export interface Claim extends NotificationKey {
  readonly attempt: number;
  /** Made once for the life of the notification. */
  readonly messageId: string;
  /** Whether an earlier attempt died, or got no answer, after it had begun to hand over. */
  readonly mayHaveGone: boolean;
  /** How many earlier attempts ended without an answer after DATA. */
  readonly noAnswers: number;
  /** What the attempt before was put off for: a wait that goes on is not a new decision. */
  readonly lastReason: Reason | null;
}

export type Claimed =
  | { readonly outcome: 'claimed'; readonly claim: Claim }
  /** There is nothing to send: it was, or it will not be. */
  | { readonly outcome: 'settled'; readonly told: NotificationState }
  /** Another attempt holds it for `leaseLeft` ms at most. */
  | { readonly outcome: 'busy'; readonly leaseLeft: number };

export interface Claims {
  /** Takes the right to send, or says why there is none. Writes the decision and the journey's projection with it. */
  claim(request: ClaimRequest): Promise<Claimed>;
  /**
   * The last step before SMTP: from here on the email may go out. Says to whom, and renews the lease. False where the
   * claim was lost or a subject erased meanwhile: then nothing may be sent.
   */
  beginHandOver(claim: Claim, to: Pick<Contact, 'email' | 'address'>, subjects: readonly string[]): Promise<boolean>;
  /**
   * Writes what became of the attempt; false when another attempt holds the row by now. A late answer overwrites the
   * `unknown` that was written for this same attempt.
   */
  settle(claim: Claim, settlement: Settlement): Promise<boolean>;
  /** Whether results may be handed over once more after this attempt too ended without an answer. */
  mayTryAfterNoAnswer(claim: Claim): boolean;
  /** Says that this process no longer works on this attempt, settled or not: the next needn't wait for the lease. */
  letGo(claim: Claim): void;
  /** Ends all leases: only for a start that knows nobody else can be sending. Returns how many there were. */
  voidLeases(): Promise<number>;
}

export interface ClaimsOptions {
  readonly database: Queryable;
  readonly sealing: Sealing;
  /** The right-hand side of Message-IDs: the domain of EMAIL_FROM. */
  readonly messageIdDomain: string;
  /** Only tests need another one than 130 s. */
  readonly leaseSeconds?: number;
}

/**
 * The fence around sending. A row is `sending` under an attempt's number and a lease; only that attempt may settle it,
 * and only when the lease has ended, or its process is known to be dead, may another take over.
 */
export function createClaims({
  database,
  sealing,
  messageIdDomain,
  leaseSeconds = LEASE_SECONDS,
}: ClaimsOptions): Claims {
  // Which process, in this life of it: a row of ours that we aren't working on belongs to a dead attempt.
  const owner = randomUUID();
  /** The attempt of each notification that this process works on. */
  const working = new Map<string, number>();
  /** One claim of a notification at a time: a second would take the first one's fresh row for a dead attempt's. */
  const inTurn = new Map<string, Promise<unknown>>();

  async function tryClaim(request: ClaimRequest): Promise<Claimed> {
    const key = keyText(request.decision);
    const row = await takeAttempt(database, request, {
      owner,
      leaseSeconds,
      messageId: `<${randomUUID()}@${messageIdDomain}>`,
      isAtWork: working.has(key),
    });
    if (row === undefined) return whyNot(request.decision);
    working.set(key, row.attempt);
    return { outcome: 'claimed', claim: claimOf(row) };
  }

  function stopWorking(claim: Claim): void {
    const key = keyText(claim);
    if (working.get(key) === claim.attempt) working.delete(key);
  }

  async function whyNot(decision: DecisionRow): Promise<Claimed> {
    const row = await readRow(database, decision);
    // A row is never deleted while it is being worked on: none means that it was inserted and not yet committed.
    if (row === undefined) return { outcome: 'busy', leaseLeft: 1_000 };
    if (row.status === 'sending') return { outcome: 'busy', leaseLeft: row.lease_left ?? 0 };
    if (row.cause !== decision.cause)
      await database.query(addDecisions([{ ...decision, verdict: 'not_send', reason: 'already_told' }]));
    return { outcome: 'settled', told: stateOfRow(row) };
  }

  return {
    async claim(request) {
      const key = keyText(request.decision);
      const turn = (inTurn.get(key) ?? Promise.resolve()).then(() => tryClaim(request));
      const ended = turn.catch(() => undefined);
      inTurn.set(key, ended);
      try {
        return await turn;
      } finally {
        if (inTurn.get(key) === ended) inTurn.delete(key);
      }
    },
    beginHandOver: (claim, to, subjects) => beginHandOver({ database, sealing, leaseSeconds }, claim, to, subjects),
    async settle(claim, settlement) {
      const isSettled = await settleAttempt({ database, sealing }, claim, settlement);
      stopWorking(claim);
      return isSettled;
    },
    mayTryAfterNoAnswer: (claim) => claim.noAnswers + 1 < MOST_NO_ANSWERS,
    letGo: stopWorking,
    voidLeases: () => voidLeases(database),
  };
}

const claimOf = (row: NotificationRow): Claim => ({
  subject: row.subject,
  kind: row.kind,
  occurrence: row.occurrence,
  attempt: row.attempt,
  messageId: row.message_id ?? '',
  mayHaveGone: row.possibly_duplicate,
  noAnswers: row.no_answers,
  lastReason: row.last_reason,
});
