import pg from 'pg';
import type { Database } from '../../src/database/database.js';
import { createIntake } from '../../src/inbox/intake.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { createRecipients } from '../../src/ledger/recipients.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { JANE, kitArrival, orderArrival } from '../inbox/support.js';
import { decision, VIEW } from '../ledger/support.js';
import { FakeJourneys, relayWith } from '../relay/support.js';

export const DAY = 86_400_000;

/** The kit of an order with this number, and what is known of whom. */
export const barcodeOf = (nth: number): string => String(100_000_000_000 + nth);
export const orderOf = (nth: number): string => `ORD-${String(nth)}`;
export const addressOf = (nth: number): string => `jane.${String(nth)}@example.com`;

interface Lived {
  readonly database: Database;
  readonly sealing: Sealing;
  readonly kits: number;
  /** Webhooks of each kit, its order's shipment among them; the five of a smooth kit at most. */
  readonly webhooks: number;
  /** ms since the epoch: when they came. */
  readonly at: number;
}

const EVENTS = ['kit.registered', 'kit.received_lab', 'kit.processing_started', 'results.available'] as const;

/**
 * So many kits, each in an order of its own, as they are lived through: what came in is committed by the intake, joined
 * and relayed; each patient was sent an email, which arrived, and another one was decided against. One in four needs a
 * human, so that a page of these is full from the start, and an email of one in twenty waits.
 */
export async function liveThrough({ database, sealing, kits, webhooks, at }: Lived): Promise<Ledger> {
  const intake = createIntake({ database, sealing });
  const ledger = createLedger({ database, sealing, messageIdDomain: 'lab.example' });
  const journeys = new FakeJourneys();
  const relay = relayWith({
    database,
    journeys,
    recipients: createRecipients(sealing),
    owner: 'of-the-past',
  });
  const arrivals = Array.from({ length: kits }, (_, nth) => {
    const person = { ...JANE, email: addressOf(nth) };
    const [barcode, order] = [barcodeOf(nth), orderOf(nth)];
    return [
      orderArrival(order, 'order.shipped', { id: `wh_o${String(nth)}`, barcodes: [barcode], at }),
      ...EVENTS.map((event) => kitArrival(barcode, event, { id: `wh_${event}_${String(nth)}`, person, at })),
    ].slice(0, webhooks);
  });
  await Promise.all(arrivals.flat().map((arrival) => intake.keep({ ...arrival, receivedAt: at })));
  relay.start();
  await relay.idle();
  await relay.stop();
  await intake.close();
  for (let nth = 0; nth < kits; nth++) await tellPatient(ledger, nth, at);
  return ledger;
}

/** What became of one kit's emails. */
async function tellPatient(ledger: Ledger, nth: number, at: number): Promise<void> {
  const subject = `kit:${barcodeOf(nth)}`;
  const told = decision({ subject, at, cause: `wh_kit.registered_${String(nth)}` });
  const claimed = await ledger.claim({ decision: told, journey: subject, projection: VIEW, reopens: false });
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  const to = addressOf(nth);
  await ledger.beginHandOver(claimed.claim, { email: to, address: ledger.addressOf(to) }, [subject]);
  const sealed = { to, reply: '250 2.0.0 queued' };
  await ledger.settle(claimed.claim, { status: 'sent', reason: null, at, sealed });
  const { messageId } = claimed.claim;
  await ledger.noteOutcome({ messageId, what: 'delivered', permanent: false, cause: `mail:${String(nth)}`, at });
  const waits = nth % 20 === 0;
  await ledger.record(
    {
      subject,
      projection: {
        ...VIEW,
        at,
        state: nth % 2 === 0 ? 'registered' : 'processing',
        attention: nth % 4 === 0 ? [{ code: 'bounced', kind: 'results.available', since: at }] : [],
      },
      decisions: [
        {
          ...decision({ subject, kind: 'kit.received_lab', verdict: 'not_send', reason: 'superseded', at }),
          status: waits ? 'deferred' : 'not_sent',
        },
      ],
    },
    at,
  );
}

interface Multiplied {
  /** Of the database: nothing here is bounded by the time limit of a statement. */
  readonly url: string;
  /** How often everything is to be there again. */
  readonly copies: number;
  /** How many copies have journeys that are still open; those of the others ended when they began. */
  readonly open: number;
}

/** What grows with what comes in. What stays small (who is alive, what is remembered, leases) isn't multiplied. */
const GROWING = [
  'inbox',
  'inbox_bodies',
  'links',
  'subjects',
  'deliveries',
  'contacts',
  'notifications',
  'decisions',
  'suppressions',
  'staff_alerts',
  'audit',
  'evidence',
  'evidence_heads',
  'evidence_roots',
  'evidence_leaves',
  'erasures',
  'erased_subjects',
  'expiry_alarms',
];

/** How long the copies reach back. */
const OVER_DAYS = 365;

/**
 * Everything that is there once more, so often, each time about others and from an earlier time: by SQL, since the real
 * way would take hours for a million. What is sealed opens in the first ones only.
 */
export async function multiplyRows({ url, copies, open }: Multiplied): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`set session_replication_role = replica; set synchronous_commit = off; set work_mem = '64MB'`);
    // Read once: each table multiplied moves them.
    const { rows } = await client.query<Spans>(
      'select (select max(seq) from inbox) as seq, (select coalesce(max(no), 0) from evidence_roots) as root',
    );
    const [spans = { seq: '0', root: '0' }] = rows;
    if (copies > 0) for (const table of GROWING) await multiplyTable(client, table, { copies, open, spans });
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** How far apart the numbers of one copy and those of the next are. */
interface Spans {
  readonly seq: string;
  readonly root: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly is_key: boolean;
}

async function multiplyTable(
  client: pg.Client,
  table: string,
  { copies, open, spans }: Omit<Multiplied, 'url'> & { readonly spans: Spans },
): Promise<void> {
  const { rows: columns } = await client.query<Column>(
    `select column_name as name, udt_name as type, is_identity = 'YES' as is_key from information_schema.columns
      where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
    [table],
  );
  const has = (name: string): boolean => columns.some((column) => column.name === name);
  const values = columns.map((column) => copyOf(table, column, { open, spans, daysApart: OVER_DAYS / copies }));
  await client.query(
    `insert into ${table} (${columns.map(({ name }) => name).join(', ')}) overriding system value
      select ${values.join(', ')} from ${table} t cross join generate_series(1, ${String(copies)}) as c
      ${has('subject') ? `where t.subject <> 'staff'` : ''}`,
  );
  for (const { name, is_key: isKey } of columns)
    if (isKey)
      await client.query(
        `select setval(pg_get_serial_sequence('${table}', '${name}'), (select max(${name}) from ${table}))`,
      );
}

const NAMES = ['subject', 'external_id', 'order_number', 'barcode', 'id', 'erasure'];
const KEYED = ['dedup', 'email_hash', 'recipient_hash', 'about'];
const NUMBERED: Readonly<Record<string, keyof Spans>> = { seq: 'seq', source_seq: 'seq', root: 'root', no: 'root' };

interface Copying {
  readonly open: number;
  readonly spans: Spans;
  readonly daysApart: number;
}

/** SQL of a column of the copy `c` of a row `t`. */
function copyOf(table: string, { name, type, is_key: isKey }: Column, { open, spans, daysApart }: Copying): string {
  const shifted = `t.${name} - c * interval '${String(daysApart)} days'`;
  const ended = `c > ${String(open)}`;
  if (table === 'subjects' && name === 'closed_at')
    return `case when ${ended} then t.state_since - c * interval '${String(daysApart)} days' else ${shifted} end`;
  if (table === 'subjects' && name === 'attention') return `case when ${ended} then '[]' else t.attention end`;
  if (table === 'notifications' && name === 'status')
    return `case when ${ended} and t.status = 'deferred' then 'not_sent' else t.status end`;
  if (name === 'message_id') return `replace(t.message_id, '<', '<' || c || '-')`;
  const numbered = NUMBERED[name];
  if (numbered !== undefined) return `t.${name} + c * ${spans[numbered]}`;
  if (isKey) return `t.${name} + c * (select max(${name}) from ${table})`;
  if (KEYED.includes(name)) return `sha256(t.${name} || int4send(c))`;
  if (NAMES.includes(name) && type === 'text') return `t.${name} || '-' || c`;
  return type === 'timestamptz' ? shifted : `t.${name}`;
}
