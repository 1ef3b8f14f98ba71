import type { ParcelTracking, Person } from '../domain/arrivals.js';
import type { Prior } from '../domain/facts.js';
import { isJourneyKind, roleOfKind, type Kind } from '../domain/kinds.js';
import {
  isSameNotification,
  type NotificationKey,
  type NotificationState,
  type Status,
} from '../domain/notifications.js';
import { sql, type Queryable } from '../database/sql.js';
import { normaliseEmail, type Sealing } from '../sealing/sealing.js';
import type { Contacts } from './contacts.js';
import { priorOf } from './deliveries.js';
import { NOTIFICATION_COLUMNS, openWords, type NotificationRow } from './notifications.js';
import { concerned } from './subjects.js';

/** An email, and all that is kept of it: its bytes are not. */
export interface SentEmail extends NotificationKey {
  readonly kind: Kind;
  readonly messageId: string;
  readonly status: Status;
  /** Whether a mail server was told whom it is for: before that nobody can have seen it. */
  readonly handedOver: boolean;
  /** When it was made (ms), as exactly as that is known. */
  readonly madeAt: number;
  /** Where it went; null where that isn't kept any more. */
  readonly to: string | null;
  /** Whose it was, as they were known then; null where that isn't kept any more, or the address was somebody else's. */
  readonly person: Person | null;
  /** The parcels that it told of. */
  readonly parcels: readonly ParcelTracking[];
  /** The fact that it is about (its `seq`). */
  readonly source: number | null;
  /** What its journey knew when it was made. */
  readonly prior: Prior;
  /** Why less is kept of it than of others: forgotten on request, or because its time was over. */
  readonly forgotten: 'erased' | 'expired' | null;
}

interface Written extends NotificationRow {
  readonly was_handed_over: boolean;
  readonly let_go_at: Date | null;
  readonly forgotten: SentEmail['forgotten'];
}

interface Parts {
  readonly database: Queryable;
  readonly sealing: Sealing;
  readonly contacts: Pick<Contacts, 'contactKnownAt' | 'parcelsOf'>;
}

/** What is kept of the email with this Message-ID; null where it is none of ours. */
export async function readSentEmail(parts: Parts, messageId: string): Promise<SentEmail | null> {
  const { database, sealing, contacts } = parts;
  const [row] = await database.query<Written>(
    sql`select ${NOTIFICATION_COLUMNS}, n.to_proof is not null as was_handed_over,
        (select max(d.at) from decisions d where d.subject = n.subject and d.kind = n.kind
          and d.occurrence = n.occurrence and d.verdict = 'send') as let_go_at,
        case when s.erased_at is not null then 'erased' when s.expired_at is not null then 'expired' end as forgotten
      from notifications n left join subjects s using (subject) where n.message_id = ${messageId}`,
  );
  if (row === undefined) return null;
  const { subject, kind, occurrence, status, source_seq: source } = row;
  const madeAt = madeAtOf(row);
  const { to = null } = openWords(sealing, row);
  const contact = isJourneyKind(kind)
    ? await contacts.contactKnownAt(subject, roleOfKind(kind), new Date(madeAt))
    : null;
  const isTheirs = contact !== null && to !== null && normaliseEmail(contact.email) === normaliseEmail(to);
  return {
    subject,
    kind,
    occurrence,
    messageId,
    status,
    handedOver: row.was_handed_over,
    madeAt,
    to,
    person: isTheirs ? contact.person : null,
    parcels: source === null ? [] : await contacts.parcelsOf(subject, source),
    source,
    prior: await priorThen(database, row, madeAt),
    forgotten: row.forgotten,
  };
}

/** Until a report comes a row is settled when the server answers; afterwards only when it was let go is known. */
const ANSWERED: readonly Status[] = ['sent', 'unknown', 'failed'];

const madeAtOf = ({ status, settled_at, let_go_at, decided_at }: Written): number =>
  ((ANSWERED.includes(status) ? settled_at : null) ?? let_go_at ?? decided_at).getTime();

/** What its journey had been told by then, and what had become of the emails that were decided before it. */
async function priorThen(database: Queryable, row: NotificationRow, madeAt: number): Promise<Prior> {
  const { facts, notifications } = await priorOf(database, row.subject);
  const before = await database.query<NotificationKey>(
    sql`select n.subject, n.kind, n.occurrence from notifications n
      where n.subject = any${concerned(sql`${row.subject}::text`)} and n.decided_at < ${new Date(madeAt)} and n.id <> ${row.id}`,
  );
  return {
    facts: facts.filter(({ receivedAt }) => receivedAt <= madeAt),
    notifications: notifications
      .filter((state) => before.some((key) => isSameNotification(key, state)))
      .map((state) => asItStood(state, madeAt)),
  };
}

const REPORTED: readonly Status[] = ['delivered', 'bounced', 'complained'];

/** What the mail provider reported later was not known yet: by then it was sent. */
const asItStood = (state: NotificationState, at: number): NotificationState =>
  state.at > at && REPORTED.includes(state.status) ? { ...state, status: 'sent', reason: null, at } : state;
