import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Queryable } from '../../src/database/sql.js';
import { createC4hxpWebhooks } from '../../src/c4hxp/webhook/source.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import type { Fact } from '../../src/domain/facts.js';
import { createAudit } from '../../src/access/audit.js';
import { kitSubject } from '../../src/domain/subjects.js';
import { createIntake } from '../../src/inbox/intake.js';
import { openBody } from '../../src/inbox/webhooks.js';
import { factsOf } from '../../src/ledger/deliveries.js';
import { createRecipients } from '../../src/ledger/recipients.js';
import { createErasing } from '../../src/privacy/erase.js';
import { isAnythingSealedUnder, keysInUse } from '../../src/privacy/keys-in-use.js';
import { rotateKeys, type RotationStep } from '../../src/privacy/rotate-keys.js';
import { SEALED_TABLES } from '../../src/privacy/sealed-tables.js';
import { joinOrdersAndKits } from '../../src/relay/pending.js';
import { createSealing, type Sealing } from '../../src/sealing/sealing.js';
import { patientOf, recipientOf } from '../../workflows/policy/addressee.js';
import { newLedger, request, T0 } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';

const key = (id: string) => ({ id, key: Buffer.alloc(32, id) });
const [before, rotated] = [sealingWith(['e1'], ['i1']), sealingWith(['e2', 'e1'], ['i2', 'i1'])];

function sealingWith(encryption: string[], index: string[]): Sealing {
  return createSealing({ encryptionKeys: encryption.map(key), indexKeys: index.map(key) });
}

const PATIENT = { first_name: 'Zoë', last_name: 'Müller', email: 'zoe@example.com' };

let ids = 0;
function webhook(sealing: Sealing, event: string, data: object): Arrival {
  const source = createC4hxpWebhooks({ secrets: [], hash: sealing.hash, defaultZone: 'UTC', revealFlags: false });
  const body = { event, data, meta: { webhook_id: `wh_${String(++ids)}`, timestamp: new Date(T0).toISOString() } };
  return source.read(Buffer.from(JSON.stringify(body)), { receivedAt: T0 });
}

let databases: TestDatabases;
let database: Database;

beforeAll(async () => {
  databases = await startDatabases('pglite');
  database = await databases.fresh();
});
beforeEach(() =>
  database.query(
    'truncate notifications, decisions, subjects, suppressions, contacts, inbox, inbox_bodies, deliveries, links, meta, erasures, erased_subjects',
  ),
);
afterAll(() => databases.stop());

async function keep(sealing: Sealing, ...arrivals: readonly Arrival[]): Promise<void> {
  const intake = createIntake({ database, sealing });
  for (const arrival of arrivals) await intake.keep(arrival);
  await intake.close();
}

async function send(sealing: Sealing, subject: string, email: string): Promise<void> {
  const ledger = newLedger(database, sealing);
  const claimed = await ledger.claim(request({ subject }));
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  await ledger.beginHandOver(claimed.claim, { email, address: ledger.addressOf(email) }, []);
  await ledger.settle(claimed.claim, {
    status: 'sent',
    reason: null,
    at: T0,
    sealed: { to: email, reply: '250 taken' },
  });
}

/** All steps, each of `limit` rows. */
async function rotate(sealing: Sealing, limit = 2, on: Queryable = database): Promise<RotationStep[]> {
  const steps: RotationStep[] = [];
  for (let from: string | null = null; steps.length === 0 || from !== null;) {
    const step: Awaited<ReturnType<typeof rotateKeys>> = await rotateKeys({ database: on, sealing }, { from, limit });
    if ('missing' in step) throw new Error(`lacks ${step.missing.id}`);
    steps.push(step);
    from = step.next;
  }
  return steps;
}

const sum = (steps: readonly RotationStep[], what: 'resealed' | 'overtaken' | 'stops'): number =>
  steps.reduce((total, step) => total + step[what], 0);

describe('after the encryption keys were rotated', () => {
  beforeEach(async () => {
    for (const barcode of ['100000000001', '100000000002', '100000000003'])
      await keep(before, webhook(before, 'kit.registered', { kit_barcode: barcode, patient: PATIENT }));
    await send(before, 'kit:100000000001', PATIENT.email);
  });

  test('everything is sealed under the newest key, in small steps, and opens without the former one', async () => {
    expect((await keysInUse(database, rotated.keyIds)).encryption).toEqual([
      { id: 'e2', configured: true, newest: true, rows: {}, removable: false },
      {
        id: 'e1',
        configured: true,
        newest: false,
        rows: { contacts: 3, notifications: 1, inbox_bodies: 3 },
        removable: false,
      },
    ]);
    const steps = await rotate(rotated);
    expect(Math.max(...steps.map(({ resealed }) => resealed))).toBe(2);
    expect(sum(steps, 'resealed')).toBe(7);
    const inUse = await keysInUse(database, rotated.keyIds);
    expect(inUse.encryption.map(({ id, removable }) => [id, removable])).toEqual([
      ['e2', false],
      ['e1', true],
    ]);
    expect(await isAnythingSealedUnder(database, 'e1')).toBe(false);

    const without = sealingWith(['e2'], ['i2', 'i1']);
    const ledger = newLedger(database, without);
    expect((await ledger.contactFor('kit:100000000001', 'patient'))?.email).toBe(PATIENT.email);
    const [row] = await database.query<{ seq: number }>('select min(seq) as seq from inbox');
    expect((await openBody(database, without, row?.seq ?? 0))?.toString()).toContain(PATIENT.email);
    expect(await ledger.told('100000000001')).toMatchObject({
      notifications: [{ to: 'z•••@example.com', smtpReply: '250 taken' }],
    });
  });

  test('a rotation that was given up goes on from what the rows say, and a second one finds nothing to do', async () => {
    await rotateKeys({ database, sealing: rotated }, { from: null, limit: 2 });
    expect(sum(await rotate(rotated), 'resealed')).toBe(5);
    expect(sum(await rotate(rotated), 'resealed')).toBe(0);
  });

  test('a row that changes between reading and writing keeps what was written then', async () => {
    const meanwhile: Queryable = {
      async query<T extends object>(...asked: Parameters<Queryable['query']>) {
        const rows = await database.query<T>(...asked);
        if (rows.some((row) => 'at' in row && 'dedup' in row && 'role' in row))
          await database.query(`update contacts set sealed = '\\x0102' where subject = 'kit:100000000001'`);
        return rows;
      },
    };
    const steps = await rotate(rotated, 10, meanwhile);
    expect([sum(steps, 'resealed'), sum(steps, 'overtaken')]).toEqual([6, 1]);
    const [row] = await database.query<{ sealed: Buffer }>(
      `select sealed from contacts where subject = 'kit:100000000001'`,
    );
    expect(row?.sealed).toEqual(Buffer.from([1, 2]));
  });

  test('what does not open is left as it was, counted by its key, and keeps nothing else from being sealed anew', async () => {
    const all = 'select dedup, sealed from inbox_bodies order by dedup';
    const found = await database.query(all);
    const another = createSealing({
      encryptionKeys: [key('e2'), { id: 'e1', key: randomBytes(32) }],
      indexKeys: [key('i1')],
    });
    const steps = await rotate(another);
    expect(steps.reduce((rows, { unopened }) => rows + (unopened['e1'] ?? 0), 0)).toBe(7);
    expect(await database.query(all)).toEqual(found);
    await database.query(
      `update contacts set sealed = overlay(sealed placing '\\x00' from 40) where subject = 'kit:100000000001'`,
    );
    expect(sum(await rotate(rotated, 1), 'resealed')).toBe(6);
  });

  test.each([
    ['nothing', ''],
    ['no json', Buffer.from('{').toString('base64url')],
    ['a table that is none', Buffer.from('["meta","e1"]').toString('base64url')],
    ['a key of another type', Buffer.from('["notifications","e1","x"]').toString('base64url')],
    ['half a key', Buffer.from('["contacts","e1","kit:1"]').toString('base64url')],
    ['odd bytes', Buffer.from('["inbox_bodies","e1","\\\\x0"]').toString('base64url')],
  ])('a place that is %s is refused', async (_, from) => {
    await expect(rotateKeys({ database, sealing: rotated }, { from, limit: 1 })).rejects.toThrow(RangeError);
  });

  test('nothing is begun while a key is missing under which something is sealed', async () => {
    const lacking = sealingWith(['e2'], ['i1']);
    expect(await rotateKeys({ database, sealing: lacking }, { from: null, limit: 10 })).toEqual({
      missing: { id: 'e1', table: 'contacts' },
    });
    expect((await keysInUse(database, lacking.keyIds)).encryption).toContainEqual(
      expect.objectContaining({ id: 'e1', configured: false, removable: false }),
    );
  });

  test('every sealed column of the schema is among those that are sealed anew', async () => {
    const columns = await database.query<{ name: string }>(
      `select table_name::text as name from information_schema.columns
       where column_name = 'sealed' and table_schema = 'public' order by 1`,
    );
    expect(SEALED_TABLES.map(({ name }) => name).toSorted()).toEqual(columns.map(({ name }) => name));
  });
});

describe('after the index keys were rotated', () => {
  const known = async (subject: string): Promise<readonly Fact[]> => (await factsOf(database, subject)) as Fact[];
  const joined = async (): Promise<void> => {
    while (await joinOrdersAndKits(database, createRecipients(rotated)));
  };
  const results = (sealing: Sealing, event: string, summary: object): Arrival =>
    webhook(sealing, event, { kit_barcode: '100000000001', patient: PATIENT, result_summary: summary });

  test('the same patient and the same results look to a journey as they did', async () => {
    await keep(before, results(before, 'results.available', { status: 'normal' }));
    await keep(rotated, results(rotated, 'results.reviewed', { status: 'normal' }));
    const facts = await known('kit:100000000001');
    expect(facts.map(({ summary }) => summary)).toEqual([facts[0]?.summary, facts[0]?.summary]);
    expect(facts.map(({ person }) => person)).toEqual([facts[0]?.person, facts[0]?.person]);
    expect(patientOf(facts)).toEqual({ known: true, address: facts[0]?.person?.address });
    const contact = await newLedger(database, rotated).contactFor('kit:100000000001', 'patient');
    expect(contact?.address).toBe(facts[0]?.person?.address);
  });

  test('another patient still looks like another, and corrected results like others', async () => {
    await keep(before, results(before, 'results.available', { status: 'normal' }));
    const other = { first_name: 'Omar', last_name: 'Said', email: 'omar@example.com' };
    const changed = { kit_barcode: '100000000001', patient: other, result_summary: { status: 'abnormal' } };
    await keep(rotated, webhook(rotated, 'results.reviewed', changed));
    const facts = await known('kit:100000000001');
    expect(new Set(facts.map(({ summary }) => summary)).size).toBe(2);
    expect(patientOf(facts)).toEqual({ known: false, why: 'contact_conflict' });
  });

  test('a new kit is hashed under the newest key, one of an order from before under that order’s', async () => {
    const recipient = { ...PATIENT, shipping_address: {} };
    const kits = [{ barcode: '100000000007', kit_type: 'x' }];
    await keep(before, webhook(before, 'order.created', { order_number: 'C4H-ORD-2026-000001', recipient, kits: [] }));
    await keep(before, webhook(before, 'order.shipped', { order_number: 'C4H-ORD-2026-000001', kits }));
    const register = (barcode: string) =>
      webhook(rotated, 'kit.registered', { kit_barcode: barcode, patient: PATIENT });
    await keep(rotated, register('100000000007'), register('100000000008'));
    await joined();
    const [seventh, eighth] = await Promise.all(['kit:100000000007', 'kit:100000000008'].map(known));
    const addresses = seventh?.flatMap(({ person }) => person?.address ?? []) ?? [];
    expect(addresses).toEqual([addresses[0], addresses[0]]);
    expect(eighth?.[0]?.person?.address).toBe(newLedger(database, rotated).addressOf(PATIENT.email));
    const { index } = await keysInUse(database, rotated.keyIds);
    expect(index.map(({ id, journeys }) => [id, journeys])).toEqual([
      ['i2', 1],
      ['i1', 2],
    ]);
  });

  test('a patient who is the recipient is one person, whichever of kit and order came before the rotation', async () => {
    const recipient = { ...PATIENT, shipping_address: {} };
    const kits = [{ barcode: '100000000007', kit_type: 'x' }];
    const order = (sealing: Sealing, number: string, of: object[]) =>
      webhook(sealing, 'order.created', { order_number: number, recipient, kits: of });
    const register = (sealing: Sealing, barcode: string, number?: string) =>
      webhook(sealing, 'kit.registered', { kit_barcode: barcode, patient: PATIENT, order_number: number });
    // The order comes after its kit, which it names; a kit comes after its order, which only the kit names.
    await keep(before, register(before, '100000000007'));
    await keep(rotated, order(rotated, 'C4H-ORD-2026-000001', kits));
    await keep(before, order(before, 'C4H-ORD-2026-000002', []));
    await keep(rotated, register(rotated, '100000000008', 'C4H-ORD-2026-000002'));
    await joined();
    for (const kit of ['kit:100000000007', 'kit:100000000008']) {
      const addresses = (await known(kit)).flatMap(({ person }) => person?.address ?? []);
      expect([addresses.length, new Set(addresses).size]).toEqual([2, 1]);
    }
  });

  test.each([
    ['the kit', () => [before, rotated] as const],
    ['the order', () => [rotated, before] as const],
  ])(
    'a patient who is the recipient is one person, though only a shipment linked them, and %s came before',
    async (_first, keys) => {
      const [ofKit, ofOrder] = keys();
      const number = 'C4H-ORD-2026-000003';
      const arrivals = [
        () => keep(ofKit, webhook(ofKit, 'kit.registered', { kit_barcode: '100000000009', patient: PATIENT })),
        () => keep(ofOrder, webhook(ofOrder, 'order.created', { order_number: number, recipient: PATIENT, kits: [] })),
      ];
      for (const arrive of ofKit === before ? arrivals : arrivals.toReversed()) await arrive();
      const kits = [{ barcode: '100000000009', kit_type: 'x' }];
      await keep(rotated, webhook(rotated, 'order.shipped', { order_number: number, kits }));
      await joined();
      await keep(rotated, webhook(rotated, 'order.cancelled', { order_number: number, recipient: PATIENT, kits }));
      await joined();
      const facts = await known('kit:100000000009');
      const people = facts.flatMap(({ person }) => person ?? []);
      expect(people.map(({ role }) => role).toSorted()).toEqual(['patient', 'recipient', 'recipient']);
      expect(new Set(people.map(({ address }) => address)).size).toBe(1);
      expect(new Set(people.map(({ name }) => name?.full)).size).toBe(1);
      expect(recipientOf(facts)).toEqual(patientOf(facts));
      // The order's own journey goes on under its own.
      const ofTheOrder = (await known(`order:${number}`)).flatMap(({ person }) => person?.address ?? []);
      expect(ofTheOrder).toEqual(
        Array.from({ length: 2 }, () => newLedger(database, ofOrder).addressOf(PATIENT.email)),
      );
    },
  );

  test('another recipient than the patient stays another, and one without an address has none', async () => {
    await keep(before, webhook(before, 'kit.registered', { kit_barcode: '100000000009', patient: PATIENT }));
    const order = (number: string, recipient: object) =>
      webhook(rotated, 'order.created', { order_number: number, recipient, kits: [] });
    const kits = [{ barcode: '100000000009', kit_type: 'x' }];
    const shipped = (number: string) => webhook(rotated, 'order.shipped', { order_number: number, kits });
    await keep(rotated, order('C4H-ORD-2026-000004', { first_name: 'Omar', email: 'omar@example.com' }));
    await keep(rotated, order('C4H-ORD-2026-000005', { first_name: 'Zoë', last_name: 'Müller' }));
    await keep(rotated, shipped('C4H-ORD-2026-000004'), shipped('C4H-ORD-2026-000005'));
    await joined();
    const [patient, ...recipients] = (await known('kit:100000000009')).flatMap(({ person }) => person ?? []);
    expect(recipients.map(({ hasContact, address }) => [hasContact, address])).toEqual([
      [true, newLedger(database, before).addressOf('omar@example.com')],
      [false, null],
    ]);
    expect(recipients.map(({ name }) => name?.full === patient?.name?.full)).toEqual([false, true]);
  });

  test('who was known before is found by their address, also without the former encryption key', async () => {
    const of = (barcode: string) => webhook(before, 'kit.registered', { kit_barcode: barcode, patient: PATIENT });
    await keep(before, of('100000000001'), of('100000000002'));
    const { email } = PATIENT;
    const erased = await createErasing({ database, sealing: before }).erase({ subject: 'kit:100000000002' }, 'pia');
    const about = {
      actor: null,
      act: 'told',
      subject: 'kit:100000000001',
      at: T0,
      sender: '',
      outcome: 'done',
    } as const;
    await createAudit(database, before).write([{ ...about, reason: null }]);
    await newLedger(database, before).suppress(newLedger(database, before).addressOf(email), 'all', 'operator:1', T0);
    await rotate(rotated);

    const after = sealingWith(['e2'], ['i2', 'i1']);
    const ledger = newLedger(database, after);
    expect(await ledger.told(email)).toMatchObject({ subjects: [{ subject: 'kit:100000000001' }] });
    expect(await ledger.scopesOf(email)).toEqual(new Set(['all']));
    const page = { who: null, since: null, before: null, limit: 9 };
    const { entries } = await createAudit(database, after).page({ ...page, subject: 'kit:100000000001' });
    expect(entries).toHaveLength(1);
    const erasing = createErasing({ database, sealing: after });
    // The tombstone and its certificate stand, and who asked for it can still be read.
    expect(await erasing.erase({ subject: 'kit:100000000002' }, 'rea')).toMatchObject({
      id: erased?.id,
      repeated: true,
      by: 'pia',
    });
    expect(await erasing.erase({ email }, 'pia')).toMatchObject({ state: 'done', subjects: [{ ending: '0001' }] });
    expect(await ledger.told(email)).toBeNull();
    // Nobody remembers the address any more; the stop outlives it.
    expect(await ledger.scopesOf(email)).toEqual(new Set(['all']));
  });

  test('a stop from before holds also when nothing but the newest key is asked, once it was carried over', async () => {
    await keep(before, webhook(before, 'kit.registered', { kit_barcode: '100000000001', patient: PATIENT }));
    const address = newLedger(database, before).addressOf(PATIENT.email);
    await newLedger(database, before).suppress(address, 'all', 'operator:1', T0);
    const alone = newLedger(database, sealingWith(['e1'], ['i2']));
    expect(await alone.scopesOf(PATIENT.email)).toEqual(new Set());
    expect(sum(await rotate(rotated, 1), 'stops')).toBe(1);
    expect(sum(await rotate(rotated, 1), 'stops')).toBe(0);
    expect(await alone.scopesOf(PATIENT.email)).toEqual(new Set(['all']));
  });

  test('a certificate that is printed again has the hashes of its first printing', async () => {
    await keep(before, webhook(before, 'kit.registered', { kit_barcode: '100000000001', patient: PATIENT }));
    await keep(before, webhook(before, 'kit.registered', { kit_barcode: '100000000002', patient: PATIENT }));
    const first = await createErasing({ database, sealing: before }).erase({ email: PATIENT.email }, 'pia');
    await rotate(rotated);
    const erasing = createErasing({ database, sealing: rotated });
    expect(await erasing.certificate(first?.id ?? '')).toEqual(first);
    expect(await erasing.erase({ email: PATIENT.email }, 'omar')).toEqual({ ...first, repeated: true });
    expect(await erasing.erase({ subject: kitSubject('100000000002') }, 'omar')).toEqual({ ...first, repeated: true });
  });
});
