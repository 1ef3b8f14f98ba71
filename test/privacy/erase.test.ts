import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { kitSubject, orderSubject } from '../../src/domain/subjects.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createRecipients } from '../../src/ledger/recipients.js';
import { createErasing, type Erasing } from '../../src/privacy/erase.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { joinOrdersAndKits } from '../../src/relay/pending.js';
import { JANE, kitArrival, orderArrival, testSealing } from '../inbox/support.js';
import { newLedger, request } from '../ledger/support.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { named, OMAR, TABLES } from './support.js';

const KIT = 'K100000009012';
const SUBJECT = kitSubject(KIT);

describe.each(KINDS)('erasing on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let intake: Intake;
  let ledger: Ledger;
  let erasing: Erasing;
  let woken: number;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
  });
  beforeEach(async () => {
    await database.query(`truncate ${TABLES.join(', ')}`);
    sealing = testSealing();
    intake = createIntake({ database, sealing });
    ledger = newLedger(database, sealing);
    woken = 0;
    erasing = createErasing({ database, sealing, wake: () => (woken += 1) });
  });
  afterAll(() => databases.stop());

  const bodyStates = async (subject: string): Promise<string[]> =>
    (
      await ledger.told(subject.slice(subject.indexOf(':') + 1)).then((told) => {
        const stories = told === null ? [] : 'subjects' in told ? told.subjects : [told];
        return stories.find((one) => one.subject === subject)?.webhooks ?? [];
      })
    ).map(({ bodyState }) => bodyState);

  /** Sends one email as an attempt would, up to the mail server's answer. */
  async function send(subject = SUBJECT): Promise<void> {
    const claimed = await ledger.claim(request({ subject }));
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    const to = { email: JANE.email ?? '', address: ledger.addressOf(JANE.email ?? '') };
    ledger.heartbeat.start();
    expect(await ledger.beginHandOver(claimed.claim, to, [subject])).toBe(true);
    await ledger.settle(claimed.claim, {
      status: 'sent',
      reason: null,
      at: Date.now(),
      sealed: { to: to.email, reply: '250 taken for jane' },
    });
    ledger.letGo(claimed.claim);
    await ledger.heartbeat.stop();
  }

  test('takes the body, the contact, the address and its hashes, and leaves what happened', async () => {
    await intake.keep(kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing)));
    await send();
    const certificate = await erasing.erase({ subject: SUBJECT }, 'pia');
    expect(certificate).toMatchObject({
      state: 'done',
      repeated: false,
      by: 'pia',
      subjects: [{ what: 'kit', ending: '9012' }],
    });
    expect(certificate?.erased.map(({ where, count }) => [where, count])).toEqual([
      ['inbox_bodies', 1],
      ['inbox_bodies', 0],
      ['inbox_bodies', 0],
      ['inbox_bodies', 0],
      ['contacts', 1],
      ['notifications', 1],
      ['deliveries', 1],
    ]);
    expect(await database.query('select 1 from inbox_bodies')).toEqual([]);
    expect(await database.query('select 1 from contacts')).toEqual([]);
    expect(await ledger.told(JANE.email ?? '')).toBeNull();
    expect(await ledger.told(KIT)).toMatchObject({
      erased: { by: 'pia', doneAt: expect.any(String) },
      notifications: [{ kind: 'kit.registered', status: 'sent', to: null, smtpReply: null }],
      webhooks: [{ event: 'kit.registered', bodyState: 'erased' }],
    });
    const { trace } = named(JANE, 'patient', sealing);
    const facts = JSON.stringify(await database.query('select facts from deliveries'));
    for (const hash of [trace.address, trace.name?.full, trace.name?.first]) expect(facts).not.toContain(hash);
    expect(facts).toContain('"hasContact":true');
  });

  test('tells the journey on the one way in, and what comes later keeps its facts and nobody', async () => {
    await intake.keep(kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing)));
    await erasing.erase({ subject: SUBJECT }, null);
    expect(woken).toBe(1);
    await intake.keep(kitArrival(KIT, 'results.available', named(JANE, 'patient', sealing)));
    const facts = await database.query<{
      event: string;
      address: string | null;
      contact: boolean | null;
      pending: boolean;
    }>(
      `select facts->>'event' as event, facts->'person'->>'address' as address,
         (facts->'person'->>'hasContact')::boolean as contact, relayed_at is null as pending
       from deliveries where subject = $1 order by seq`,
      [SUBJECT],
    );
    expect(facts).toEqual([
      { event: 'kit.registered', address: null, contact: true, pending: true },
      { event: 'operator.erase', address: null, contact: null, pending: true },
      { event: 'results.available', address: null, contact: true, pending: true },
    ]);
    expect(await bodyStates(SUBJECT)).toEqual(['erased', 'erased']);
    expect(await database.query('select 1 from contacts')).toEqual([]);
  });

  test('leaves an order’s recipient with its kit’s patient gone, says so, and the other way round', async () => {
    const order = 'C4H-77';
    await intake.keep(orderArrival(order, 'order.created', named(OMAR, 'recipient', sealing)));
    await intake.keep(orderArrival(order, 'order.shipped', { barcodes: [KIT] }));
    await intake.keep(kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing)));
    while (await joinOrdersAndKits(database, createRecipients(sealing)));
    const first = await erasing.erase({ subject: SUBJECT }, null);
    expect(first?.stillKnown).toEqual([orderSubject(order)]);
    expect(await ledger.contactFor(orderSubject(order), 'recipient')).toMatchObject({ email: OMAR.email });
    expect(await bodyStates(orderSubject(order))).toEqual(['kept', 'kept']);

    const second = await erasing.erase({ subject: orderSubject(order) }, null);
    expect(second?.stillKnown).toEqual([]);
    expect(await bodyStates(orderSubject(order))).toEqual(['erased', 'erased']);
    expect(await database.query('select 1 from inbox_bodies')).toEqual([]);
    const traces = await database.query(`select 1 from deliveries where facts->'person'->>'address' is not null`);
    expect(traces).toEqual([]);
  });

  test('an order’s traces go from its kits too, and a kit’s own stay', async () => {
    const order = 'C4H-78';
    await intake.keep(orderArrival(order, 'order.created', named(OMAR, 'recipient', sealing)));
    await intake.keep(orderArrival(order, 'order.shipped', { barcodes: [KIT] }));
    await intake.keep(kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing)));
    while (await joinOrdersAndKits(database, createRecipients(sealing)));
    expect(await erasing.erase({ subject: orderSubject(order) }, null)).toMatchObject({ stillKnown: [SUBJECT] });
    expect(
      await database.query(
        `select facts->'person'->>'role' as role, facts->'person'->>'address' is not null as known
         from deliveries where subject = $1 and facts ? 'person' order by seq`,
        [SUBJECT],
      ),
    ).toEqual([
      { role: 'recipient', known: false },
      { role: 'patient', known: true },
    ]);
    expect(await ledger.contactFor(SUBJECT, 'patient')).toMatchObject({ email: JANE.email });
  });

  test('finds by an address every kit and order that knows it or was written to there', async () => {
    await intake.keep(kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing)));
    await intake.keep(
      kitArrival('K2', 'kit.registered', named({ ...JANE, email: 'JANE.ZYXW@Example.com' }, 'patient', sealing)),
    );
    await intake.keep(kitArrival('K3', 'kit.registered', named(OMAR, 'patient', sealing)));
    await intake.keep(orderArrival('O1', 'order.created', named(JANE, 'recipient', sealing)));
    await send(kitSubject('K4'));
    const certificate = await erasing.erase({ email: ' Jane.Zyxw@example.COM ' }, null);
    expect(certificate?.subjects.map(({ what, ending }) => `${what} ${ending}`)).toEqual([
      'kit 9012',
      'kit K2',
      'kit K4',
      'order O1',
    ]);
    expect(await database.query('select subject from contacts')).toEqual([{ subject: 'kit:K3' }]);
    expect(await erasing.erase({ email: JANE.email ?? '' }, null)).toMatchObject({
      id: certificate?.id,
      repeated: true,
    });
  });

  test('leaves stops and suppressions, and that a repeated webhook is known', async () => {
    const webhook = kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing));
    await intake.keep(webhook);
    await ledger.suppress(ledger.addressOf(JANE.email ?? ''), 'all', 'operator:1', Date.now());
    await erasing.erase({ subject: SUBJECT }, null);
    expect(await intake.keep(webhook)).toEqual({ fresh: false });
    expect([...(await ledger.scopesOf(JANE.email ?? ''))]).toEqual(['all']);
    expect(await database.query('select 1 from inbox_bodies')).toEqual([]);
  });

  test('knows nobody under a barcode that never came, and a kit that only a shipment has named', async () => {
    expect(await erasing.erase({ subject: kitSubject('NOBODY') }, null)).toBeNull();
    expect(await erasing.erase({ email: 'nobody@example.com' }, null)).toBeNull();
    await intake.keep(orderArrival('O9', 'order.shipped', { barcodes: ['SHIPPED'] }));
    expect(await erasing.erase({ subject: kitSubject('SHIPPED') }, null)).toMatchObject({ state: 'done' });
    await intake.keep(kitArrival('SHIPPED', 'kit.registered', named(JANE, 'patient', sealing)));
    expect(await database.query('select 1 from contacts')).toEqual([]);
  });

  test('asked twice it answers what was done, and changes nothing', async () => {
    await intake.keep(kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing)));
    const first = await erasing.erase({ subject: SUBJECT }, 'pia');
    const second = await erasing.erase({ subject: SUBJECT }, 'omar');
    expect(second).toEqual({ ...first, repeated: true });
    expect(await erasing.certificate(first?.id ?? '')).toEqual(first);
    expect(await database.query("select 1 from inbox where event = 'operator.erase'")).toHaveLength(1);
  });

  test('of two who ask at one moment both get the one certificate', async () => {
    await intake.keep(kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing)));
    const both = await Promise.all([1, 2, 3].map(() => erasing.erase({ subject: SUBJECT }, null)));
    expect(new Set(both.map((one) => one?.id)).size).toBe(1);
    expect(both.filter((one) => one?.repeated === false)).toHaveLength(1);
  });

  describe('an email that is leaving', () => {
    const claimed = async () => {
      const taken = await ledger.claim(request({ subject: SUBJECT }));
      if (taken.outcome !== 'claimed') throw new Error(taken.outcome);
      return taken.claim;
    };
    const to = () => ({ email: JANE.email ?? '', address: ledger.addressOf(JANE.email ?? '') });

    beforeEach(async () => {
      await intake.keep(kitArrival(KIT, 'kit.registered', named(JANE, 'patient', sealing)));
    });

    test('is waited for with everything fenced, and then all of it is gone', async () => {
      ledger.heartbeat.start();
      const claim = await claimed();
      expect(await ledger.beginHandOver(claim, to(), [SUBJECT])).toBe(true);
      const asked = await erasing.erase({ subject: SUBJECT }, null);
      expect(asked).toMatchObject({ state: 'pending', doneAt: null });
      expect(await bodyStates(SUBJECT)).toEqual(['kept']);
      expect(await erasing.resume()).toBe(0);
      await ledger.settle(claim, {
        status: 'sent',
        reason: null,
        at: Date.now(),
        sealed: { to: to().email, reply: '250 jane' },
      });
      expect(await erasing.resume()).toBe(1);
      expect(await erasing.resume()).toBe(0);
      expect(await erasing.certificate(asked?.id ?? '')).toMatchObject({ state: 'done' });
      expect(await database.query('select status, sealed, recipient_hash from notifications')).toEqual([
        { status: 'sent', sealed: null, recipient_hash: null },
      ]);
      await ledger.heartbeat.stop();
    });

    test('has not begun: it goes no more, and another process ends what this one began', async () => {
      ledger.heartbeat.start();
      const claim = await claimed();
      await erasing.erase({ subject: SUBJECT }, null);
      expect(await ledger.beginHandOver(claim, to(), [SUBJECT])).toBe(false);
      await ledger.settle(claim, { status: 'not_sent', reason: 'erased', at: Date.now() });
      expect(await createErasing({ database, sealing }).resume()).toBe(1);
      await ledger.heartbeat.stop();
    });

    test('whose process died holds up nothing once its lease has ended, and its late answer names nobody', async () => {
      const brief = newLedger(database, sealing, 0);
      brief.heartbeat.start();
      const taken = await brief.claim(request({ subject: SUBJECT }));
      if (taken.outcome !== 'claimed') throw new Error(taken.outcome);
      expect(await brief.beginHandOver(taken.claim, to(), [SUBJECT])).toBe(true);
      expect(await erasing.erase({ subject: SUBJECT }, null)).toMatchObject({ state: 'done' });
      const late = {
        status: 'sent',
        reason: null,
        at: Date.now(),
        sealed: { to: to().email, reply: '250 jane' },
      } as const;
      expect(await brief.settle(taken.claim, late)).toBe(false);
      expect(await database.query('select sealed from notifications')).toEqual([{ sealed: null }]);
      await brief.heartbeat.stop();
    });
  });
});
