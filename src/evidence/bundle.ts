import { sql, type Queryable } from '../database/sql.js';
import { isKit, kitSubject, nameOf, orderSubject } from '../domain/subjects.js';
import { maskReply } from '../ledger/masks.js';
import { openWords, type NotificationRow } from '../ledger/notifications.js';
import type { Sealing } from '../sealing/sealing.js';
import type { ChainLink } from './chain.js';
import { latestSeal, type RootSeal } from './roots.js';

export const BUNDLE_FORMAT = 'kit-herald-evidence/1';

/** What is handed over: what was decided and what became of it, and all that is needed to check it without a database. */
export interface Bundle {
  readonly format: typeof BUNDLE_FORMAT;
  /** ISO 8601 in UTC, as every time in it. */
  readonly madeAt: string;
  readonly asked: string;
  readonly subjects: readonly SubjectEvidence[];
}

export interface SubjectEvidence {
  readonly subject: string;
  readonly erasedAt: string | null;
  readonly webhooks: readonly WebhookEvidence[];
  readonly decisions: readonly DecisionEvidence[];
  readonly notifications: readonly NotificationEvidence[];
  readonly chain: readonly ChainLink[];
  /** Null where no root is over it yet. */
  readonly seal: RootSeal | null;
}

/** A row of `decisions`: `rule` names the policy's row and the settings in force. */
export interface DecisionEvidence {
  readonly id: number;
  readonly kind: string;
  readonly occurrence: number;
  readonly verdict: string;
  readonly reason: string | null;
  readonly cause: string;
  readonly rule: string;
  readonly at: string;
}

/** A row of `notifications` as it stands; one that is being sent at this moment (`sending`) is in the chain when it has ended. */
export interface NotificationEvidence {
  readonly id: number;
  readonly kind: string;
  readonly occurrence: number;
  readonly status: string;
  readonly reason: string | null;
  readonly messageId: string | null;
  readonly possiblyDuplicate: boolean;
  /** The mail provider's, each by its cause and what it said. */
  readonly reports: readonly string[];
  readonly decidedAt: string;
  readonly settledAt: string | null;
  /** The mail server's answer (addresses masked), and the salt of its hash; null: none was kept, or it was erased. */
  readonly words: { readonly salt: string; readonly reply: string | null } | null;
}

/** What came in. Nothing unsigned is ever kept as the partner's. */
export interface WebhookEvidence {
  readonly id: string;
  readonly event: string | null;
  readonly eventAt: string | null;
  readonly receivedAt: string;
  readonly verdict: string;
  readonly reason: string | null;
  /** That its HMAC-SHA-256 over the raw bytes was right when it came. */
  readonly signature: 'verified';
  /** Keyed hash of these bytes: whoever has the index key can compare them with the partner's own record. */
  readonly bodyMac: string;
  readonly duplicates: number;
  readonly altered: boolean;
}

/**
 * The evidence about a kit with its orders, or an order with its kits, in one snapshot; null where nothing is known.
 * `subject`: `kit:…` or `order:…`; `now`: ms.
 */
export async function evidenceAbout(
  database: { transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> },
  sealing: Sealing,
  subject: string,
  now: number,
): Promise<Bundle | null> {
  return await database.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read');
    const subjects: SubjectEvidence[] = [];
    for (const one of [subject, ...(await relatedTo(tx, subject))]) {
      const found = await evidenceOf(tx, sealing, one);
      if (found !== null) subjects.push(found);
    }
    if (subjects[0]?.subject !== subject) return null;
    return { format: BUNDLE_FORMAT, madeAt: new Date(now).toISOString(), asked: subject, subjects };
  });
}

async function relatedTo(database: Queryable, subject: string): Promise<string[]> {
  const name = nameOf(subject);
  const rows = await database.query<{ order_number: string; barcode: string }>(
    isKit(subject)
      ? sql`select order_number, barcode from links where barcode = ${name} order by 1`
      : sql`select order_number, barcode from links where order_number = ${name} order by 2`,
  );
  return rows.map((link) => (isKit(subject) ? orderSubject(link.order_number) : kitSubject(link.barcode)));
}

const TIME = (column: string) => sql`evidence_time(${sql.ref(column)})`;

async function evidenceOf(database: Queryable, sealing: Sealing, subject: string): Promise<SubjectEvidence | null> {
  const [known] = await database.query<{ erasedAt: string | null }>(
    sql`select ${TIME('erased_at')} as "erasedAt" from subjects where subject = ${subject}`,
  );
  if (known === undefined) return null;
  return {
    subject,
    ...known,
    webhooks: await database.query<WebhookEvidence>(
      sql`select coalesce(i.external_id, 'body:' || encode(i.body_mac, 'hex')) as id, i.event, ${TIME('i.event_at')} as "eventAt",
          ${TIME('i.received_at')} as "receivedAt", i.verdict, i.reason, 'verified' as signature,
          encode(i.body_mac, 'hex') as "bodyMac", i.duplicates, i.altered
        from deliveries d join inbox i using (seq) where d.subject = ${subject} and i.source = 'c4hxp' order by i.seq`,
    ),
    decisions: await database.query<DecisionEvidence>(
      sql`select id, kind, occurrence, verdict, reason, cause, rule, ${TIME('at')} as at
        from decisions where subject = ${subject} order by id`,
    ),
    notifications: await notificationsOf(database, sealing, subject),
    chain: await database.query<ChainLink>(
      sql`select entry, encode(hash, 'hex') as hash from evidence where subject = ${subject} order by n`,
    ),
    seal: await latestSeal(database, subject),
  };
}

async function notificationsOf(
  database: Queryable,
  sealing: Sealing,
  subject: string,
): Promise<NotificationEvidence[]> {
  type Row = Omit<NotificationEvidence, 'words'> & Pick<NotificationRow, 'subject' | 'kind' | 'sealed'>;
  const rows = await database.query<Row>(
    sql`select id, subject, kind, occurrence, status, reason, message_id as "messageId",
        possibly_duplicate as "possiblyDuplicate", reports, ${TIME('decided_at')} as "decidedAt",
        ${TIME('settled_at')} as "settledAt", sealed
      from notifications where subject = ${subject} order by id`,
  );
  return rows.map((row) => {
    const { subject: _, sealed: __, ...plain } = row;
    const { salt, reply, to = null } = openWords(sealing, row);
    const words = salt === undefined ? null : { salt, reply: reply === undefined ? null : maskReply(reply, to) };
    return { ...plain, words };
  });
}
