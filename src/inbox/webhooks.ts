import { sql, type Queryable, type Sql } from '../database/sql.js';
import { bodyLocation } from '../ledger/bodies.js';
import type { Sealing } from '../sealing/sealing.js';

type WebhookStatus = 'pending' | 'relayed' | 'quarantined';

/** What operators see of an arrival: nothing of what it says about anybody. */
export interface WebhookSummary {
  readonly seq: number;
  /** The sender's id, or `body:` and a keyed hash where it has none. */
  readonly id: string;
  readonly source: string;
  readonly event: string | null;
  readonly receivedAt: Date;
  readonly eventAt: Date | null;
  readonly status: WebhookStatus;
  readonly reason: string | null;
  readonly duplicates: number;
  readonly altered: boolean;
  readonly idReused: boolean;
  readonly bodyState: 'kept' | 'expired' | 'erased';
  /** For whom it is. */
  readonly subjects: readonly string[];
}

export interface WebhookFilter {
  readonly status?: WebhookStatus;
  readonly event?: string;
  readonly source?: string;
  readonly subject?: string;
  /** Only what came before this one (the `seq` of the last one seen). */
  readonly before?: number;
  readonly limit?: number;
}

export interface WebhookPage {
  readonly webhooks: readonly WebhookSummary[];
  /** `before` of the next page; null when this is the last. */
  readonly next: number | null;
}

const PAGE = 50;

const UNRELAYED = sql`exists (select from deliveries d where d.seq = i.seq and d.relayed_at is null)`;

const COLUMNS = sql`i.seq, coalesce(i.external_id, 'body:' || encode(i.body_mac, 'hex')) as id, i.source, i.event,
  i.received_at as "receivedAt", i.event_at as "eventAt", i.reason, i.duplicates, i.altered, i.id_reused as "idReused",
  i.body_state as "bodyState",
  case when i.verdict = 'quarantined' then 'quarantined'
    when ${UNRELAYED} then 'pending'
    else 'relayed' end as status,
  array(select d.subject from deliveries d where d.seq = i.seq order by d.subject) as subjects`;

/**
 * Each filter begins at an index of its own and reads from there downwards, so that a page of a table with millions of
 * rows holds up no commit.
 */
function sourceOf({ status, subject }: WebhookFilter): Sql {
  if (subject !== undefined) return sql`deliveries f join inbox i using (seq)`;
  if (status === 'pending')
    return sql`(select distinct seq from deliveries where relayed_at is null) f join inbox i using (seq)`;
  return sql`inbox i`;
}

/** What came in, newest first. */
export async function listWebhooks(database: Queryable, filter: WebhookFilter = {}): Promise<WebhookPage> {
  const { status, event, source, subject, before, limit = PAGE } = filter;
  const conditions = [
    ...(subject === undefined ? [] : [sql`f.subject = ${subject}`]),
    ...(status === 'quarantined' ? [sql`i.verdict = 'quarantined'`] : []),
    ...(status === 'pending' || status === 'relayed' ? [sql`i.verdict = 'accepted'`] : []),
    ...(status === 'relayed' ? [sql`not ${UNRELAYED}`] : []),
    ...(status === 'pending' && subject !== undefined ? [UNRELAYED] : []),
    ...(event === undefined ? [] : [sql`i.event = ${event}`]),
    ...(source === undefined ? [] : [sql`i.source = ${source}`]),
    ...(before === undefined ? [] : [sql`i.seq < ${before}::bigint`]),
  ];
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  const found = await database.query<WebhookSummary>(
    sql`select ${COLUMNS} from ${sourceOf(filter)} ${where} order by i.seq desc limit ${limit + 1}`,
  );
  const webhooks = found.slice(0, limit);
  return { webhooks, next: found.length > limit ? (webhooks.at(-1)?.seq ?? null) : null };
}

/** Which of those in quarantine. */
export interface Selection {
  /** How their reasons begin: a code, or a code with paths. */
  readonly reason?: string;
  /** What they say or seem to be. */
  readonly event?: string;
  /** Only what came then or later. */
  readonly since?: Date;
  /** The `seq` of the last one of the page before. */
  readonly after?: number;
  readonly limit: number;
}

/** A page of what is in quarantine, the oldest first, so that what was replayed never comes before what wasn't. */
export async function selectQuarantined(
  database: Queryable,
  { reason, event, since, after, limit }: Selection,
): Promise<WebhookSummary[]> {
  const conditions = [
    sql`i.verdict = 'quarantined'`,
    ...(reason === undefined ? [] : [sql`starts_with(i.reason, ${reason})`]),
    ...(event === undefined ? [] : [sql`(i.event = ${event} or i.reason = ${`unknown_event:${event}`})`]),
    ...(since === undefined ? [] : [sql`i.received_at >= ${since}`]),
    ...(after === undefined ? [] : [sql`i.seq > ${after}::bigint`]),
  ];
  return await database.query(
    sql`select ${COLUMNS} from inbox i where ${sql.join(conditions, sql` and `)} order by i.seq limit ${limit}`,
  );
}

/** Every arrival under an id, the newest first: one, unless the sender gave its id to several. */
export async function showWebhook(database: Queryable, id: string): Promise<WebhookSummary[]> {
  const mac = /^body:([0-9a-f]{64})$/.exec(id)?.[1];
  const isIt =
    mac === undefined
      ? sql`i.external_id = ${id}`
      : sql`i.external_id is null and i.body_mac = ${Buffer.from(mac, 'hex')}`;
  return await database.query(sql`select ${COLUMNS} from inbox i where ${isIt} order by i.seq desc limit 20`);
}

/** The raw bytes of an arrival; null once they have expired or were erased. */
export async function openBody(database: Queryable, sealing: Sealing, seq: number): Promise<Buffer | null> {
  const [row] = await database.query<{ dedup: Buffer; sealed: Buffer }>(
    sql`select dedup, sealed from inbox join inbox_bodies using (dedup) where seq = ${seq}`,
  );
  return row === undefined ? null : sealing.open(row.sealed, bodyLocation(row.dedup));
}
