import { randomUUID } from 'node:crypto';
import { isOfResults } from '../domain/kinds.js';
import type { DecisionRow, NotificationKey, NotificationState, Reason, Status } from '../domain/notifications.js';
import type { SubjectProjection } from '../domain/activities.js';
import { decisionParameters, decisionsInsert } from './decisions.js';
import type { Contact } from './contacts.js';
import { decodeHash, keyOf, keyText } from './keys.js';
import type { LedgerDatabase, LedgerSealing } from './ports.js';
import { NOTIFICATION_COLUMNS, readRow, sealRow, stateOfRow, type NotificationRow } from './rows.js';
import { viewParameters, viewUpsert } from './views.js';

/** Longer than an attempt's whole time with the mail server (100 s), so that two attempts never overlap. */
const LEASE_SECONDS = 130;

/** How often results are handed over again after a server that took the message and gave no answer. */
const MOST_NO_ANSWERS = 3;

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

interface ClaimRequest {
  readonly decision: DecisionRow;
  /** Whose view it is: the journey that decided. Null for the team's alerts. */
  readonly journey: string | null;
  readonly projection: SubjectProjection | null;
  /** A human's explicit order, or a temporary bounce: opens again what had ended, once for each cause. */
  readonly reopens: boolean;
}

export type Claimed =
  | { readonly outcome: 'claimed'; readonly claim: Claim }
  /** There is nothing to send: it was, or it will not be. */
  | { readonly outcome: 'settled'; readonly told: NotificationState }
  /** Another attempt holds it for `leaseLeft` ms at most. */
  | { readonly outcome: 'busy'; readonly leaseLeft: number };

interface Settlement {
  readonly status: Exclude<Status, 'sending'>;
  readonly reason: Reason | null;
  /** ms */
  readonly at: number;
  /** Put off by quiet hours: when they end (ms). The row remembers how long it waited for them. */
  readonly quietUntil?: number;
  /** The mail server's words, and to whom they were said. */
  readonly sealed?: { readonly to: string; readonly reply: string };
  /** Where the checks decided otherwise than the journey. */
  readonly decision?: DecisionRow;
}

export interface Claims {
  /** Takes the right to send, or says why there is none. Writes the decision and the journey's view with it. */
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
  readonly database: LedgerDatabase;
  readonly sealing: LedgerSealing;
  /** The domain of Message-IDs. */
  readonly messageIdDomain: string;
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
    const { decision, journey, projection, reopens } = request;
    const key = keyText(decision);
    const [row] = await database.query<NotificationRow>(CLAIM, [
      decision.subject,
      decision.kind,
      decision.occurrence,
      decision.cause,
      decision.rule,
      new Date(decision.at),
      `<${randomUUID()}@${messageIdDomain}>`,
      owner,
      leaseSeconds,
      working.has(key),
      isOfResults(decision.kind),
      MOST_NO_ANSWERS,
      reopens,
      ...decisionParameters([decision]),
      ...viewParameters(journey, projection, decision.at),
    ]);
    if (row === undefined) return whyNot(decision);
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
    if (row.cause !== decision.cause) {
      const told: DecisionRow = { ...decision, verdict: 'not_send', reason: 'already_told' };
      await database.query(decisionsInsert(1), decisionParameters([told]));
    }
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
      const rows = await database.query(
        `update notifications n set handing_over = true, recipient_hash = $5, sealed = $6,
           lease_until = now() + make_interval(secs => $7::float8)
         where subject = $1 and kind = $2 and occurrence = $3 and attempt = $4 and status = 'sending'
           and not exists (select from subjects s where s.subject = any($8::text[]) and s.erased_at is not null)
         returning n.id`,
        [
          claim.subject,
          claim.kind,
          claim.occurrence,
          claim.attempt,
          decodeHash(to.address),
          sealRow(sealing, claim, { to: to.email }),
          leaseSeconds,
          subjects,
        ],
      );
      return rows.length === 1;
    },

    async settle(claim, { status, reason, at, quietUntil, sealed, decision }) {
      const rows = await database.query(SETTLE, [
        claim.subject,
        claim.kind,
        claim.occurrence,
        claim.attempt,
        status,
        reason,
        status === 'deferred' ? null : new Date(at),
        sealed === undefined ? null : sealRow(sealing, claim, sealed),
        ...decisionParameters(decision === undefined ? [] : [decision]),
        new Date(at),
        quietUntil === undefined ? null : new Date(quietUntil),
      ]);
      stopWorking(claim);
      return rows.length === 1;
    },

    mayTryAfterNoAnswer: (claim) => claim.noAnswers + 1 < MOST_NO_ANSWERS,

    letGo: stopWorking,

    async voidLeases() {
      const rows = await database.query(
        `update notifications n set lease_until = now() where status = 'sending' and lease_until > now() returning n.id`,
      );
      return rows.length;
    },
  };
}

// $1–3 key, $4 cause, $5 rule, $6 decided, $7 Message-ID, $8 owner, $9 lease, $10 we are at work on it, $11 results,
// $12 how many silences results may meet, $13 reopens, $14–21 the decision, $22–29 the view.
const CLAIM = `
  with claimed as (
    insert into notifications as n
      (subject, kind, occurrence, status, cause, rule, decided_at, message_id, attempt, tries, owner, lease_until)
    values ($1, $2, $3, 'sending', $4, $5, $6, $7, 1, 1, $8, now() + make_interval(secs => $9::float8))
    on conflict (subject, kind, occurrence) do update set
      status = 'sending', last_reason = n.reason, reason = null, settled_at = null, cause = excluded.cause, rule = excluded.rule,
      message_id = coalesce(n.message_id, excluded.message_id), attempt = n.attempt + 1, tries = n.tries + 1,
      owner = excluded.owner, lease_until = excluded.lease_until,
      possibly_duplicate = n.possibly_duplicate or n.handing_over
    where n.status = 'deferred'
      or (n.status = 'sending' and (n.lease_until <= now() or (n.owner = excluded.owner and not $10::boolean)))
      or (n.status = 'unknown' and $11::boolean and n.no_answers < $12::int)
      or (n.status in ('failed', 'unknown', 'not_sent', 'bounced') and $13::boolean and n.cause <> excluded.cause)
    returning ${NOTIFICATION_COLUMNS}),
  story as (${decisionsInsert(14, 'where exists (select from claimed)')}),
  view as (${viewUpsert(22, 'from claimed where $22::text is not null')})
  select * from claimed`;

// $1–3 key, $4 attempt, $5 status, $6 reason, $7 settled, $8 sealed, $9–16 the decision, $17 now, $18 when quiet
// hours end: of a wait that overlaps an earlier one only what it adds is counted. Without an answer it stays possible that
// the email went out: handing_over stays true.
const SETTLE = `
  with settled as (
    update notifications n set status = $5, reason = $6, settled_at = $7, sealed = coalesce($8, sealed),
      handing_over = $5 = 'unknown', no_answers = no_answers + case when $5 = 'unknown' then 1 else 0 end,
      quiet_ms = quiet_ms + coalesce(
        greatest(0, extract(epoch from $18::timestamptz - greatest($17::timestamptz, n.quiet_until)) * 1000), 0),
      quiet_until = coalesce(greatest($18::timestamptz, n.quiet_until), n.quiet_until),
      owner = null, lease_until = null
    where subject = $1 and kind = $2 and occurrence = $3 and attempt = $4 and status in ('sending', 'unknown')
    returning n.id),
  story as (${decisionsInsert(9, 'where exists (select from settled)')})
  select id from settled`;

const claimOf = (row: NotificationRow): Claim => ({
  ...keyOf(row),
  attempt: row.attempt,
  messageId: row.message_id ?? '',
  mayHaveGone: row.possibly_duplicate,
  noAnswers: row.no_answers,
  lastReason: row.last_reason,
});
