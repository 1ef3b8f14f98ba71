import { randomBytes } from 'node:crypto';
import type { JourneyKind } from '../../src/domain/kinds.js';
import type { DecisionRow } from '../../src/domain/notifications.js';
import type { Source } from '../../src/domain/sources.js';
import type { Subject } from '../../src/domain/subjects.js';
import type { Intake } from '../../src/inbox/intake.js';
import type { SubjectProjection } from '../../src/domain/activities.js';
import type { Person, SealedDetails } from '../../src/domain/arrivals.js';
import type { Database } from '../../src/database/database.js';
import { sealDetails } from '../../src/ledger/contacts.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { createSealing, type Sealing } from '../../src/sealing/sealing.js';

export const T0 = Date.UTC(2026, 10, 24, 12);
export const KIT = 'kit:123456789012';

export const newSealing = (): Sealing =>
  createSealing({
    encryptionKeys: [{ id: 'e1', key: randomBytes(32) }],
    indexKeys: [{ id: 'i1', key: randomBytes(32) }],
  });

export const newLedger = (database: Database, sealing: Sealing, leaseSeconds = 130, clock = Date.now): Ledger =>
  createLedger({ database, sealing, messageIdDomain: 'lab.example', leaseSeconds, clock });

export const VIEW: SubjectProjection = {
  state: 'registered',
  attention: [],
  because: null,
  next: null,
  closed: false,
};

export const decision = (over: Partial<DecisionRow> = {}): DecisionRow => ({
  subject: KIT,
  kind: 'kit.registered',
  occurrence: 1,
  sourceSeq: null,
  verdict: 'send',
  reason: null,
  cause: 'wh_1',
  rule: 'kit.registered: on kit.registered',
  at: T0,
  ...over,
});

export const request = (over: Partial<DecisionRow> = {}, reopens = false): Parameters<Ledger['claim']>[0] => ({
  decision: decision(over),
  journey: over.subject ?? KIT,
  projection: VIEW,
  reopens,
});

/** The mail provider's word that the email about this subject which went has arrived. */
export async function reportDelivered(database: Database, ledger: Ledger, subject: string): Promise<void> {
  const [sent] = await database.query<{ message_id: string }>(
    "select message_id from notifications where subject = $1 and status = 'sent'",
    [subject],
  );
  await ledger.noteOutcome({
    messageId: sent?.message_id ?? '',
    what: 'delivered',
    permanent: false,
    cause: 'mail:1',
    at: T0 + 9,
  });
}

/** The mail provider's report about an email, as the receiver would have kept it. */
export async function comesBack(
  intake: Pick<Intake, 'keep'>,
  report: {
    readonly subject: string;
    readonly kind: JourneyKind;
    readonly at: number;
    readonly what?: 'bounced' | 'complained' | 'delivered';
    readonly permanent?: boolean;
  },
): Promise<void> {
  const { subject, kind, at, what = 'bounced', permanent = true } = report;
  const id = randomBytes(8).toString('hex');
  const event = `mail.${what}` as const;
  const mail = { kind, occurrence: 1, ...(what === 'bounced' ? { permanent } : {}) };
  await intake.keep({
    source: 'mail',
    externalId: `test:${id}`,
    event,
    verdict: 'accepted',
    reason: null,
    eventAt: at,
    receivedAt: at,
    raw: Buffer.from(id),
    routed: [
      { subject: subject as Subject, fact: { event, cause: `mail:${id}`, receivedAt: at, at, mail }, details: null },
    ],
    links: [],
  });
}

export const person = (over: Partial<Person> = {}): Person => ({
  firstName: 'Zoë',
  lastName: 'Müller',
  email: 'zoe@example.com',
  locale: null,
  zone: null,
  ...over,
});

/** A fact that names somebody, as the inbox would have kept it. */
export async function seen(
  database: Database,
  sealing: Sealing,
  fact: {
    subject: string;
    role?: 'patient' | 'recipient' | null;
    person?: Person;
    at?: number;
    source?: Source;
    parcels?: unknown[];
    event?: string;
    externalId?: string | null;
  },
): Promise<number> {
  const { subject, role = 'patient', at = T0, source = 'c4hxp', parcels, event = 'kit.registered' } = fact;
  const dedup = randomBytes(32);
  const [row] = await database.query<{ seq: number }>(
    `insert into inbox (source, dedup, external_id, event, verdict, event_at, received_at, body_mac)
     values ($1, $2, $3, $4, 'accepted', $5, $5, $6) returning seq`,
    [source, dedup, fact.externalId ?? null, event, new Date(at), randomBytes(32)],
  );
  const seq = row?.seq ?? 0;
  const details = { ...(fact.person === undefined ? {} : { person: fact.person }), ...(parcels ? { parcels } : {}) };
  const sealed = sealDetails(sealing, { dedup, subject, role }, details as SealedDetails);
  const email = fact.person?.email ?? null;
  await database.query(
    `insert into contacts (subject, source_seq, role, at, email_hash, dedup, sealed) values ($1, $2, $3, $4, $5, $6, $7)`,
    [subject, seq, role, new Date(at), email === null ? null : sealing.hash('email', email), dedup, sealed],
  );
  await database.query('insert into subjects (subject) values ($1) on conflict do nothing', [subject]);
  await database.query(`insert into deliveries (subject, seq, priority, facts) values ($1, $2, 3, '{}')`, [
    subject,
    seq,
  ]);
  return seq;
}

export async function rowOf(database: Database, subject = KIT, kind = 'kit.registered', occurrence = 1): Promise<Row> {
  const [row] = await database.query<Row>(
    'select * from notifications where subject = $1 and kind = $2 and occurrence = $3',
    [subject, kind, occurrence],
  );
  if (row === undefined) throw new Error('no such row');
  return row;
}

export interface Row {
  status: string;
  reason: string | null;
  attempt: number;
  tries: number;
  cause: string;
  message_id: string;
  possibly_duplicate: boolean;
  decided_at: Date;
  settled_at: Date | null;
}
