import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Ledger, SubjectAnswers, SubjectAnswer } from '../../src/ledger/ledger.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { decision, KIT, newLedger, newSealing, person, request, seen, T0, VIEW } from './support.js';

const ORDER = 'order:C4H-ORD-2024-001234';

describe.each(KINDS)('what is told of a patient, on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let ledger: Ledger;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    sealing = newSealing();
  });
  beforeEach(async () => {
    await database.query(
      'truncate notifications, decisions, subjects, suppressions, contacts, inbox, deliveries, links',
    );
    ledger = newLedger(database, sealing);
  });
  afterAll(() => databases.stop());

  async function sent(
    subject: string,
    which: 'kit.registered' | 'order.shipped',
    email = 'zoe@example.com',
  ): Promise<string> {
    const claimed = await ledger.claim(request({ subject, kind: which, cause: 'wh_1' }));
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    const { claim } = claimed;
    await ledger.beginHandOver(claim, { email, address: ledger.addressOf(email) }, [subject]);
    const reply = `250 2.1.5 <${email}> queued, also for Other.Person@Example.net`;
    await ledger.settle(claim, { status: 'sent', reason: null, at: T0 + 500, sealed: { to: email, reply } });
    return claim.messageId;
  }

  const link = (): Promise<unknown> =>
    database.query(`insert into links (order_number, barcode) values ('C4H-ORD-2024-001234', '123456789012')`);

  test('is exactly what the interface promises', async () => {
    await link();
    await seen(database, sealing, { subject: KIT, person: person(), externalId: 'wh_1' });
    const messageId = await sent(KIT, 'kit.registered');
    await ledger.record(
      {
        subject: KIT,
        projection: {
          state: 'results.available',
          attention: [
            { code: 'no_contact', kind: 'results.available', since: T0 + 1_000 },
            { code: 'two_orders', since: T0 },
          ],
          because: null,
          next: { what: 'notice.delay', at: T0 + 9_000 },
          closed: false,
          at: T0 + 1_000,
        },
        decisions: [
          {
            ...decision({ kind: 'results.available', verdict: 'wait', reason: 'no_contact', at: T0 + 1_000 }),
            status: 'deferred',
          },
        ],
      },
      T0,
    );
    expect(await ledger.told('123456789012')).toEqual({
      subject: KIT,
      state: 'results.available',
      order: 'C4H-ORD-2024-001234',
      closedAt: null,
      because: null,
      shippedLater: [],
      transit: [],
      needsAttention: "No address is known for results.available. Find the patient's address and run correct-contact.",
      attention: [
        {
          code: 'no_contact',
          kind: 'results.available',
          since: '2026-11-24T12:00:01.000Z',
          sentence: "No address is known for results.available. Find the patient's address and run correct-contact.",
        },
        {
          code: 'two_orders',
          kind: null,
          since: '2026-11-24T12:00:00.000Z',
          sentence: 'This barcode stands in two orders. Find out which is right.',
        },
      ],
      acknowledged: [],
      erased: null,
      next: { what: 'notice.delay', at: '2026-11-24T12:00:09.000Z' },
      partnerMaintenance: null,
      notifications: [
        {
          kind: 'kit.registered',
          occurrence: 1,
          status: 'sent',
          reason: null,
          cause: 'wh_1',
          decidedAt: '2026-11-24T12:00:00.000Z',
          settledAt: '2026-11-24T12:00:00.500Z',
          to: 'z•••@example.com',
          messageId,
          smtpReply: '250 2.1.5 <z•••@example.com> queued, also for O•••@Example.net',
          attempts: 1,
          possiblyDuplicate: false,
          decisions: [
            { at: '2026-11-24T12:00:00.000Z', verdict: 'send', reason: null, cause: 'wh_1', rule: decision().rule },
          ],
        },
        {
          kind: 'results.available',
          occurrence: 1,
          status: 'deferred',
          reason: 'no_contact',
          cause: 'wh_1',
          decidedAt: '2026-11-24T12:00:01.000Z',
          settledAt: null,
          to: null,
          messageId: null,
          smtpReply: null,
          attempts: 0,
          possiblyDuplicate: false,
          decisions: [
            {
              at: '2026-11-24T12:00:01.000Z',
              verdict: 'wait',
              reason: 'no_contact',
              cause: 'wh_1',
              rule: decision().rule,
            },
          ],
        },
      ],
      webhooks: [
        {
          id: 'wh_1',
          event: 'kit.registered',
          receivedAt: '2026-11-24T12:00:00.000Z',
          status: 'pending',
          duplicates: 0,
          altered: false,
          idReused: false,
          bodyState: 'kept',
          reason: null,
        },
      ],
    });
  });

  test('says until when the partner’s maintenance lasts, while it does and the journey is open', async () => {
    const hour = 3_600_000;
    await database.query('insert into maintenance (seq, starts_at, ends_at, over, at) values (1, $1, $2, false, $1)', [
      new Date(T0),
      new Date(T0 + hour),
    ]);
    await seen(database, sealing, { subject: KIT, person: person() });
    const saidAt = async (now: number): Promise<unknown> =>
      ((await newLedger(database, sealing, 130, () => now).told('123456789012')) as SubjectAnswer).partnerMaintenance;
    expect(await saidAt(T0 - 1)).toBeNull();
    expect(await saidAt(T0)).toEqual({ until: '2026-11-24T13:00:00.000Z' });
    // No word of its end ever comes.
    expect(await saidAt(T0 + hour)).toBeNull();
    await database.query('update subjects set closed_at = now()');
    expect(await saidAt(T0)).toBeNull();
    await database.query('truncate maintenance');
  });

  test('a kit’s story holds its order’s emails and webhooks; its state and what needs attention are its own', async () => {
    await link();
    await seen(database, sealing, {
      subject: ORDER,
      role: 'recipient',
      person: person({ email: 'buyer@example.org' }),
      event: 'order.created',
      externalId: 'wh_order',
    });
    await seen(database, sealing, { subject: KIT, person: person(), externalId: 'wh_kit', at: T0 + 1 });
    await sent(ORDER, 'order.shipped', 'buyer@example.org');
    await ledger.record(
      {
        subject: ORDER,
        projection: { ...VIEW, state: 'shipped', attention: [{ code: 'bounced', since: T0 }] },
        decisions: [],
      },
      T0,
    );
    const story = (await ledger.told('123456789012')) as SubjectAnswer;
    expect(story).toMatchObject({ state: 'unknown', needsAttention: null, order: 'C4H-ORD-2024-001234' });
    expect(story.notifications.map(({ kind: which, to }) => [which, to])).toEqual([
      ['order.shipped', 'b•••@example.org'],
    ]);
    expect(story.webhooks.map(({ id }) => id)).toEqual(['wh_order', 'wh_kit']);
  });

  test('a webhook for a kit and its order is told once, as pending until both know it', async () => {
    await link();
    const seq = await seen(database, sealing, {
      subject: ORDER,
      role: null,
      event: 'order.shipped',
      externalId: 'wh_s',
    });
    await database.query(`insert into deliveries (subject, seq, priority, facts) values ($1, $2, 3, '{}')`, [KIT, seq]);
    await database.query('update deliveries set relayed_at = now() where subject = $1', [KIT]);
    expect(((await ledger.told('123456789012')) as SubjectAnswer).webhooks.map(({ status }) => status)).toEqual([
      'pending',
    ]);
    await database.query('update deliveries set relayed_at = now()');
    expect(((await ledger.told('123456789012')) as SubjectAnswer).webhooks.map(({ status }) => status)).toEqual([
      'relayed',
    ]);
  });

  test('an order lists itself and its kits; so does the Message-ID of one of its emails', async () => {
    await link();
    await seen(database, sealing, { subject: ORDER, role: 'recipient', person: person() });
    const messageId = await sent(ORDER, 'order.shipped');
    for (const query of ['c4h-ord-2024-001234', messageId, messageId.slice(1, -1)]) {
      const { subjects } = (await ledger.told(query)) as SubjectAnswers;
      expect(subjects.map(({ subject }) => subject)).toEqual([ORDER, KIT]);
    }
  });

  test('an address finds whoever is known under it and whoever was written to there, and nobody else', async () => {
    await seen(database, sealing, { subject: KIT, person: person({ email: 'zoe@example.com' }) });
    await seen(database, sealing, { subject: 'kit:000000000001', person: person({ email: 'zoe+lab@example.com' }) });
    await sent('kit:000000000002', 'kit.registered', 'ZOE@example.com');
    const { subjects } = (await ledger.told('Zoe@Example.com')) as SubjectAnswers;
    expect(subjects.map(({ subject }) => subject).sort()).toEqual(['kit:000000000002', KIT]);
    expect(await ledger.told('nobody@example.com')).toBeNull();
  });

  test('a kit of which only the order’s parcel is known is known', async () => {
    await link();
    expect(await ledger.told('123456789012')).toMatchObject({ subject: KIT, order: 'C4H-ORD-2024-001234' });
    expect(await ledger.told('123456789013')).toBeNull();
  });

  describe('of a kit that failed:', () => {
    const OTHERS = ['123456789010', '123456789011', '123456789013'] as const;
    const delivery = (subject: string, seq: number, facts: object): Promise<unknown> =>
      database.query('insert into deliveries (subject, seq, priority, facts) values ($1, $2, 3, $3)', [
        subject,
        seq,
        JSON.stringify({ cause: 'x', receivedAt: T0 + 99, at: T0, ...facts }),
      ]);
    const failed = (state = 'failed') =>
      ledger.record({ subject: KIT, projection: { ...VIEW, state, because: 'insufficient' }, decisions: [] }, T0);
    beforeEach(async () => {
      await link();
      await database.query(
        `insert into links (order_number, barcode) select 'C4H-ORD-2024-001234', unnest($1::text[])`,
        [OTHERS],
      );
    });

    test('why, and the kits shipped later in its order by their own times, the earliest first', async () => {
      const parcel = (at: number, ...barcodes: string[]) => ({ event: 'order.shipped', at, barcodes });
      const [first, second, third] = OTHERS;
      for (const subject of [KIT, ...OTHERS.map((barcode) => `kit:${barcode}`)]) {
        await delivery(subject, 1, parcel(T0 + 20, third));
        await delivery(subject, 2, parcel(T0, '123456789012', first));
      }
      await delivery(`kit:${second}`, 3, {
        event: 'partner.answered',
        learned: [{ event: 'kit.shipped', at: T0 + 10 }],
      });
      await failed();
      expect(await ledger.told('123456789012')).toMatchObject({
        because: 'insufficient',
        shippedLater: [second, third],
      });
      await failed('results.available');
      expect(await ledger.told('123456789012')).toMatchObject({ because: 'insufficient', shippedLater: [] });
    });

    test('no kit of which it isn’t known when it was shipped, nor any where that isn’t known of itself', async () => {
      const [first] = OTHERS;
      const heardOf = { event: 'partner.answered', learned: [{ event: 'kit.shipped', at: T0 + 99 }] };
      await delivery(`kit:${first}`, 1, heardOf);
      await delivery(KIT, 2, { event: 'order.shipped', barcodes: ['123456789012'] });
      await failed();
      expect(await ledger.told('123456789012')).toMatchObject({ shippedLater: [] });
      await database.query('delete from deliveries');
      await delivery(KIT, 1, heardOf);
      await delivery(`kit:${first}`, 2, { event: 'order.shipped', barcodes: [first] });
      expect(await ledger.told('123456789012')).toMatchObject({ shippedLater: [] });
    });

    test('what is known of its ways, with the times that were given', async () => {
      await delivery(KIT, 1, {
        event: 'partner.answered',
        learned: [
          { event: 'kit.posted', at: T0 + 99 },
          { event: 'kit.delivered', at: T0 + 5 },
          { event: 'kit.registered', at: T0 + 5 },
        ],
      });
      await failed();
      expect(((await ledger.told('123456789012')) as SubjectAnswer).transit).toEqual([
        { what: 'delivered', at: '2026-11-24T12:00:00.005Z', heardAt: '2026-11-24T12:00:00.099Z' },
        { what: 'posted', at: null, heardAt: '2026-11-24T12:00:00.099Z' },
      ]);
    });
  });

  test('what operators did is in the decisions, and not among the partner’s webhooks', async () => {
    await seen(database, sealing, { subject: KIT, person: person(), source: 'operator', externalId: 'op_1' });
    expect(((await ledger.told('123456789012')) as SubjectAnswer).webhooks).toEqual([]);
  });
});
