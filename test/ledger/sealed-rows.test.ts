import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import { createIntake } from '../../src/inbox/intake.js';
import { bodyLocation } from '../../src/ledger/bodies.js';
import { openDetails } from '../../src/ledger/contacts.js';
import { openAskedBy, sealAskedBy } from '../../src/ledger/erased.js';
import { openWords, type NotificationRow } from '../../src/ledger/notifications.js';
import { SealBroken } from '../../src/sealing/sealing.js';
import { kitArrival } from '../inbox/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { newLedger, newSealing, person, request, T0 } from './support.js';

type Row = Record<string, unknown> & { readonly sealed: Buffer };

const sealing = newSealing();
/** Every table with a sealed column, and how what stands in a row of it is opened. */
const OPENERS: Readonly<Record<string, (row: Row) => unknown>> = {
  contacts: (row) => openDetails(sealing, row as unknown as Parameters<typeof openDetails>[1]),
  erasures: (row) => openAskedBy(sealing, row['id'] as string, row.sealed),
  inbox_bodies: (row) => sealing.open(row.sealed, bodyLocation(row['dedup'] as Buffer)),
  notifications: (row) => openWords(sealing, row as unknown as NotificationRow),
};

let databases: TestDatabases;
let database: Database;

beforeAll(async () => {
  databases = await startDatabases('pglite');
  database = await databases.fresh();
});
afterAll(() => databases.stop());

/** One webhook that names three people of two kits, another that names one of them again, and what they were sent. */
async function fill(): Promise<void> {
  const intake = createIntake({ database, sealing });
  const [arrival, again] = [kitArrival('K1', 'kit.registered'), kitArrival('K1', 'kit.received_lab')];
  const [routed] = arrival.routed;
  if (routed === undefined) throw new Error('an arrival about nobody');
  const naming = (subject: 'kit:K1' | 'kit:K2' | 'order:O1', role: 'patient' | 'recipient', firstName: string) => ({
    subject,
    fact: { ...routed.fact, person: { role, address: null, name: 'n' } as never },
    details: { person: person({ firstName }) },
  });
  const all: Arrival[] = [
    {
      ...arrival,
      routed: [
        naming('kit:K1', 'patient', 'Ada'),
        naming('kit:K2', 'patient', 'Bob'),
        naming('order:O1', 'recipient', 'Cleo'),
      ],
    },
    { ...again, routed: [naming('kit:K1', 'patient', 'Ada'), { ...naming('order:O1', 'recipient', 'Dan') }] },
  ];
  for (const one of all) await intake.keep(one);
  await intake.close();
  for (const id of ['erase_1', 'erase_2'])
    await database.query(
      "insert into erasures (id, scope, about, asked_at, sealed) values ($1, 'kit', '', now(), $2)",
      [id, sealAskedBy(sealing, id, 'pia')],
    );
  const ledger = newLedger(database, sealing);
  for (const over of [
    { subject: 'kit:K1' },
    { subject: 'kit:K2' },
    { subject: 'kit:K1', occurrence: 2 },
    { subject: 'kit:K1', kind: 'kit.received_lab' as const },
  ]) {
    const claimed = await ledger.claim(request(over));
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    await ledger.beginHandOver(claimed.claim, { email: 'a@example.com', address: 'aGFzaA' }, []);
    await ledger.settle(claimed.claim, {
      status: 'sent',
      reason: null,
      at: T0,
      sealed: { to: 'a@example.com', reply: '250 taken' },
    });
  }
}

test('what is sealed opens in its own row only: no move between rows, people, columns or tables is taken for true', async () => {
  await fill();
  const columns = await database.query<{ table_name: string }>(
    `select table_name::text from information_schema.columns where column_name = 'sealed' and table_schema = 'public'
     order by 1`,
  );
  expect(columns.map(({ table_name }) => table_name)).toEqual(Object.keys(OPENERS));
  const rows: { readonly open: (row: Row) => unknown; readonly row: Row }[] = [];
  for (const [table, open] of Object.entries(OPENERS))
    for (const row of await database.query<Row>(`select * from ${table}`)) rows.push({ open, row });
  expect(rows.length).toBe(5 + 2 + 2 + 4);

  for (const [here, { row: value }] of rows.entries())
    for (const [there, { row, open }] of rows.entries()) {
      const moved = (): unknown => open({ ...row, sealed: value.sealed });
      if (here === there) expect(moved).not.toThrow();
      else expect(moved).toThrow(SealBroken);
    }
});

test('nor does a contact open when its row is said to be about another subject, in another role, from elsewhere', async () => {
  const contacts = await database.query<Row>('select * from contacts where role is not null');
  for (const row of contacts)
    for (const lie of [
      { subject: 'kit:K9' },
      { role: row['role'] === 'patient' ? 'recipient' : 'patient' },
      { role: null },
      { dedup: Buffer.alloc(32) },
    ])
      expect(() => OPENERS['contacts']?.({ ...row, ...lie })).toThrow(SealBroken);
});
