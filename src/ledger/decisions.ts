import type { RecordedDecision, RecordInput } from '../domain/activities.js';
import type { DecisionRow } from '../domain/notifications.js';
import { sql, tableOf, type Columns, type Queryable, type Sql } from '../database/sql.js';
import { keyText } from './notifications.js';
import { upsertProjection } from './subjects.js';

const DECISION_COLUMNS: Columns<DecisionRow> = {
  subject: ['text', (decision) => decision.subject],
  kind: ['text', (decision) => decision.kind],
  occurrence: ['int', (decision) => decision.occurrence],
  verdict: ['text', (decision) => decision.verdict],
  reason: ['text', (decision) => decision.reason],
  cause: ['text', (decision) => decision.cause],
  rule: ['text', (decision) => decision.rule],
  at: ['timestamptz', (decision) => new Date(decision.at)],
};

/** SQL that adds decisions, as one part of a statement. What stands there already isn't added again. */
export const addDecisions = (decisions: readonly DecisionRow[], where: Sql = sql``): Sql => sql`
    insert into decisions (subject, kind, occurrence, verdict, reason, cause, rule, at)
    select d.* from ${tableOf('d', decisions, DECISION_COLUMNS)} ${where}
    on conflict do nothing`;

/** A decision that sets its row's status, and when the first one about that row was made (ms). */
interface Settling {
  readonly decision: RecordedDecision;
  readonly first: number;
}

const SETTLING_COLUMNS: Columns<Settling> = {
  subject: ['text', ({ decision }) => decision.subject],
  kind: ['text', ({ decision }) => decision.kind],
  occurrence: ['int', ({ decision }) => decision.occurrence],
  status: ['text', ({ decision }) => decision.status],
  reason: ['text', ({ decision }) => decision.reason],
  cause: ['text', ({ decision }) => decision.cause],
  rule: ['text', ({ decision }) => decision.rule],
  first: ['timestamptz', ({ first }) => new Date(first)],
  settled: ['timestamptz', ({ decision }) => (decision.status === 'deferred' ? null : new Date(decision.at))],
};

// An attempt that died after it began to hand over, or that got no answer, may have told the patient after all.
export const MAY_HAVE_GONE = sql`(n.handing_over or n.possibly_duplicate)`;
const GONE_NOT_SENT = sql`(${MAY_HAVE_GONE} and excluded.status = 'not_sent')`;

/**
 * Writes what a journey decided without sending: the rows it settles or puts off, the decisions, the projection; all or
 * nothing, and the same when it is written twice. What was handed to a mail server keeps its status, whatever is decided
 * later: it is evidence. `now`: for projections of drains without a decision (ms).
 */
export async function recordDecisions(database: Queryable, input: RecordInput, now: number): Promise<void> {
  // One statement touches a row once: of several decisions about one key the last one stands.
  const settling = new Map<string, Settling>();
  for (const decision of input.decisions) {
    if (decision.status === undefined) continue;
    const key = keyText(decision);
    settling.set(key, { first: settling.get(key)?.first ?? decision.at, decision });
  }
  const latest = Math.max(...input.decisions.map((decision) => decision.at), Number.NEGATIVE_INFINITY);
  const at = Number.isFinite(latest) ? latest : now;
  // Rows before projections, as in a claim: statements that lock in the same order don't block each other for good.
  await database.query(sql`
    with rows as (
      insert into notifications as n
        (subject, kind, occurrence, status, reason, cause, rule, decided_at, settled_at)
      select r.* from ${tableOf('r', [...settling.values()], SETTLING_COLUMNS)} order by 1, 2, 3
      on conflict (subject, kind, occurrence) do update set
        status = case when ${GONE_NOT_SENT} then 'unknown' else excluded.status end,
        reason = case when ${GONE_NOT_SENT} then 'no_answer' else excluded.reason end,
        cause = excluded.cause, rule = excluded.rule, settled_at = excluded.settled_at
      where n.status in ('deferred', 'not_sent', 'failed')
      returning n.id),
    added as (${addDecisions(input.decisions)})
    ${upsertProjection(input.subject, input.projection, at, sql`from (select count(*) from rows) as first`)}`);
}
