import type { NotificationKey, NotificationState } from '../domain/notifications.js';
import type { RecordInput, SettleInput } from '../domain/activities.js';
import { createAlerts, type Alerts } from './alerts.js';
import { concerned } from './concerned.js';
import { createClaims, type Claims } from './claims.js';
import { createContacts, type Contacts } from './contacts.js';
import { encodeHash } from './keys.js';
import { maintenanceAt, type MaintenanceWindow } from './maintenance.js';
import type { LedgerDatabase, LedgerSealing } from './ports.js';
import { recordDecisions, settleAbandoned } from './record.js';
import { noteOutcome, type MailOutcome } from './reports.js';
import { NOTIFICATION_COLUMNS, stateOfRow, type NotificationRow } from './rows.js';
import { readStanding, type Standing, type StandingQuery } from './standing.js';
import type { SubjectAnswers, SubjectAnswer, SubjectSummary } from './story.js';
import { listSubjects, oneSubject, openSubjects, type SubjectsQuery } from './subjects.js';
import { createSuppressions, type Suppressions } from './suppressions.js';
import { tell } from './told.js';

export type { Alert } from './alerts.js';
export type { Claim, Claimed } from './claims.js';
export type { Contact } from './contacts.js';
export type { Standing } from './standing.js';
export type {
  SubjectAnswers,
  SubjectAnswer,
  SubjectSummary,
  ToldDecision,
  ToldNotification,
  ToldWebhook,
} from './story.js';
export type { Scope } from './suppressions.js';

/** The lasting memory of who was told what: Temporal can be lost, this can't. */
export interface Ledger extends Claims, Contacts, Suppressions {
  readonly alerts: Alerts;
  /** Everything that the last checks before an attempt look at. */
  standingOf(query: StandingQuery): Promise<Standing>;
  /** Writes what a journey decided without sending. `now`: ms, for a drain without a decision. */
  record(input: RecordInput, now: number): Promise<void>;
  /** Settles what no attempt will settle any more; answers with how it then stands. */
  settleAbandoned(input: SettleInput): Promise<NotificationState>;
  /** Where a subject's notifications stand; a kit's with its orders'. */
  notificationStates(subject: string): Promise<readonly NotificationState[]>;
  /** The answer for people; null where nothing is known. */
  told(query: string): Promise<SubjectAnswer | SubjectAnswers | null>;
  /** Writes what a mail provider reports of an email, and suppresses what follows from it; null: not ours. */
  noteOutcome(outcome: MailOutcome): Promise<NotificationKey | null>;
  /** Which notification carried this Message-ID, and the keyed hash of where it went. */
  byMessageId(messageId: string): Promise<(NotificationKey & { readonly address: string | null }) | null>;
  /** Keyed hash of an address, as facts carry one. */
  addressOf(email: string): string;
  /** A journey's summary, and whether it was forgotten on request; null where nothing is known. */
  summaryOf(subject: string): Promise<(SubjectSummary & { readonly erased: boolean }) | null>;
  /** The partner's maintenance window that is open at `now` (ms); null when it can be asked. */
  maintenanceAt(now: number): Promise<MaintenanceWindow | null>;
  listSubjects(query: SubjectsQuery): Promise<SubjectSummary[]>;
  openSubjects(): Promise<string[]>;
}

export interface LedgerOptions {
  readonly database: LedgerDatabase;
  readonly sealing: LedgerSealing;
  /** The right-hand side of Message-IDs: the domain of EMAIL_FROM. */
  readonly messageIdDomain: string;
  /** Only tests need another one than 130 s. */
  readonly leaseSeconds?: number;
  /** ms since the epoch; default the system's. */
  readonly clock?: () => number;
}

/** One ledger a process: it knows which claims this process is working on. */
export function createLedger(options: LedgerOptions): Ledger {
  const { database, sealing, clock = Date.now } = options;
  const contacts = createContacts(database, sealing);
  const suppressions = createSuppressions(database, sealing);

  async function told(subject: string): Promise<readonly NotificationState[]> {
    const rows = await database.query<NotificationRow>(
      `select ${NOTIFICATION_COLUMNS} from notifications n
       where n.subject = any${concerned('$1::text')} order by n.id`,
      [subject],
    );
    return rows.map(stateOfRow);
  }

  return {
    ...createClaims(options),
    ...contacts,
    ...suppressions,
    alerts: createAlerts(database),
    standingOf: (query) => readStanding({ database, contacts, suppressions }, query),
    record: (input, now) => recordDecisions(database, input, now),
    settleAbandoned: async (input) => stateOfRow(await settleAbandoned(database, input)),
    notificationStates: told,
    told: (query) => tell(database, sealing, query, clock()),
    noteOutcome: (outcome) => noteOutcome(database, suppressions, outcome),
    async byMessageId(messageId) {
      const [row] = await database.query<NotificationRow>(
        `select ${NOTIFICATION_COLUMNS} from notifications n where n.message_id = $1`,
        [messageId],
      );
      if (row === undefined) return null;
      const { subject, kind, occurrence, recipient_hash: hash } = row;
      return { subject, kind, occurrence, address: hash === null ? null : encodeHash(hash) };
    },
    addressOf: (email) => sealing.hashes('email', email).slice(0, 1).map(encodeHash).join(''),
    summaryOf: (subject) => oneSubject(database, subject),
    maintenanceAt: (now) => maintenanceAt(database, now),
    listSubjects: (query) => listSubjects(database, query),
    openSubjects: () => openSubjects(database),
  };
}
