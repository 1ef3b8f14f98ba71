import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AdminPorts } from '../../src/admin/ports.js';
import { ifReplayed, rehearseReplays, replayAll } from '../../src/admin/replays.js';
import { createC4hxpWebhooks } from '../../src/c4hxp/webhook/source.js';
import type { Database } from '../../src/database/database.js';
import type { WebhookSource } from '../../src/domain/arrivals.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { wouldLearn } from '../../src/ledger/would-learn.js';
import { newLedger, newSealing, T0 } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { DAY, HOUR } from '../support/facts.js';
import { outlookOver, portsOver } from './support.js';

const KIT = '123456789012';
const ORDER = 'C4H-ORD-2026-001234';
const ZOE = { first_name: 'Zoë', last_name: 'Müller', email: 'zoe@example.com' };

describe('replaying what is in quarantine', () => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let ledger: Ledger;
  let intake: Intake;
  let source: WebhookSource;
  let ports: Pick<AdminPorts, 'webhooks' | 'outlook'>;
  let now: number;
  /** Whether the fault is mended: until then every webhook that says `odd` can't be read. */
  let mended: boolean;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    sealing = newSealing();
    ledger = newLedger(database, sealing);
    intake = createIntake({ database, sealing });
    source = createC4hxpWebhooks({ secrets: [], hash: sealing.hash, defaultZone: 'UTC', revealFlags: false });
    const clock = (): number => now;
    ports = {
      ...portsOver({ database, sealing, ledger, intake, clock, readAgain: (raw, receivedAt) => read(raw, receivedAt) }),
      outlook: outlookOver({ database, ledger, clock }),
    };
  });
  beforeEach(async () => {
    now = T0 + HOUR;
    mended = false;
    await database.query(
      'truncate notifications, decisions, subjects, suppressions, contacts, inbox, inbox_bodies, deliveries, links',
    );
  });
  afterAll(async () => {
    await intake.close();
    await databases.stop();
  });

  /** What stands in the way is in the data itself, so that the reader's own paths and routes are tried. */
  function read(raw: Buffer, receivedAt: number) {
    const healed = mended ? Buffer.from(raw.toString('utf8').replaceAll('"odd_', '"')) : raw;
    return { ...source.read(healed, { receivedAt }), raw };
  }

  async function comes(event: string, id: string, data: object, at = T0): Promise<void> {
    const meta = { webhook_id: id, timestamp: new Date(at).toISOString() };
    await intake.keep(read(Buffer.from(JSON.stringify({ event, meta, data })), at));
  }
  const odd = (event: string, id: string, at = T0, more: object = {}) =>
    comes(event, id, { odd_kit_barcode: KIT, ...more }, at);
  const relayed = () => database.query('update deliveries set relayed_at = now()');
  const emails = (page: Awaited<ReturnType<typeof rehearseReplays>>) =>
    page.emails.map(({ subject, kind, becomes, reason }) => [subject, kind, becomes, reason]);
  const everything = async () => [
    await database.query('select * from inbox order by seq'),
    await database.query('select * from deliveries order by subject, seq'),
    await database.query('select * from contacts order by subject, source_seq'),
  ];
  const of = (selection: object = {}) => ({ reason: 'invalid_data', limit: 100, ...selection });

  test('is rehearsed without changing anything: what would go, what not, and why', async () => {
    await comes('kit.registered', 'wh_reg', { kit_barcode: KIT, patient: ZOE });
    await relayed();
    await odd('kit.received_lab', 'wh_lab', T0 + 1_000);
    await odd('results.available', 'wh_res', T0 + 2_000);
    const before = await everything();
    expect(await rehearseReplays(ports, of())).toMatchObject({
      webhooks: [
        { id: 'wh_lab', outcome: 'still_quarantined', reason: 'invalid_data:data.kit_barcode' },
        { id: 'wh_res', outcome: 'still_quarantined' },
      ],
      emails: [],
    });
    mended = true;
    const page = await rehearseReplays(ports, of());
    expect(page.webhooks.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['wh_lab', 'accepted'],
      ['wh_res', 'accepted'],
    ]);
    expect(emails(page)).toEqual(
      expect.arrayContaining([
        [`kit:${KIT}`, 'kit.received_lab', 'not_sent', 'superseded'],
        [`kit:${KIT}`, 'results.available', 'goes', null],
      ]),
    );
    expect(await everything()).toEqual(before);
  });

  test('knows what was learned meanwhile: the age of results, the person, and what they don’t want', async () => {
    await odd('results.available', 'wh_res', T0, { patient: ZOE });
    mended = true;
    const fate = async () => emails(await rehearseReplays(ports, of()));
    expect(await fate()).toEqual([[`kit:${KIT}`, 'results.available', 'goes', null]]);
    await ledger.suppress(ledger.addressOf(ZOE.email), 'all', 'operator:1', T0);
    expect(await fate()).toEqual([[`kit:${KIT}`, 'results.available', 'waits', 'opted_out']]);
    now = T0 + 31 * DAY;
    expect(await fate()).toEqual([[`kit:${KIT}`, 'results.available', 'waits', 'too_late']]);
    await database.query('insert into subjects (subject, erased_at) values ($1, now())', [`kit:${KIT}`]);
    now = T0 + HOUR;
    expect(await fate()).toEqual([[`kit:${KIT}`, 'results.available', 'not_sent', 'erased']]);
  });

  test('page by page it foretells once and over all: what a page would let go and the next would overtake doesn’t go', async () => {
    await odd('kit.registered', 'wh_reg', T0, { patient: ZOE });
    await odd('kit.received_lab', 'wh_lab', T0 + 1_000);
    await odd('results.available', 'wh_res', T0 + 2_000);
    mended = true;
    const whole = emails(await rehearseReplays(ports, of()));
    expect(whole).toEqual(
      expect.arrayContaining([
        [`kit:${KIT}`, 'kit.registered', 'not_sent', 'superseded'],
        [`kit:${KIT}`, 'results.available', 'goes', null],
      ]),
    );
    for (const limit of [1, 2]) {
      const told: unknown[] = [];
      let after: number | null | undefined;
      do {
        const page = await rehearseReplays(ports, of({ limit, ...(after === undefined ? {} : { after }) }));
        told.push(...emails(page));
        after = page.next;
      } while (after !== null);
      expect(told).toEqual(whole);
    }
  });

  test('tells the order’s recipient, and the kits that only the webhook links to their order', async () => {
    const at = new Date(T0).toISOString();
    await comes('order.created', 'wh_created', { order_number: ORDER, recipient: ZOE, created_at: at });
    await relayed();
    const shipped = { odd_order_number: ORDER, shipped_at: at, kits: [{ barcode: KIT }] };
    await comes('order.shipped', 'wh_ship', shipped);
    mended = true;
    expect(emails(await rehearseReplays(ports, of()))).toEqual([[`order:${ORDER}`, 'order.shipped', 'goes', null]]);
    const [arrival] = (await rehearseReplays(ports, of())).webhooks;
    const reread = await ports.webhooks.reread(arrival?.seq ?? 0);
    const learns = await wouldLearn(database, reread.outcome === 'accepted' ? [reread.arrival] : []);
    expect(learns.map(({ subject, facts }) => [subject, facts.map(({ event }) => event)])).toEqual([
      [`order:${ORDER}`, ['order.shipped']],
      [`kit:${KIT}`, ['order.created', 'order.shipped']],
    ]);
  });

  test('goes on where it was interrupted, the oldest first; a second run finds nothing to do', async () => {
    for (const n of [1, 2, 3]) await odd('kit.received_lab', `wh_${String(n)}`, T0 + n * 1_000);
    await comes('kit.received_lab', 'wh_other', { nobody: true });
    mended = true;
    const first = await replayAll(ports, of({ limit: 2 }));
    expect(first.webhooks.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['wh_1', 'accepted'],
      ['wh_2', 'accepted'],
    ]);
    // Nobody asks for the next page of this one.
    const rest = await replayAll(ports, of({ limit: 2 }));
    expect([rest.webhooks.map(({ id, outcome }) => [id, outcome]), rest.next]).toEqual([
      [
        ['wh_3', 'accepted'],
        ['wh_other', 'still_quarantined'],
      ],
      null,
    ]);
    expect((await replayAll(ports, of())).webhooks).toMatchObject([{ id: 'wh_other', outcome: 'still_quarantined' }]);
    expect(await database.query(`select seq from deliveries where subject = 'kit:${KIT}'`)).toHaveLength(3);
  });

  test('tells of each page whether there is another', async () => {
    for (const n of [1, 2, 3]) await odd('kit.received_lab', `wh_${String(n)}`, T0 + n * 1_000);
    const pages: string[][] = [];
    let after: number | null = 0;
    while (after !== null) {
      const page = await rehearseReplays(ports, of({ limit: 2, after }));
      pages.push(page.webhooks.map(({ id }) => id));
      after = page.next;
    }
    expect(pages).toEqual([['wh_1', 'wh_2'], ['wh_3']]);
  });

  test.each([
    [{ reason: 'invalid_data' }, ['wh_lab', 'wh_res']],
    [{ reason: 'invalid_data:data.kit_barcode' }, ['wh_lab', 'wh_res']],
    [{ reason: 'invalid_data:data.patient' }, []],
    [{ reason: 'unknown_event' }, ['wh_hint']],
    [{ event: 'results.available' }, ['wh_res', 'wh_hint']],
    [{ event: 'kit.received_lab', reason: 'unknown_event' }, []],
    [{ since: new Date(T0 + 2_000) }, ['wh_res', 'wh_hint']],
    [{ since: new Date(T0 + 2_000), reason: 'invalid_data' }, ['wh_res']],
  ] as const)('selects by %j', async (selection, ids) => {
    await comes('kit.registered', 'wh_read', { kit_barcode: KIT });
    await odd('kit.received_lab', 'wh_lab', T0 + 1_000);
    await odd('results.available', 'wh_res', T0 + 2_000);
    await comes('result.available', 'wh_hint', { kit_barcode: KIT }, T0 + 3_000);
    const found = await ports.webhooks.select({ ...selection, limit: 100 });
    expect(found.map(({ id }) => id)).toEqual(ids);
  });

  test('of one webhook is foretold by the same reading', async () => {
    await odd('results.available', 'wh_res', T0, { patient: ZOE });
    const [summary] = await ports.webhooks.show('wh_res');
    if (summary === undefined) throw new Error('not there');
    expect(await ifReplayed(ports, summary)).toEqual({
      outcome: 'still_quarantined',
      reason: 'invalid_data:data.kit_barcode',
      why: 'What stands at data.kit_barcode is missing or can’t be read.',
      event: null,
      subjects: [],
      emails: [],
    });
    mended = true;
    expect(await ifReplayed(ports, summary)).toMatchObject({
      outcome: 'accepted',
      why: null,
      event: 'results.available',
      subjects: [`kit:${KIT}`],
      emails: [{ kind: 'results.available', becomes: 'goes', cause: 'wh_res' }],
    });
    await comes('results.available', 'wh_res', { kit_barcode: KIT, patient: ZOE });
    expect(await ifReplayed(ports, summary)).toMatchObject({ outcome: 'known_already', emails: [] });
    await database.query('delete from inbox_bodies');
    expect(await ifReplayed(ports, summary)).toMatchObject({ outcome: 'body_expired', emails: [] });
    expect(await ifReplayed(ports, { ...summary, status: 'relayed' })).toBeNull();
  });
});
