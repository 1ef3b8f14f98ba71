import { isOfResults } from '../domain/kinds.js';
import {
  statusWhenOvertaken,
  type DecisionRow,
  type NotificationKey,
  type Reason,
  type Status,
} from '../domain/notifications.js';
import type { SettleInput, SubjectProjection } from '../domain/activities.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import { decodeHash, type Sealing } from '../sealing/sealing.js';
import type { Contact } from './contacts.js';
import { addDecisions, MAY_HAVE_GONE } from './decisions.js';
import { isBeating, stoppedOwners } from './heartbeat.js';
import { ifReported } from './mail-outcomes.js';
import { cutReply } from './masks.js';
import { NOTIFICATION_COLUMNS, readRow, sealWords, type NotificationRow } from './notifications.js';
import { upsertProjection } from './subjects.js';

/** How often results are handed over again after a server that took the message and gave no answer. */
export const MOST_NO_ANSWERS = 3;

export interface ClaimRequest {
  readonly decision: DecisionRow;
  /** Whose projection it is: the journey that decided. Null for the team's alerts. */
  readonly journey: string | null;
  readonly projection: SubjectProjection | null;
  /** A human's explicit order, or a temporary bounce: opens again what had ended, once for each cause. */
  readonly reopens: boolean;
}

/** Who attempts, and under what terms. */
interface Attempting {
  readonly owner: string;
  readonly leaseSeconds: number;
  /** For a row that has none yet. */
  readonly messageId: string;
  /** Whether this process is at work on the row: then it is not a dead attempt's. */
  readonly isAtWork: boolean;
}

/** What has ended and is opened again has a new series of put-offs before it. */
const ifUnderWay = (column: 'refusals' | 'greylistings'): Sql =>
  sql`case when n.status in ('sending', 'deferred') then ${sql.ref(`n.${column}`)} else 0 end`;

/**
 * A greylisting counts once, also where Temporal, which has lost that an attempt was put off, sent the next one far too
 * early: that one tells nothing of how long this server greylists.
 */
const GREYLISTINGS = sql`greatest(0, ${ifUnderWay('greylistings')}
  - case when n.greylisted_until > now() + interval '30 s' then 1 else 0 end)`;

const leaseOf = (seconds: number): Sql => sql`now() + make_interval(secs => ${seconds}::float8)`;

/** Begins an attempt and writes the decision and the projection with it; undefined where the row can't be taken. */
export async function takeAttempt(
  database: Queryable,
  { decision, journey, projection, reopens }: ClaimRequest,
  { owner, leaseSeconds, messageId, isAtWork }: Attempting,
): Promise<NotificationRow | undefined> {
  const [row] = await database.query<NotificationRow>(sql`
    with claimed as (
      insert into notifications as n
        (subject, kind, occurrence, source_seq, status, cause, rule, decided_at, message_id, attempt, tries, owner,
          lease_until)
      values (${decision.subject}, ${decision.kind}, ${decision.occurrence}, ${decision.sourceSeq}, 'sending',
        ${decision.cause}, ${decision.rule}, ${new Date(decision.at)}, ${messageId}, 1, 1, ${owner}, ${leaseOf(leaseSeconds)})
      on conflict (subject, kind, occurrence) do update set
        status = 'sending', last_reason = n.reason, reason = null, settled_at = null, cause = excluded.cause,
        source_seq = coalesce(n.source_seq, excluded.source_seq), rule = excluded.rule, message_id = coalesce(n.message_id, excluded.message_id), attempt = n.attempt + 1,
        tries = n.tries + 1, refusals = ${ifUnderWay('refusals')}, greylistings = ${GREYLISTINGS}, greylisted_until = null, owner = excluded.owner, lease_until = excluded.lease_until,
        possibly_duplicate = n.possibly_duplicate or n.handing_over
      where n.status = 'deferred'
        or (n.status = 'sending'
          and (n.lease_until <= now() or case when n.owner = excluded.owner
            then not ${isAtWork}::boolean else n.owner = any(${stoppedOwners}) end))
        or (n.status = 'unknown' and ${isOfResults(decision.kind)}::boolean and n.no_answers < ${MOST_NO_ANSWERS}::int)
        or (n.status in ('failed', 'unknown', 'not_sent', 'bounced') and ${reopens}::boolean
          and n.cause <> excluded.cause)
      returning ${NOTIFICATION_COLUMNS}),
    added as (${addDecisions([decision], sql`where exists (select from claimed)`)}),
    projected as (${upsertProjection(journey, projection, decision.at, sql`from claimed where ${journey}::text is not null`)})
    select * from claimed`);
  return row;
}

/** One attempt at a notification. */
interface Attempt extends NotificationKey {
  readonly attempt: number;
}

const isIts = ({ subject, kind, occurrence, attempt }: Attempt): Sql =>
  sql`n.subject = ${subject} and n.kind = ${kind} and n.occurrence = ${occurrence} and n.attempt = ${attempt}`;

/**
 * Says to whom, and renews the lease; false where the attempt was lost, its process isn't known to be alive, or one of
 * `subjects` was erased meanwhile.
 */
export async function beginHandOver(
  { database, sealing, leaseSeconds }: { database: Queryable; sealing: Sealing; leaseSeconds: number },
  attempt: Attempt,
  to: Pick<Contact, 'email' | 'address'>,
  subjects: readonly string[],
): Promise<boolean> {
  const words = sealWords(sealing, attempt, { to: to.email });
  const rows = await database.query(sql`
    update notifications n set handing_over = true, reports_before = cardinality(n.reports), recipient_hash = ${decodeHash(to.address)},
      sealed = ${words.sealed}, to_proof = ${words.toProof}, reply_proof = null, lease_until = ${leaseOf(leaseSeconds)}
    where ${isIts(attempt)} and n.status = 'sending' and ${isBeating(sql`n.owner`)}
      and not exists (select from subjects s where s.subject = any(${subjects}::text[]) and s.erased_at is not null)
    returning n.id`);
  return rows.length === 1;
}

export interface Settlement {
  readonly status: Exclude<Status, 'sending'>;
  readonly reason: Reason | null;
  /** ms */
  readonly at: number;
  /** The mail server may take it later, and is asked again in so many ms; the row counts how often it said so. */
  readonly putOff?: { readonly by: 'greylisting' | 'refusal'; readonly ms: number };
  /** Though it was put off, it may have gone: the next attempt's email is perhaps a second one. */
  readonly mayHaveGone?: boolean;
  /** Put off by quiet hours: when they end (ms). The row remembers how long it waited for them. */
  readonly quietUntil?: number;
  /** The mail server's words, and to whom they were said. */
  readonly sealed?: { readonly to: string; readonly reply: string };
  /** Where the checks decided otherwise than the journey. */
  readonly decision?: DecisionRow;
}

/** Writes what became of an attempt; false when another one holds the row by now. */
export async function settleAttempt(
  { database, sealing }: { database: Queryable; sealing: Sealing },
  attempt: Attempt,
  { status, reason, at, putOff, mayHaveGone = status === 'unknown', quietUntil, sealed, decision }: Settlement,
): Promise<boolean> {
  const isUnanswered = status === 'unknown';
  // Written again because the database's own answer was lost, it still is one that came to nothing.
  const unanswered = sql`case when ${isUnanswered}::boolean and n.settled_at is distinct from ${new Date(at)}::timestamptz then 1 else 0 end`;
  // A provider may be faster with its report than this is with its word that the email went out.
  const early =
    status === 'sent' || isUnanswered ? ifReported : (_: string, value: string | null): Sql => sql`${value}`;
  const quietEnd = sql`${quietUntil === undefined ? null : new Date(quietUntil)}::timestamptz`;
  const words = sealed === undefined ? null : sealWords(sealing, attempt, { ...sealed, reply: cutReply(sealed.reply) });
  // Without an answer it stays possible that the email went out: handing_over stays true. Of a wait for quiet hours that
  // overlaps an earlier one only what it adds is counted.
  const rows = await database.query(sql`
    with settled as (
      update notifications n set status = ${early('status', status)}, reason = ${early('reason', reason)},
        settled_at = ${status === 'deferred' ? null : new Date(at)},
        sealed = coalesce(${words?.sealed ?? null}, sealed),
        to_proof = coalesce(${words?.toProof ?? null}, to_proof),
        reply_proof = coalesce(${words?.replyProof ?? null}, reply_proof),
        handing_over = ${mayHaveGone}, no_answers = no_answers + ${unanswered},
        refusals = refusals + ${putOff?.by === 'refusal' ? 1 : 0}::int,
        greylistings = greylistings + ${putOff?.by === 'greylisting' ? 1 : 0}::int,
        greylisted_until = ${putOff?.by === 'greylisting' ? sql`now() + make_interval(secs => ${putOff.ms / 1_000}::float8)` : sql`null`},
        quiet_ms = quiet_ms + coalesce(greatest(0,
          extract(epoch from ${quietEnd} - greatest(${new Date(at)}::timestamptz, n.quiet_until)) * 1000), 0),
        quiet_until = coalesce(greatest(${quietEnd}, n.quiet_until), n.quiet_until),
        owner = null, lease_until = null
      where ${isIts(attempt)} and n.status in ('sending', 'unknown')
      returning n.id),
    added as (${addDecisions(decision === undefined ? [] : [decision], sql`where exists (select from settled)`)})
    select id from settled`);
  return rows.length === 1;
}

/** What a row becomes of which nothing can have reached the mail server. */
function endingOf(ending: SettleInput['ending']): { readonly status: Status; readonly reason: Reason } {
  switch (ending) {
    case 'retries_exhausted':
    case 'no_answer':
      return { status: 'failed', reason: 'retries_exhausted' };
    default:
      return { status: statusWhenOvertaken(ending), reason: ending };
  }
}

/**
 * Settles a row whose last attempt has died, so that none stays `sending`. If that attempt had begun to hand over, the
 * row is `unknown/no_answer`, and its own late answer may still overwrite that; if it hadn't, its number is taken from
 * it, so that it can't any more. A row that is settled already stays as it is. Returns the row as it then stands.
 */
export async function settleAbandoned(database: Queryable, input: SettleInput): Promise<NotificationRow> {
  const { status, reason } = endingOf(input.ending);
  const at = sql`${new Date(input.at)}::timestamptz`;
  const decision: DecisionRow = { ...input, sourceSeq: null, verdict: 'not_send', reason };
  const journey = input.journey ?? input.subject;
  await database.query(sql`
    with ended as (
      insert into notifications as n (subject, kind, occurrence, status, reason, cause, rule, decided_at, settled_at)
      values (${input.subject}, ${input.kind}, ${input.occurrence}, ${status}, ${reason}, ${input.cause}, ${input.rule},
        ${at}, ${status === 'deferred' ? null : new Date(input.at)})
      on conflict (subject, kind, occurrence) do update set
        status = case when ${MAY_HAVE_GONE} then 'unknown' else excluded.status end,
        reason = case when ${MAY_HAVE_GONE} then 'no_answer' else excluded.reason end,
        settled_at = case when ${MAY_HAVE_GONE} then ${at} else excluded.settled_at end,
        attempt = n.attempt + case when n.handing_over then 0 else 1 end, owner = null, lease_until = null
      where n.status in ('sending', 'deferred')
      returning n.id),
    added as (${addDecisions([decision], sql`where exists (select from ended)`)})
    ${upsertProjection(journey, input.projection, input.at, sql`from (select count(*) from ended) as first`)}`);
  const row = await readRow(database, input);
  if (row === undefined) throw new Error('a settled notification can not be read');
  return row;
}

/** Ends all leases. Returns how many there were. */
export async function voidLeases(database: Queryable): Promise<number> {
  const rows = await database.query(
    sql`update notifications n set lease_until = now() where status = 'sending' and lease_until > now() returning n.id`,
  );
  return rows.length;
}
