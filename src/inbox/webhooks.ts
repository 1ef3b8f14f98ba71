import type { Queryable } from '../database/sql.js';
import type { Sealing } from '../sealing/sealing.js';
import { bodyPlace } from './row.js';

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

const UNRELAYED = 'exists (select from deliveries d where d.seq = i.seq and d.relayed_at is null)';

const COLUMNS = `i.seq, coalesce(i.external_id, 'body:' || encode(i.body_mac, 'hex')) as id, i.source, i.event,
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
function sourceOf({ status, subject }: WebhookFilter): string {
  if (subject !== undefined) return 'deliveries f join inbox i using (seq)';
  if (status === 'pending')
    return '(select distinct seq from deliveries where relayed_at is null) f join inbox i using (seq)';
  return 'inbox i';
}

/** What came in, newest first. */
export async function listWebhooks(database: Queryable, filter: WebhookFilter = {}): Promise<WebhookPage> {
  const { status, event, source, subject, before, limit = PAGE } = filter;
  const params: unknown[] = [];
  const bound = (value: unknown): string => `$${String(params.push(value))}`;
  const conditions = [
    ...(subject === undefined ? [] : [`f.subject = ${bound(subject)}`]),
    ...(status === 'quarantined' ? [`i.verdict = 'quarantined'`] : []),
    ...(status === 'pending' || status === 'relayed' ? [`i.verdict = 'accepted'`] : []),
    ...(status === 'relayed' ? [`not ${UNRELAYED}`] : []),
    ...(status === 'pending' && subject !== undefined ? [UNRELAYED] : []),
    ...(event === undefined ? [] : [`i.event = ${bound(event)}`]),
    ...(source === undefined ? [] : [`i.source = ${bound(source)}`]),
    ...(before === undefined ? [] : [`i.seq < ${bound(before)}::bigint`]),
  ];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const found = await database.query<WebhookSummary>(
    `select ${COLUMNS} from ${sourceOf(filter)} ${where} order by i.seq desc limit ${bound(limit + 1)}`,
    params,
  );
  const webhooks = found.slice(0, limit);
  return { webhooks, next: found.length > limit ? (webhooks.at(-1)?.seq ?? null) : null };
}

/** Every arrival under an id, the newest first: one, unless the sender gave its id to several. */
export async function showWebhook(database: Queryable, id: string): Promise<WebhookSummary[]> {
  const mac = /^body:([0-9a-f]{64})$/.exec(id)?.[1];
  return mac === undefined
    ? await database.query(`select ${COLUMNS} from inbox i where i.external_id = $1 order by i.seq desc limit 20`, [id])
    : await database.query(
        `select ${COLUMNS} from inbox i where i.external_id is null and i.body_mac = $1 order by i.seq desc limit 20`,
        [Buffer.from(mac, 'hex')],
      );
}

/** The raw bytes of an arrival; null once they have expired or were erased. */
export async function openBody(database: Queryable, sealing: Sealing, seq: number): Promise<Buffer | null> {
  const [row] = await database.query<{ dedup: Buffer; sealed: Buffer }>(
    'select dedup, sealed from inbox join inbox_bodies using (dedup) where seq = $1',
    [seq],
  );
  return row === undefined ? null : sealing.open(row.sealed, bodyPlace(row.dedup));
}
