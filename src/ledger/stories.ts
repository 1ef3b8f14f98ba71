import type { Kind } from '../domain/kinds.js';
import { attentionSentence, type AttentionCode } from '../domain/attention.js';
import { isKit, isOrder, nameOf, orderSubject } from '../domain/subjects.js';
import { maintenanceAt } from './maintenance.js';
import { maskAddress, maskReply } from './masks.js';
import type { LedgerSealing, Queryable } from './ports.js';
import { NOTIFICATION_COLUMNS, openRow, type NotificationRow } from './rows.js';
import type { SubjectAnswer, SubjectSummary, ToldDecision, ToldNotification, ToldWebhook } from './story.js';

const iso = (time: Date): string => time.toISOString();

/**
 * One subject's whole story. A kit's holds its order's notifications and webhooks too; its state and what needs
 * attention are its own. `now`: ms.
 */
export async function storyOf(
  database: Queryable,
  sealing: LedgerSealing,
  subject: string,
  now: number,
): Promise<SubjectAnswer> {
  const orders = isKit(subject) ? await ordersOf(database, nameOf(subject)) : [];
  const all = [subject, ...orders.map(orderSubject)];
  const [row] = await database.query<SubjectRow>(`select ${SUBJECT_COLUMNS} from subjects s where s.subject = $1`, [
    subject,
  ]);
  const summary = row === undefined ? UNKNOWN : summaryOf(row);
  const maintenance = summary.closedAt === null ? await maintenanceAt(database, now) : null;
  return {
    subject,
    state: summary.state,
    order: isOrder(subject) ? nameOf(subject) : (orders[0] ?? null),
    closedAt: summary.closedAt,
    needsAttention: summary.needsAttention?.sentence ?? null,
    next: summary.next,
    partnerMaintenance: maintenance === null ? null : { until: iso(maintenance.until) },
    notifications: await notificationsOf(database, sealing, all),
    webhooks: await webhooksOf(database, all),
  };
}

async function ordersOf(database: Queryable, barcode: string): Promise<string[]> {
  const rows = await database.query<{ order_number: string }>(
    'select order_number from links where barcode = $1 order by order_number',
    [barcode],
  );
  return rows.map((row) => row.order_number);
}

export interface SubjectRow {
  readonly subject: string;
  readonly state: string;
  readonly needs_attention: AttentionCode | null;
  readonly attention_kind: Kind | null;
  readonly next_what: string | null;
  readonly next_at: Date | null;
  readonly closed_at: Date | null;
}

export const SUBJECT_COLUMNS =
  's.subject, s.state, s.needs_attention, s.attention_kind, s.next_what, s.next_at, s.closed_at';

const UNKNOWN: Omit<SubjectSummary, 'subject'> = { state: 'unknown', needsAttention: null, next: null, closedAt: null };

export const summaryOf = (row: SubjectRow): SubjectSummary => ({
  subject: row.subject,
  state: row.state,
  needsAttention:
    row.needs_attention === null
      ? null
      : {
          code: row.needs_attention,
          sentence: attentionSentence(row.needs_attention, row.attention_kind ?? undefined),
        },
  next: row.next_what === null || row.next_at === null ? null : { what: row.next_what, at: iso(row.next_at) },
  closedAt: row.closed_at === null ? null : iso(row.closed_at),
});

async function notificationsOf(
  database: Queryable,
  sealing: LedgerSealing,
  subjects: readonly string[],
): Promise<ToldNotification[]> {
  const rows = await database.query<NotificationRow>(
    `select ${NOTIFICATION_COLUMNS} from notifications n where n.subject = any($1::text[]) order by n.decided_at, n.id`,
    [subjects],
  );
  const decisions = await database.query<DecisionRow>(
    `select subject, kind, occurrence, verdict, reason, cause, rule, at from decisions
     where subject = any($1::text[]) order by at, id`,
    [subjects],
  );
  return rows.map((row) => {
    const { to = null, reply = null } = openRow(sealing, row);
    return {
      kind: row.kind,
      occurrence: row.occurrence,
      status: row.status,
      reason: row.reason,
      cause: row.cause,
      decidedAt: iso(row.decided_at),
      settledAt: row.settled_at === null ? null : iso(row.settled_at),
      to: to === null ? null : maskAddress(to),
      messageId: row.message_id,
      smtpReply: reply === null ? null : maskReply(reply, to),
      attempts: row.tries,
      possiblyDuplicate: row.possibly_duplicate,
      decisions: decisions.filter((decision) => belongs(decision, row)).map(toldDecision),
    };
  });
}

interface DecisionRow extends Omit<ToldDecision, 'at'> {
  readonly subject: string;
  readonly kind: Kind;
  readonly occurrence: number;
  readonly at: Date;
}

const belongs = (decision: DecisionRow, row: NotificationRow): boolean =>
  decision.subject === row.subject && decision.kind === row.kind && decision.occurrence === row.occurrence;

const toldDecision = ({ at, verdict, reason, cause, rule }: DecisionRow): ToldDecision => ({
  at: iso(at),
  verdict,
  reason,
  cause,
  rule,
});

interface WebhookRow {
  readonly external_id: string | null;
  readonly body_mac: Buffer;
  readonly event: string | null;
  readonly received_at: Date;
  readonly verdict: string;
  readonly pending: boolean;
  readonly duplicates: number;
  readonly altered: boolean;
  readonly id_reused: boolean;
  readonly body_state: ToldWebhook['bodyState'];
  readonly reason: string | null;
}

/** The partner's webhooks that these subjects were told of. */
async function webhooksOf(database: Queryable, subjects: readonly string[]): Promise<ToldWebhook[]> {
  const rows = await database.query<WebhookRow>(
    `select i.external_id, i.body_mac, i.event, i.received_at, i.verdict, i.duplicates, i.altered, i.id_reused,
       i.body_state, i.reason, d.pending
     from (select seq, bool_or(relayed_at is null) as pending from deliveries
           where subject = any($1::text[]) group by seq) d
     join inbox i on i.seq = d.seq
     where i.source = 'c4hxp' order by i.received_at, i.seq`,
    [subjects],
  );
  return rows.map((row) => ({
    id: row.external_id ?? `body:${row.body_mac.toString('hex')}`,
    event: row.event,
    receivedAt: iso(row.received_at),
    status: row.verdict === 'quarantined' ? 'quarantined' : row.pending ? 'pending' : 'relayed',
    duplicates: row.duplicates,
    altered: row.altered,
    idReused: row.id_reused,
    bodyState: row.body_state,
    reason: row.reason,
  }));
}
