import type { Failure } from '../domain/facts.js';
import type { Kind } from '../domain/kinds.js';
import {
  isSameNotification,
  type DecisionRow,
  type Reason,
  type Status,
  type Verdict,
} from '../domain/notifications.js';
import { isKit, isOrder, nameOf, orderSubject } from '../domain/subjects.js';
import { transitOf, type TransitStep } from '../domain/transit.js';
import { sql, type Queryable } from '../database/sql.js';
import type { Sealing } from '../sealing/sealing.js';
import { acknowledgedAbout, type Acknowledged } from './acknowledged.js';
import { factsOf } from './deliveries.js';
import { erasedAbout, type ErasedAnswer } from './erased.js';
import { maintenanceAt } from './maintenance.js';
import { maskAddress, maskReply } from './masks.js';
import { NOTIFICATION_COLUMNS, openWords, type NotificationRow } from './notifications.js';
import { shippedLater } from './shipped-later.js';
import { oneSubject, type AttentionAnswer, type SubjectSummary } from './subjects.js';

/** What `told` answers about one subject; times as ISO 8601 in UTC. */
export interface SubjectAnswer {
  readonly subject: string;
  readonly state: string;
  readonly order: string | null;
  readonly closedAt: string | null;
  /** Why the sample gave no results; null where the partner didn't say so. */
  readonly because: Failure | null;
  /** Of a kit that failed: the kits shipped later in its order. Whether one replaces it nobody says. */
  readonly shippedLater: readonly string[];
  /** What is known of its ways, in the order in which it happened. */
  readonly transit: readonly ToldTransit[];
  /** The sentence of the gravest: what is wrong and what to do. */
  readonly needsAttention: string | null;
  readonly attention: readonly AttentionAnswer[];
  readonly acknowledged: readonly Acknowledged[];
  /** Null unless its patient was forgotten on request. */
  readonly erased: ErasedAnswer | null;
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

/** `at` is null where only `heardAt`, when we heard of it, is known. */
export interface ToldTransit extends Pick<TransitStep, 'what'> {
  readonly at: string | null;
  readonly heardAt: string;
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

const iso = (time: Date): string => time.toISOString();

/**
 * The answer about one subject. A kit's holds its order's notifications and webhooks too; its state and what needs
 * attention are its own. `now`: ms.
 */
export async function answerAbout(
  database: Queryable,
  sealing: Sealing,
  subject: string,
  now: number,
): Promise<SubjectAnswer> {
  const orders = isKit(subject) ? await ordersOf(database, nameOf(subject)) : [];
  const all = [subject, ...orders.map(orderSubject)];
  const summary = (await oneSubject(database, subject)) ?? UNKNOWN;
  const maintenance = summary.closedAt === null ? await maintenanceAt(database, now) : null;
  return {
    subject,
    state: summary.state,
    order: isOrder(subject) ? nameOf(subject) : (orders[0] ?? null),
    closedAt: summary.closedAt,
    because: summary.because,
    shippedLater: summary.state === 'failed' ? await shippedLater(database, nameOf(subject), orders) : [],
    transit: transitOf(await factsOf(database, subject)).map(toldTransit),
    needsAttention: summary.needsAttention?.sentence ?? null,
    attention: summary.attention,
    acknowledged: await acknowledgedAbout(database, sealing, subject),
    erased: await erasedAbout(database, sealing, subject),
    next: summary.next,
    partnerMaintenance: maintenance === null ? null : { until: iso(maintenance.until) },
    notifications: await notificationsOf(database, sealing, all),
    webhooks: await webhooksOf(database, all),
  };
}

const UNKNOWN: Omit<SubjectSummary, 'subject'> = {
  state: 'unknown',
  because: null,
  needsAttention: null,
  attention: [],
  next: null,
  closedAt: null,
};

const toldTransit = ({ what, at, heardAt }: TransitStep): ToldTransit => ({
  what,
  at: at === null ? null : iso(new Date(at)),
  heardAt: iso(new Date(heardAt)),
});

async function ordersOf(database: Queryable, barcode: string): Promise<string[]> {
  const rows = await database.query<{ order_number: string }>(
    sql`select order_number from links where barcode = ${barcode} order by order_number`,
  );
  return rows.map((row) => row.order_number);
}

async function notificationsOf(
  database: Queryable,
  sealing: Sealing,
  subjects: readonly string[],
): Promise<ToldNotification[]> {
  const rows = await database.query<NotificationRow>(
    sql`select ${NOTIFICATION_COLUMNS} from notifications n
      where n.subject = any(${subjects}::text[]) order by n.decided_at, n.id`,
  );
  const decisions = await database.query<WrittenDecision>(
    sql`select subject, kind, occurrence, verdict, reason, cause, rule, at from decisions
      where subject = any(${subjects}::text[]) order by at, id`,
  );
  return rows.map((row) => {
    const { to = null, reply = null } = openWords(sealing, row);
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
      decisions: decisions.filter((decision) => isSameNotification(decision, row)).map(toldDecision),
    };
  });
}

type WrittenDecision = Omit<DecisionRow, 'at'> & { readonly at: Date };

const toldDecision = ({ at, verdict, reason, cause, rule }: WrittenDecision): ToldDecision => ({
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
    sql`select i.external_id, i.body_mac, i.event, i.received_at, i.verdict, i.duplicates, i.altered, i.id_reused,
        i.body_state, i.reason, d.pending
      from (select seq, bool_or(relayed_at is null) as pending from deliveries
            where subject = any(${subjects}::text[]) group by seq) d
      join inbox i on i.seq = d.seq
      where i.source = 'c4hxp' order by i.received_at, i.seq`,
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
