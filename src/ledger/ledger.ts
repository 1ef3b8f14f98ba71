import type { NotificationKey, NotificationState } from '../domain/notifications.js';
import type { OperatorEvent } from '../domain/events.js';
import type { RecordInput, SettleInput } from '../domain/activities.js';
import { encodeHash } from '../sealing/sealing.js';
import { askedAbout, type AskedFor } from './acknowledged.js';
import { createAlerts, type Alerts } from './alerts.js';
import type { SubjectAnswer, SubjectAnswers } from './answer.js';
import { settleAbandoned } from './attempts.js';
import { createClaims, type Claims, type ClaimsOptions } from './claims.js';
import { listAttention, type AttentionPage, type AttentionQuery } from './attention-list.js';
import { createContacts, type Contacts } from './contacts.js';
import { recordDecisions } from './decisions.js';
import { noteOutcome, type MailOutcome } from './mail-outcomes.js';
import { maintenanceAt, type MaintenanceWindow } from './maintenance.js';
import { listNotArrived, type NotArrivedPage, type NotArrivedQuery } from './not-arrived.js';
import { findByMessageId, readRow, stateOfRow, statesConcerning } from './notifications.js';
import { readSentEmail, type SentEmail } from './sent.js';
import {
  createSuppressions,
  readStanding,
  type Standing,
  type StandingQuery,
  type Suppressions,
} from './suppressions.js';
import { listSubjects, type ListedSubject, type SubjectsQuery } from './subject-list.js';
import { isUnderWay, oneSubject, type SubjectSummary } from './subjects.js';
import { tell } from './told.js';

export type { Acknowledged, AskedFor } from './acknowledged.js';
export type { Alert } from './alerts.js';
export type {
  SubjectAnswer,
  SubjectAnswers,
  ToldDecision,
  ToldNotification,
  ToldTransit,
  ToldWebhook,
} from './answer.js';
export type { AttentionPage, AttentionPlace, NeedsAttention } from './attention-list.js';
export type { Claim, Claimed } from './claims.js';
export type { Contact } from './contacts.js';
export type { NotArrived, NotArrivedQuery } from './not-arrived.js';
export type { SentEmail } from './sent.js';
export type { Standing } from './suppressions.js';
export type { ListedSubject, Place } from './subject-list.js';
export type { AttentionAnswer, SubjectSummary } from './subjects.js';
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
  /** Where one notification stands; null where nothing has been decided about it. */
  stateOf(key: NotificationKey): Promise<NotificationState | null>;
  /** The answer for people; null where nothing is known. */
  told(query: string): Promise<SubjectAnswer | SubjectAnswers | null>;
  /** Writes what a mail provider reports of an email, and suppresses what follows from it; null: not ours. */
  noteOutcome(outcome: MailOutcome): Promise<NotificationKey | null>;
  /** Which notification carried this Message-ID, and the keyed hash of where it went. */
  byMessageId(messageId: string): Promise<(NotificationKey & { readonly address: string | null }) | null>;
  /** What is kept of the email with this Message-ID; null: not ours. */
  sentEmail(messageId: string): Promise<SentEmail | null>;
  /** Keyed hash of an address, as facts carry one. */
  addressOf(email: string): string;
  /** Whether a keyed hash, of whatever index key, is that of this address. */
  isAddressOf(address: string, email: string): boolean;
  /** A journey's summary, and whether it was forgotten on request; null where nothing is known. */
  summaryOf(subject: string): Promise<(SubjectSummary & { readonly erased: boolean }) | null>;
  /** Whether an operator's command (its event) about this subject has not reached the journey yet. */
  isUnderWay(subject: string, event: OperatorEvent): Promise<boolean>;
  /** What operators asked for about a subject itself, the earliest first. */
  askedAbout(subject: string): Promise<readonly AskedFor[]>;
  /** The partner's maintenance window that is open at `now` (ms); null when it can be asked. */
  maintenanceAt(now: number): Promise<MaintenanceWindow | null>;
  /** A page of kits or orders, those first that have stood longest as they do. */
  listSubjects(query: SubjectsQuery): Promise<ListedSubject[]>;
  /** A page of all who need a human, the most pressing first. */
  listAttention(query: AttentionQuery): Promise<AttentionPage>;
  /** A page of the emails that came back or were refused, the newest first. */
  listNotArrived(query: NotArrivedQuery): Promise<NotArrivedPage>;
}

export interface LedgerOptions extends ClaimsOptions {
  /** ms since the epoch; default the system's. */
  readonly clock?: () => number;
}

/** One ledger a process: it knows which claims this process is working on. */
export function createLedger(options: LedgerOptions): Ledger {
  const { database, sealing, clock = Date.now } = options;
  const contacts = createContacts(database, sealing);
  const suppressions = createSuppressions(database, sealing);

  return {
    ...createClaims(options),
    ...contacts,
    ...suppressions,
    alerts: createAlerts(database, sealing),
    standingOf: (query) => readStanding({ database, contacts, suppressions }, query),
    async record(input, now) {
      const { addresses, cause } = input.optedOut ?? { addresses: [], cause: '' };
      for (const address of addresses) await suppressions.suppress(address, 'all', cause, now);
      await recordDecisions(database, input, now);
    },
    settleAbandoned: async (input) => stateOfRow(await settleAbandoned(database, input)),
    async stateOf(key) {
      const row = await readRow(database, key);
      return row === undefined ? null : stateOfRow(row);
    },
    notificationStates: async (subject) => (await statesConcerning(database, [subject])).get(subject) ?? [],
    told: (query) => tell(database, sealing, query, clock()),
    noteOutcome: (outcome) => noteOutcome({ database, sealing }, outcome),
    byMessageId: (messageId) => findByMessageId(database, messageId),
    sentEmail: (messageId) => readSentEmail({ database, sealing, contacts }, messageId),
    addressOf: (email) => encodeHash(sealing.hash('email', email)),
    isAddressOf: (address, email) => sealing.hashes('email', email).some((hash) => encodeHash(hash) === address),
    summaryOf: (subject) => oneSubject(database, subject),
    isUnderWay: (subject, event) => isUnderWay(database, subject, event),
    askedAbout: (subject) => askedAbout(database, sealing, subject),
    maintenanceAt: (now) => maintenanceAt(database, now),
    listSubjects: (query) => listSubjects(database, query),
    listAttention: (query) => listAttention(database, query),
    listNotArrived: (query) => listNotArrived(database, query),
  };
}
