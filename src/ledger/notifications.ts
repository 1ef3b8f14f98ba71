import { createHash, randomBytes } from 'node:crypto';
import type { Kind } from '../domain/kinds.js';
import type { NotificationKey, NotificationState, Reason, Status } from '../domain/notifications.js';
import { sql, type Queryable } from '../database/sql.js';
import { encodeHash, type SealedLocation, type Sealing } from '../sealing/sealing.js';
import { stopsAt } from './heartbeat.js';
import { maskReply } from './masks.js';
import { concerned } from './subjects.js';

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
  /** What last decided about it, and the fact that opened it. */
  readonly cause: string;
  readonly source_seq: number | null;
  readonly rule: string;
  readonly message_id: string | null;
  readonly recipient_hash: Buffer | null;
  readonly sealed: Buffer | null;
  readonly attempt: number;
  /** How many attempts were made to send it. */
  readonly tries: number;
  /** How many of them ended without an answer after DATA. */
  readonly no_answers: number;
  /** How often a mail server has put it off since it was opened: refused it for now or couldn't be reached; greylisted it. */
  readonly refusals: number;
  readonly greylistings: number;
  readonly possibly_duplicate: boolean;
  readonly decided_at: Date;
  readonly settled_at: Date | null;
  /** How long quiet hours have held it back, and when the last of them end. */
  readonly quiet_ms: number;
  readonly quiet_until: Date | null;
  /** `sending` only: ms until another attempt may take over, by the database's clock, if its process beats no more. */
  readonly lease_left: number | null;
}

/** The part of it that a journey may know. */
type StateRow = Pick<
  NotificationRow,
  | 'subject'
  | 'kind'
  | 'occurrence'
  | 'status'
  | 'reason'
  | 'cause'
  | 'source_seq'
  | 'recipient_hash'
  | 'decided_at'
  | 'settled_at'
  | 'quiet_ms'
  | 'quiet_until'
>;

const STATE_COLUMNS = sql`n.subject, n.kind, n.occurrence, n.status, n.reason, n.cause, n.source_seq, n.recipient_hash,
  n.decided_at, n.settled_at, n.quiet_ms::float8 as quiet_ms, n.quiet_until`;

/** What `NotificationRow` holds, read from `notifications` under the alias `n`. */
export const NOTIFICATION_COLUMNS = sql`${STATE_COLUMNS}, n.id, n.rule, n.last_reason, n.message_id, n.sealed, n.attempt,
  n.tries, n.no_answers, n.refusals, n.greylistings, n.possibly_duplicate,
  case when n.status = 'sending'
    then greatest(0, extract(epoch from least(n.lease_until, ${stopsAt(sql`n.owner`)}) - now()) * 1000)::float8
    end as lease_left`;

/** A row as a journey may know it. */
export const stateOfRow = (row: StateRow): NotificationState => ({
  subject: row.subject,
  kind: row.kind,
  occurrence: row.occurrence,
  status: row.status,
  reason: row.reason,
  address: row.recipient_hash === null ? null : encodeHash(row.recipient_hash),
  at: (row.settled_at ?? row.decided_at).getTime(),
  cause: row.cause,
  source: row.source_seq,
  ...(row.quiet_ms > 0 ? { quiet: row.quiet_ms } : {}),
  ...(row.status === 'deferred' && row.reason === 'quiet_hours' && row.quiet_until !== null
    ? { until: row.quiet_until.getTime() }
    : {}),
});

/**
 * Every notification that concerns each of these subjects, in the order in which they were decided: its own, and for a
 * kit those of its orders (`reminder.register` is kept there, and the recipient may be the patient).
 */
export async function statesConcerning(
  database: Queryable,
  subjects: readonly string[],
): Promise<Map<string, NotificationState[]>> {
  const rows = await database.query<StateRow & { concerns: string }>(
    sql`select s.subject as concerns, ${STATE_COLUMNS} from unnest(${subjects}::text[]) as s(subject)
      join notifications n on n.subject = any${concerned(sql.ref('s.subject'))} order by n.id`,
  );
  const states = new Map<string, NotificationState[]>(subjects.map((subject) => [subject, []]));
  for (const row of rows) states.get(row.concerns)?.push(stateOfRow(row));
  return states;
}

export async function readRow(database: Queryable, key: NotificationKey): Promise<NotificationRow | undefined> {
  const [row] = await database.query<NotificationRow>(
    sql`select ${NOTIFICATION_COLUMNS} from notifications n
      where subject = ${key.subject} and kind = ${key.kind} and occurrence = ${key.occurrence}`,
  );
  return row;
}

/** Which notification carried this Message-ID, and the keyed hash of where it went. */
export async function findByMessageId(
  database: Queryable,
  messageId: string,
): Promise<(NotificationKey & { readonly address: string | null }) | null> {
  const [row] = await database.query<NotificationKey & Pick<NotificationRow, 'recipient_hash'>>(
    sql`select subject, kind, occurrence, recipient_hash from notifications where message_id = ${messageId}`,
  );
  if (row === undefined) return null;
  const { recipient_hash: hash, ...key } = row;
  return { ...key, address: hash === null ? null : encodeHash(hash) };
}

export const keyText = (key: NotificationKey): string => `${key.subject}|${key.kind}|${String(key.occurrence)}`;

/** What a notification's row keeps sealed: who it went to, and the mail server's own words, which may quote them. */
interface SealedWords {
  readonly to?: string;
  readonly reply?: string;
  /** Hex; without it nobody can guess what `wordsProof` stands for. */
  readonly salt?: string;
}

export const wordsLocation = (key: NotificationKey): SealedLocation => ({
  table: 'notifications',
  column: 'sealed',
  key: [key.subject, key.kind, String(key.occurrence)],
});

export function openWords(sealing: Sealing, row: NotificationKey & Pick<NotificationRow, 'sealed'>): SealedWords {
  if (row.sealed === null) return {};
  return JSON.parse(sealing.open(row.sealed, wordsLocation(row)).toString('utf8')) as SealedWords;
}

/** Words sealed, and what may stay of them in the clear for ever, also when they are erased. */
interface WordsOfRow {
  readonly sealed: Buffer;
  readonly toProof: Buffer;
  readonly replyProof: Buffer | null;
}

export function sealWords(
  sealing: Sealing,
  key: NotificationKey,
  words: { readonly to: string; readonly reply?: string },
): WordsOfRow {
  const salt = randomBytes(16).toString('hex');
  const { to, reply } = words;
  return {
    sealed: sealing.seal(Buffer.from(JSON.stringify({ ...words, salt }), 'utf8'), wordsLocation(key)),
    toProof: wordsProof(salt, 'to', to),
    replyProof: reply === undefined ? null : wordsProof(salt, 'reply', maskReply(reply, to)),
  };
}

/**
 * A salted hash of where an email went (the address as it was sent to) or of the mail server's answer (masked, as `told`
 * shows it): whoever is given salt and text can tell that it was these, and nobody can from the hash alone.
 */
export const wordsProof = (salt: string, what: 'to' | 'reply', text: string): Buffer =>
  createHash('sha256').update(`${salt}\0${what}\0${text}`, 'utf8').digest();
