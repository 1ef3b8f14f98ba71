import type { Kind } from '../domain/kinds.js';
import type { NotificationKey, NotificationState, Reason, Status } from '../domain/notifications.js';
import { encodeHash, sealedPlace } from './keys.js';
import type { LedgerSealing, Queryable } from './ports.js';

/** What `NotificationRow` holds, read from `notifications` under the alias `n`. */
export const NOTIFICATION_COLUMNS = `n.id, n.subject, n.kind, n.occurrence, n.status, n.cause, n.rule,
  n.reason, n.last_reason,
  n.message_id, n.recipient_hash, n.sealed, n.attempt, n.tries, n.no_answers, n.possibly_duplicate,
  n.decided_at, n.settled_at, n.quiet_ms::float8 as quiet_ms, n.quiet_until,
  case when n.status = 'sending'
    then greatest(0, extract(epoch from n.lease_until - now()) * 1000)::float8 end as lease_left`;

/** One row of `notifications`. */
export interface NotificationRow {
  readonly id: number;
  readonly subject: string;
  readonly kind: Kind;
  readonly occurrence: number;
  readonly status: Status;
  readonly reason: Reason | null;
  /** Of a row that is being sent: what the attempt before was put off for. */
  readonly last_reason: Reason | null;
  readonly cause: string;
  readonly rule: string;
  readonly message_id: string | null;
  readonly recipient_hash: Buffer | null;
  readonly sealed: Buffer | null;
  readonly attempt: number;
  /** How many attempts were made to send it. */
  readonly tries: number;
  /** How many of them ended without an answer after DATA. */
  readonly no_answers: number;
  readonly possibly_duplicate: boolean;
  readonly decided_at: Date;
  readonly settled_at: Date | null;
  /** How long quiet hours have held it back, and when the last of them end. */
  readonly quiet_ms: number;
  readonly quiet_until: Date | null;
  /** `sending` only: ms until another attempt may take over, by the database's clock. */
  readonly lease_left: number | null;
}

/** What a notification's row keeps sealed: who it went to, and the mail server's own words, which may quote them. */
export interface SealedRow {
  readonly to?: string;
  readonly reply?: string;
}

export function openRow(sealing: LedgerSealing, row: NotificationKey & Pick<NotificationRow, 'sealed'>): SealedRow {
  if (row.sealed === null) return {};
  return JSON.parse(sealing.open(row.sealed, sealedPlace(row)).toString('utf8')) as SealedRow;
}

export function sealRow(sealing: LedgerSealing, key: NotificationKey, row: SealedRow): Buffer {
  return sealing.seal(Buffer.from(JSON.stringify(row), 'utf8'), sealedPlace(key));
}

/** A row as a journey may know it. */
export const stateOfRow = (row: NotificationRow): NotificationState => ({
  subject: row.subject,
  kind: row.kind,
  occurrence: row.occurrence,
  status: row.status,
  reason: row.reason,
  address: row.recipient_hash === null ? null : encodeHash(row.recipient_hash),
  at: (row.settled_at ?? row.decided_at).getTime(),
  cause: row.cause,
  ...(row.quiet_ms > 0 ? { quiet: row.quiet_ms } : {}),
  ...(row.status === 'deferred' && row.reason === 'quiet_hours' && row.quiet_until !== null
    ? { until: row.quiet_until.getTime() }
    : {}),
});

export async function readRow(database: Queryable, key: NotificationKey): Promise<NotificationRow | undefined> {
  const [row] = await database.query<NotificationRow>(
    `select ${NOTIFICATION_COLUMNS} from notifications n where subject = $1 and kind = $2 and occurrence = $3`,
    [key.subject, key.kind, key.occurrence],
  );
  return row;
}
