import { randomBytes, randomInt } from 'node:crypto';
import { type Database, openDatabase } from '../src/database/database.js';
import { migrate } from '../src/database/migrate.js';
import { sql } from '../src/database/sql.js';
import type { Arrival } from '../src/domain/arrivals.js';
import type { NotificationKey } from '../src/domain/notifications.js';
import { createIntake, type Intake } from '../src/inbox/intake.js';
import { createLedger, type Ledger } from '../src/ledger/ledger.js';
import { sealWords } from '../src/ledger/notifications.js';
import { createRecipients } from '../src/ledger/recipients.js';
import { createSealing, type Sealing } from '../src/sealing/sealing.js';
import { JANE, kitArrival } from '../test/inbox/support.js';
import { decision, VIEW } from '../test/ledger/support.js';
import { FakeJourneys, relayWith } from '../test/relay/support.js';
import { liveThrough, multiplyRows } from '../test/growth/many-rows.js';
import { type PlanWatch, tellPlans, watchPlans } from '../test/growth/plans.js';
import { startOwnPostgres } from '../test/support/postgres.js';
import type { Beside } from './beside.js';
import { percentileOf } from './figures.js';
import { type Machine, thisMachine } from './machine.js';

/** What things cost on PostgreSQL that waits for the disk, while so much is in it; ms each. */
export interface CostAt {
  /** Webhooks in the inbox. */
  readonly rows: number;
  readonly openKits: number;
  /** A webhook, of many at once: until it is committed. */
  readonly intake: number;
  /** A fact, of many: until its journey has it. */
  readonly relay: number;
  readonly toldP50: number;
  readonly toldP95: number;
  /** The first page of the kits that need a human. */
  readonly list: number;
  /** An email's claim, hand-over and settlement. */
  readonly send: number;
  /** What the write-ahead log grows by for each of many webhooks (kB). */
  readonly log: number;
  /** Pages of tables and indexes that are looked at, which no busy machine changes: for a webhook of many, … */
  readonly intakePages: number;
  readonly relayPages: number;
  readonly toldPages: number;
  readonly listPages: number;
  readonly sendPages: number;
}

type Pages = Pick<CostAt, 'intakePages' | 'relayPages' | 'toldPages' | 'listPages' | 'sendPages'>;

export interface Growth extends Pick<Machine, 'date' | 'loadBefore'> {
  readonly beside: Beside;
  /** The smallest first; medians of all rounds. */
  readonly costs: readonly CostAt[];
}

interface GrowthOptions {
  /** Webhooks in each database. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly say: (what: string) => void;
}

/** A database in which so much has come in. */
interface Grown {
  readonly url: string;
  readonly rows: number;
  readonly openKits: number;
  readonly database: Database;
  readonly sealing: Sealing;
  readonly intake: Intake;
  readonly ledger: Ledger;
  /** Barcodes of kits of all ages. */
  readonly kits: readonly string[];
}

const KITS = 200;
const WEBHOOKS_EACH = 5;
const OPEN_KITS = 50_000;
/** In each round. */
const WEBHOOKS = 2_000;
const AT_ONCE = 250;
const QUESTIONS = 100;
const LISTS = 30;
const EMAILS = 60;

/** Each size has a database of its own on one server; they take turns, so that what else the machine does meets all. */
export async function measureGrowth({ sizes, rounds, say }: GrowthOptions): Promise<Omit<Growth, 'beside'>> {
  const { date, loadBefore } = thisMachine();
  const postgres = await startOwnPostgres({ fsync: true });
  const all: Grown[] = [];
  try {
    for (const rows of sizes) {
      all.push(await grow(await postgres.freshUrl(), rows));
      say(`${String(rows)} webhooks are in`);
    }
    const costs = all.map((): Omit<CostAt, keyof Pages>[] => []);
    // The first round warms, and isn't counted.
    for (let round = 0; round <= rounds; round++)
      for (const [place, grown] of all.entries()) {
        const cost = await costsOf(grown);
        if (round > 0) costs[place]?.push(cost);
        say(`round ${String(round)}: ${JSON.stringify(cost)}`);
      }
    return { date, loadBefore, costs: await withPages(all, costs.map(mediansOf)) };
  } finally {
    for (const { database, intake, ledger } of all) {
      await intake.close();
      await ledger.heartbeat.stop();
      await database.close();
    }
    await postgres.stop();
  }
}

async function grow(url: string, rows: number): Promise<Grown> {
  const database = await openDatabase({ url });
  await migrate(database);
  const key = (id: string) => [{ id, key: randomBytes(32) }];
  const sealing = createSealing({ encryptionKeys: key('e'), indexKeys: key('i') });
  const past = await liveThrough({ database, sealing, kits: KITS, webhooks: WEBHOOKS_EACH, at: Date.now() });
  await past.heartbeat.stop();
  const copies = rows / (KITS * WEBHOOKS_EACH) - 1;
  await multiplyRows({ url, copies, open: OPEN_KITS / KITS - 1 });
  const ledger = createLedger({ database, sealing, messageIdDomain: 'lab.example' });
  ledger.heartbeat.start();
  return {
    url,
    rows,
    openKits: Math.min(OPEN_KITS, (copies + 1) * KITS),
    database,
    sealing,
    intake: createIntake({ database, sealing }),
    ledger,
    kits: await readableKits(database, sealing),
  };
}

/** Kits out of all of them, whose words are sealed where they stand now: those of copies open nowhere. */
async function readableKits(database: Database, sealing: Sealing): Promise<string[]> {
  const found = await database.query<NotificationKey>(
    // A few of each part of the table.
    sql`select n.subject, n.kind, n.occurrence from generate_series(1, 300) as part
      cross join lateral (
        select subject, kind, occurrence from notifications
        where id >= 1 + (select max(id) from notifications) * (part - 1) / 300 and sealed is not null
        order by id limit 1) as n
      group by 1, 2, 3`,
  );
  for (const row of found) {
    const { sealed } = sealWords(sealing, row, { to: JANE.email ?? '', reply: '250 queued' });
    await database.query(
      sql`update notifications set sealed = ${sealed}
        where subject = ${row.subject} and kind = ${row.kind} and occurrence = ${row.occurrence}`,
    );
  }
  return found.map(({ subject }) => subject.slice('kit:'.length));
}

async function costsOf(grown: Grown): Promise<Omit<CostAt, keyof Pages>> {
  const { rows, openKits, ledger, kits } = grown;
  const fresh = freshArrivals();
  const [{ at: before } = { at: '' }] = await logAt(grown.database);
  const intake = await takeIn(grown, fresh);
  const [{ kB: log } = { kB: Number.NaN }] = await logSince(grown.database, before);
  const relay = await relayed(grown, fresh.length);
  const told: number[] = [];
  for (let nth = 0; nth < QUESTIONS; nth++)
    told.push(await took(() => ledger.told(kits[randomInt(kits.length)] ?? '')));
  const list: number[] = [];
  for (let nth = 0; nth < LISTS; nth++)
    list.push(
      await took(() => ledger.listSubjects({ of: 'kit', attention: true, open: false, after: null, limit: 51 })),
    );
  const send: number[] = [];
  for (const { routed } of fresh.slice(0, EMAILS)) send.push(await took(() => sent(ledger, routed[0]?.subject ?? '')));
  return {
    rows,
    openKits,
    intake,
    log: log / fresh.length,
    relay,
    toldP50: percentileOf(told, 0.5),
    toldP95: percentileOf(told, 0.95),
    list: percentileOf(list, 0.5),
    send: percentileOf(send, 0.5),
  };
}

const logAt = (database: Database): Promise<{ at: string }[]> =>
  database.query<{ at: string }>('select pg_current_wal_lsn()::text as at');
const logSince = (database: Database, at: string): Promise<{ kB: number }[]> =>
  database.query<{ kB: number }>(
    sql`select pg_wal_lsn_diff(pg_current_wal_lsn(), ${at}::text::pg_lsn)::float8 / 1024 as "kB"`,
  );

/** Of so many at once; as many as one commit takes. */
const COUNTED = 250;

/** With sessions of their own, which tell their plans: that costs time. */
async function withPages(
  all: readonly Grown[],
  costs: readonly Omit<CostAt, keyof Pages>[],
): Promise<readonly CostAt[]> {
  const plans = watchPlans();
  const counted: CostAt[] = [];
  try {
    for (const [place, grown] of all.entries()) {
      const cost = costs[place];
      if (cost === undefined) continue;
      await tellPlans(grown.url);
      const database = await openDatabase({ url: grown.url });
      try {
        counted.push({ ...cost, ...(await pagesOf({ ...grown, database }, plans)) });
      } finally {
        await database.close();
      }
    }
  } finally {
    plans.stop();
  }
  return counted;
}

async function pagesOf(grown: Grown, plans: PlanWatch): Promise<Pages> {
  const { database, sealing, kits } = grown;
  const ledger = createLedger({ database, sealing, messageIdDomain: 'lab.example' });
  const intake = createIntake({ database, sealing });
  async function pages(count: number, work: () => Promise<unknown>): Promise<number> {
    plans.take();
    await work();
    return plans.pages() / count;
  }
  const told = kits.slice(0, QUESTIONS);
  const fresh = freshArrivals(COUNTED);
  const emails = fresh.slice(0, EMAILS).map(({ routed }) => routed[0]?.subject ?? '');
  const eachOf = (names: readonly string[], work: (name: string) => Promise<unknown>) => async () => {
    for (const name of names) await work(name);
  };
  const measured: Pages = {
    intakePages: await pages(COUNTED, () => takeIn({ ...grown, intake }, fresh)),
    relayPages: await pages(COUNTED, () => relayed(grown, COUNTED)),
    toldPages: await pages(
      told.length,
      eachOf(told, (name) => ledger.told(name)),
    ),
    listPages: await pages(1, () =>
      ledger.listSubjects({ of: 'kit', attention: true, open: false, after: null, limit: 51 }),
    ),
    sendPages: await pages(
      emails.length,
      eachOf(emails, (name) => sent(ledger, name)),
    ),
  };
  await intake.close();
  await ledger.heartbeat.stop();
  return measured;
}

/** Of a kit of its own each. */
const freshArrivals = (count = WEBHOOKS): Arrival[] =>
  Array.from({ length: count }, () => {
    const barcode = String(randomInt(1e11, 1e12 - 1));
    const person = { ...JANE, email: `jane.${barcode}@example.com` };
    return kitArrival(barcode, 'kit.registered', { id: `wh_${barcode}`, person, at: Date.now() });
  });

/** @returns ms for each. */
async function takeIn({ intake }: Grown, arrivals: readonly Arrival[]): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let arrival = arrivals[next++]; arrival !== undefined; arrival = arrivals[next++]) await intake.keep(arrival);
  };
  const total = await took(() => Promise.all(Array.from({ length: AT_ONCE }, lane)));
  return total / arrivals.length;
}

async function relayed({ database, sealing }: Grown, facts: number): Promise<number> {
  const relay = relayWith({
    database,
    journeys: new FakeJourneys(),
    recipients: createRecipients(sealing),
    owner: `bench-${String(randomInt(1e9))}`,
  });
  const total = await took(async () => {
    relay.start();
    await relay.idle();
  });
  await relay.stop();
  return total / facts;
}

async function sent(ledger: Ledger, subject: string): Promise<void> {
  const at = Date.now();
  const told = decision({ subject, at, cause: `wh_${subject}` });
  const claimed = await ledger.claim({ decision: told, journey: subject, projection: { ...VIEW, at }, reopens: false });
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  const to = JANE.email ?? '';
  await ledger.standingOf({ subject, journey: subject, audience: 'patient' });
  await ledger.beginHandOver(claimed.claim, { email: to, address: ledger.addressOf(to) }, [subject]);
  await ledger.settle(claimed.claim, { status: 'sent', reason: null, at, sealed: { to, reply: '250 queued' } });
}

/** ms */
async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function mediansOf(rounds: readonly Omit<CostAt, keyof Pages>[]): Omit<CostAt, keyof Pages> {
  const [first] = rounds;
  if (first === undefined) throw new Error('no round');
  const names = Object.keys(first) as (keyof typeof first)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      percentileOf(
        rounds.map((one) => one[name]),
        0.5,
      ),
    ]),
  ) as unknown as typeof first;
}
