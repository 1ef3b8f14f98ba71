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
import { createHeartbeat } from './heartbeat.js';
import { addDecisions } from './decisions.js';
import { keyText, readRow, stateOfRow, type NotificationRow } from './notifications.js';

/** Longer than an attempt's whole time with the mail server (100 s): no attempt of a living process outlives it. */
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
  /** How often a mail server has refused it for now, or couldn't be reached, since it was opened; and greylisted it. */
  readonly refusals: number;
  readonly greylistings: number;
  /** What the attempt before was put off for: a wait that goes on is not a new decision. */
  readonly lastReason: Reason | null;
  /**
   * Aborted when this process can no longer say that it is alive: another may take over soon, so that nothing may begin
   * to leave any more.
   */
  readonly lost: AbortSignal;
}

export type Claimed =
  | { readonly outcome: 'claimed'; readonly claim: Claim }
  /** There is nothing to send: it was, or it will not be. */
  | { readonly outcome: 'settled'; readonly told: NotificationState }
  /** Another attempt holds it; if its process has died, it is free in `leaseLeft` ms: at most 12 s, by its last beat. */
  | { readonly outcome: 'busy'; readonly leaseLeft: number };

export interface Claims {
  /** Takes the right to send, or says why there is none. Writes the decision and the journey's projection with it. */
  claim(request: ClaimRequest): Promise<Claimed>;
  /**
   * The last step before SMTP: from here on the email may go out. Says to whom, and renews the lease. False where the
   * claim was lost, this process isn't known to be alive, or a subject was erased meanwhile: then nothing may be sent.
   * Rejects while the database is away, which comes to the same.
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
  /** That this process is alive: to be started before it claims, and stopped when it has stopped sending. */
  readonly heartbeat: { readonly owner: string; start(): void; stop(): Promise<void> };
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
 * The fence around sending. A row is `sending` under an attempt's number; only that attempt may begin to hand over, and
 * settle it. Another may take over when the process of that attempt has said nothing for 12 s (by the database's clock),
 * when that process works on it no more, or, whatever happens, when the lease of 130 s has ended. What is promised:
 *
 * - The right to hand over is given by the database, to one attempt at a time, and only while its process beats. A
 *   process that was taken over before it began, because it was killed, paused or cut off, never begins: the number has
 *   changed, or the database can't be asked.
 * - What was taken over after it had begun is `possiblyDuplicate` before the second attempt can begin, and that one
 *   sends with the same Message-ID. So two deliveries are never unmarked.
 * - A process that can't beat for 9 s calls off whatever has not reached DATA (`Claim.lost`), before others may take
 *   over. What remains is a process in mid-DATA that is alive and cut off from the database for more than 12 s, or one
 *   that was paused just before DATA: then both emails may arrive, marked.
 */
export function createClaims({
  database,
  sealing,
  messageIdDomain,
  leaseSeconds = LEASE_SECONDS,
}: ClaimsOptions): Claims {
  /** The attempt of each notification that this process works on. A row of ours without one is a dead attempt's. */
  const working = new Map<string, { readonly attempt: number; readonly lost: AbortController }>();
  const heartbeat = createHeartbeat(database, () => {
    for (const { lost } of working.values()) lost.abort();
  });
  /** One claim of a notification at a time: a second would take the first one's fresh row for a dead attempt's. */
  const inTurn = new Map<string, Promise<unknown>>();

  async function tryClaim(request: ClaimRequest): Promise<Claimed> {
    const key = keyText(request.decision);
    await heartbeat.ensure();
    const row = await takeAttempt(database, request, {
      owner: heartbeat.owner,
      leaseSeconds,
      messageId: `<${randomUUID()}@${messageIdDomain}>`,
      isAtWork: working.has(key),
    });
    if (row === undefined) return whyNot(request.decision);
    const lost = new AbortController();
    working.set(key, { attempt: row.attempt, lost });
    return { outcome: 'claimed', claim: claimOf(row, lost.signal) };
  }

  function stopWorking(claim: Claim): void {
    const key = keyText(claim);
    if (working.get(key)?.attempt === claim.attempt) working.delete(key);
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
    async beginHandOver(claim, to, subjects) {
      await heartbeat.ensure();
      return await beginHandOver({ database, sealing, leaseSeconds }, claim, to, subjects);
    },
    async settle(claim, settlement) {
      const isSettled = await settleAttempt({ database, sealing }, claim, settlement);
      stopWorking(claim);
      return isSettled;
    },
    mayTryAfterNoAnswer: (claim) => claim.noAnswers + 1 < MOST_NO_ANSWERS,
    letGo: stopWorking,
    heartbeat: { owner: heartbeat.owner, start: heartbeat.start, stop: () => heartbeat.stop(working.size === 0) },
    voidLeases: () => voidLeases(database),
  };
}

const claimOf = (row: NotificationRow, lost: AbortSignal): Claim => ({
  subject: row.subject,
  kind: row.kind,
  occurrence: row.occurrence,
  attempt: row.attempt,
  messageId: row.message_id ?? '',
  mayHaveGone: row.possibly_duplicate,
  noAnswers: row.no_answers,
  refusals: row.refusals,
  greylistings: row.greylistings,
  lastReason: row.last_reason,
  lost,
});
