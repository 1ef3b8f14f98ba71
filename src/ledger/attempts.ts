import type { Reason, Status } from '../domain/notifications.js';
import type { RecordInput, SettleInput } from '../domain/activities.js';
import { decisionParameters, decisionsInsert } from './decisions.js';
import { keyText } from './keys.js';
import type { LedgerDatabase } from './ports.js';
import { readRow, type NotificationRow } from './rows.js';
import { viewParameters, viewUpsert } from './views.js';

/**
 * Writes what a journey decided without sending: the rows it settles or puts off, the story, the view; all or nothing,
 * and the same when it is written twice. What was handed to a mail server keeps its status, whatever is decided later:
 * it is evidence. `now`: for views of drains without a decision (ms).
 */
export async function recordDecisions(database: LedgerDatabase, input: RecordInput, now: number): Promise<void> {
  // One statement touches a row once: of several decisions about one key the last one stands.
  const standing = new Map<string, { first: number; decision: (typeof input.decisions)[number] }>();
  for (const decision of input.decisions) {
    if (decision.status === undefined) continue;
    const key = keyText(decision);
    standing.set(key, { first: standing.get(key)?.first ?? decision.at, decision });
  }
  const rows = [...standing.values()];
  const at = Math.max(...input.decisions.map((decision) => decision.at), Number.NEGATIVE_INFINITY);
  await database.query(RECORD, [
    ...decisionParameters(rows.map(({ decision }) => decision)),
    rows.map(({ decision }) => decision.status),
    rows.map(({ first }) => new Date(first)),
    ...decisionParameters(input.decisions),
    ...viewParameters(input.subject, input.projection, Number.isFinite(at) ? at : now),
  ]);
}

// Rows before views, as in a claim: statements that lock in the same order don't block each other for good.

// An attempt that died after it began to hand over, or that got no answer, may have told the patient after all.
const MAY_HAVE_GONE = '(n.handing_over or n.possibly_duplicate)';
const GONE_NOT_SENT = `(${MAY_HAVE_GONE} and excluded.status = 'not_sent')`;

// $1–8 the decisions that set a row's status, $9 those statuses, $10 first decided, $11–18 all decisions, $19–26 the view.
const RECORD = `
  with rows as (
    insert into notifications as n
      (subject, kind, occurrence, status, reason, cause, rule, decided_at, settled_at)
    select r.subject, r.kind, r.occurrence, r.status, r.reason, r.cause, r.rule, r.first,
      case when r.status <> 'deferred' then r.at end
    from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
        $9::text[], $10::timestamptz[])
      as r(subject, kind, occurrence, verdict, reason, cause, rule, at, status, first)
    order by 1, 2, 3
    on conflict (subject, kind, occurrence) do update set
      status = case when ${GONE_NOT_SENT} then 'unknown' else excluded.status end,
      reason = case when ${GONE_NOT_SENT} then 'no_answer' else excluded.reason end,
      cause = excluded.cause, rule = excluded.rule, settled_at = excluded.settled_at
    where n.status in ('deferred', 'not_sent', 'failed')
    returning n.id),
  story as (${decisionsInsert(11)})
  ${viewUpsert(19, 'from (select count(*) from rows) as first')}`;

interface Ending {
  readonly status: Status;
  readonly reason: Reason;
}

/** What a row becomes of which nothing can have reached the mail server. */
function endingOf(ending: SettleInput['ending']): Ending {
  switch (ending) {
    case 'retries_exhausted':
    case 'no_answer':
      return { status: 'failed', reason: 'retries_exhausted' };
    case 'contact_conflict':
      return { status: 'deferred', reason: ending };
    default:
      return { status: 'not_sent', reason: ending };
  }
}

/**
 * Settles a row whose last attempt has died, so that none stays `sending`. If that attempt had begun to hand over, the
 * row is `unknown/no_answer`, and its own late answer may still overwrite that; if it hadn't, its number is taken from
 * it, so that it can't any more. A row that is settled already stays as it is. Returns the row as it then stands.
 */
export async function settleAbandoned(database: LedgerDatabase, input: SettleInput): Promise<NotificationRow> {
  const ending = endingOf(input.ending);
  await database.query(ABANDON, [
    input.subject,
    input.kind,
    input.occurrence,
    ending.status,
    ending.reason,
    input.cause,
    input.rule,
    new Date(input.at),
    ...decisionParameters([{ ...input, verdict: 'not_send', reason: ending.reason }]),
    ...viewParameters(input.journey ?? input.subject, input.projection, input.at),
  ]);
  const row = await readRow(database, input);
  if (row === undefined) throw new Error('a settled notification can not be read');
  return row;
}

// $1–3 key, $4 status, $5 reason, $6 cause, $7 rule, $8 at, $9–16 the decision, $17–24 the view.
const ABANDON = `
  with ended as (
    insert into notifications as n (subject, kind, occurrence, status, reason, cause, rule, decided_at, settled_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8::timestamptz, case when $4 <> 'deferred' then $8::timestamptz end)
    on conflict (subject, kind, occurrence) do update set
      status = case when ${MAY_HAVE_GONE} then 'unknown' else excluded.status end,
      reason = case when ${MAY_HAVE_GONE} then 'no_answer' else excluded.reason end,
      settled_at = case when ${MAY_HAVE_GONE} then $8::timestamptz else excluded.settled_at end,
      attempt = n.attempt + case when n.handing_over then 0 else 1 end, owner = null, lease_until = null
    where n.status in ('sending', 'deferred')
    returning n.id),
  story as (${decisionsInsert(9, 'where exists (select from ended)')})
  ${viewUpsert(17, 'from (select count(*) from ended) as first')}`;
