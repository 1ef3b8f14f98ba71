import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import type { Database } from '../../src/database/database.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { page } from '../c4hxp/webhook/support/reading.js';
import { testSealing } from '../inbox/support.js';
import { c4hxp, startReceiver, type TestReceiver } from './support/receiver.js';

const KIT = '"kit_barcode":"123456789012"';
const results = (fields: string): string => `{"event":"results.available","data":{${KIT},${fields}}}`;
const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;

/** What the way in must carry without harm, each a neighbour of good ones in the same commit. */
const HOSTILE: [name: string, body: string | Buffer][] = [
  ['NUL in a name', results(String.raw`"patient":{"first_name":"a\u0000b","email":"jane@example.com"}`)],
  [
    'NUL in an id',
    String.raw`{"event":"kit.registered","data":{"kit_barcode":"123456789012"},"meta":{"webhook_id":"a\u0000"}}`,
  ],
  ['a lone surrogate', results(String.raw`"patient":{"first_name":"\ud800","last_name":"\udfff"}`)],
  ['a huge number', results('"result_summary":{"abnormal_count":1e400,"flags":[]},"completed_at":1e999')],
  ['20,000 levels', results(`"result_summary":${deep}`)],
  ['20,000 levels in a person', results(`"patient":${deep}`)],
  ['__proto__', results('"__proto__":{"patient":{}},"patient":{"__proto__":{"email":"x@example.com"}}')],
  ['duplicate keys', results('"patient":null,"patient":{"first_name":"Jane"}')],
  [
    'CR/LF and HTML in a name',
    results(String.raw`"patient":{"first_name":"A\r\nBcc: x@example.com","last_name":"<b>"}`),
  ],
  ['a name of 500 emoji', results(`"patient":{"first_name":"${'🙂'.repeat(500)}"}`)],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x00, 0x7d])],
  ['nothing', ''],
  ['only NUL', Buffer.alloc(300)],
];

describe.each(KINDS)('what the door lets in, in %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let intake: Intake;
  let receiver: TestReceiver;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    const sealing = testSealing();
    intake = createIntake({ database, sealing });
    receiver = await startReceiver({
      keep: (arrival) => intake.keep(arrival),
      figures: () => intake.figures(),
      sources: [c4hxp({ hash: sealing.hash })],
      clock: Date.now,
    });
  });
  afterAll(async () => {
    await receiver.close();
    await intake.close();
    await databases.stop();
  });
  beforeEach(() => database.query('truncate inbox, inbox_bodies, links, deliveries, contacts, subjects'));

  const count = async (table: string): Promise<number> =>
    (await database.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? 0;

  test('is committed whatever it holds, and its neighbours too', async () => {
    const good = Array.from(
      { length: 20 },
      (_, n) => `{"event":"kit.registered","data":{"kit_barcode":"XP0000${String(1000 + n)}"}}`,
    );
    const all = [...HOSTILE.map(([, body]) => body), ...good];
    const answers = await Promise.all(all.map(async (body) => (await receiver.post(body)).status));
    expect(answers).toEqual(all.map(() => 200));
    expect(await count('inbox')).toBe(all.length);
    expect(await count('inbox_bodies')).toBe(all.length);
    const kits = good.map((_, n) => `kit:XP0000${String(1000 + n)}`);
    const delivered = await database.query<{ subject: string }>(
      'select subject from deliveries where subject = any($1)',
      [kits],
    );
    expect(delivered).toHaveLength(good.length);
  });

  test('joins the page’s four payloads, and takes each but once', async () => {
    const events = ['results.available', 'kit.registered', 'order.shipped', 'order.created'];
    for (const _ of [1, 2]) for (const event of events) expect((await receiver.post(page(event))).status).toBe(200);
    expect(await count('inbox')).toBe(4);
    expect(await database.query('select order_number, barcode from links')).toEqual([
      { order_number: 'C4H-ORD-2024-001234', barcode: '123456789012' },
    ]);
    expect(await database.query('select min(duplicates) as least, max(duplicates) as most from inbox')).toEqual([
      { least: 1, most: 1 },
    ]);
  });

  test('stands in the database without a word of the patient’s', async () => {
    await receiver.post(page('results.available'));
    await receiver.post(page('order.created'));
    for (const table of ['inbox', 'deliveries', 'subjects', 'links']) {
      const rows = JSON.stringify(await database.query(`select * from ${table}`));
      expect(rows).not.toMatch(/jane|smith|john|doe|example\.com|cortisol|hormone/i);
    }
  });

  test('is 200 for any signed bytes at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (body) => {
        expect((await receiver.post(body)).status).toBe(200);
      }),
      { numRuns: 60 },
    );
  });
});
