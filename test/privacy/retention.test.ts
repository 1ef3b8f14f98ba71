import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAudit } from '../../src/access/audit.js';
import type { Database } from '../../src/database/database.js';
import { DAY } from '../../src/domain/durations.js';
import { kitSubject, STAFF } from '../../src/domain/subjects.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { listWebhooks } from '../../src/inbox/webhooks.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createRetention, type Retention, type RetentionOptions } from '../../src/privacy/retention.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import {
  JANE,
  kitArrival,
  orderArrival,
  RECEIVED,
  testSealing,
  unnamed,
  unreadable,
  unreadableOf,
} from '../inbox/support.js';
import { newLedger } from '../ledger/support.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { named, TABLES } from './support.js';

const pause = (): Promise<void> => Promise.resolve();

describe.each(KINDS)('retention on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let intake: Intake;
  let ledger: Ledger;
  let now: number;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
  });
  beforeEach(async () => {
    await database.query(`truncate ${TABLES.join(', ')}, audit`);
    sealing = testSealing();
    intake = createIntake({ database, sealing });
    ledger = newLedger(database, sealing);
    now = RECEIVED + 91 * DAY;
  });
  afterAll(() => databases.stop());

  const retention = (over: Partial<RetentionOptions> = {}): Retention =>
    createRetention({ database, bodies: 90 * DAY, ledger: 365 * DAY, clock: () => now, ...over });

  const relayed = (): Promise<unknown> => database.query('update deliveries set relayed_at = now()');
  const ended = (subject: string, at = RECEIVED): Promise<unknown> =>
    database.query('update subjects set closed_at = $2 where subject = $1', [subject, new Date(at)]);
  const bodies = async (): Promise<Record<string, string>> => {
    const { webhooks } = await listWebhooks(database);
    return Object.fromEntries(webhooks.map(({ id, bodyState }) => [id, bodyState]));
  };

  test('deletes old bodies of journeys that have ended, says so before, and leaves facts and what knows repetitions', async () => {
    const old = kitArrival('OLD', 'kit.registered', { id: 'wh_old' });
    await intake.keep(old);
    await intake.keep(kitArrival('OPEN', 'kit.registered', { id: 'wh_open' }));
    await intake.keep({ ...kitArrival('OLD', 'kit.received_lab', { id: 'wh_young' }), receivedAt: RECEIVED + 2 * DAY });
    await relayed();
    await ended('kit:OLD');
    expect(await retention().due()).toMatchObject({ bodies: 1, heldByJourney: 1, journeys: 0, more: false });
    expect(await retention().last()).toBeNull();
    expect(await retention().run(pause)).toEqual({ bodies: 1, journeys: 0, alarmed: 0, auditRows: 0 });
    expect(await bodies()).toEqual({ wh_old: 'expired', wh_open: 'kept', wh_young: 'kept' });
    expect(await database.query('select count(*) as n from inbox_bodies')).toEqual([{ n: 2 }]);
    expect(await database.query('select count(*) as n from deliveries')).toEqual([{ n: 3 }]);
    expect(await intake.keep(old)).toEqual({ fresh: false });
    expect(await retention().due()).toMatchObject({ bodies: 0, heldByJourney: 1 });
    expect(await retention().last()).toEqual({
      at: new Date(now).toISOString(),
      bodies: 1,
      journeys: 0,
      alarmed: 0,
      auditRows: 0,
    });
  });

  test('keeps what an order’s kit may still need, until the last of its journeys has ended', async () => {
    await intake.keep(orderArrival('O1', 'order.created', { id: 'wh_order' }));
    await database.query(
      `insert into deliveries (subject, seq, priority, facts) select 'kit:K', seq, priority, facts from deliveries`,
    );
    await database.query("insert into subjects (subject) values ('kit:K')");
    await relayed();
    await ended('order:O1');
    expect(await retention().run(pause)).toMatchObject({ bodies: 0 });
    await ended('kit:K');
    expect(await retention().run(pause)).toMatchObject({ bodies: 1 });
  });

  test('never deletes what has not reached its journey, however old', async () => {
    await intake.keep(kitArrival('PENDING', 'kit.registered', { id: 'wh_pending' }));
    await ended('kit:PENDING');
    now += 3_650 * DAY;
    expect(await retention({ ledger: null }).run(pause)).toEqual({ bodies: 0, journeys: 0, alarmed: 0, auditRows: 0 });
    expect(await retention().due()).toMatchObject({ heldPending: 1, bodies: 0 });
    expect(await bodies()).toEqual({ wh_pending: 'kept' });
  });

  test('calls the team about what it could not read, and deletes it a week after that', async () => {
    await intake.keep(unreadable('{', 'wh_odd'));
    await relayed();
    expect(await retention().due()).toMatchObject({ alarmed: 1, bodies: 0 });
    expect(await retention().run(pause)).toEqual({ bodies: 0, journeys: 0, alarmed: 1, auditRows: 0 });
    expect(await bodies()).toEqual({ wh_odd: 'kept' });
    expect(await ledger.told(STAFF)).toMatchObject({ attention: [{ code: 'unreadable_webhook' }] });
    expect(await ledger.alerts.waiting('minute', 0)).toMatchObject([{ subject: 'webhook:wh_odd' }]);
    now += 6 * DAY;
    await relayed();
    expect(await retention().run(pause)).toEqual({ bodies: 0, journeys: 0, alarmed: 0, auditRows: 0 });
    expect(await retention().due()).toMatchObject({ heldQuarantined: 1 });
    now += 2 * DAY;
    expect(await retention().run(pause)).toEqual({ bodies: 1, journeys: 0, alarmed: 0, auditRows: 0 });
    expect(await bodies()).toEqual({ wh_odd: 'expired' });
  });

  test('calls again about what the team was called about when it came, also if that was acknowledged', async () => {
    await intake.keep(unnamed('{', 'wh_unnamed'));
    const acknowledge = {
      ...kitArrival('X', 'operator.acknowledge', { id: 'op_1' }),
      source: 'operator' as const,
    };
    await intake.keep({ ...acknowledge, routed: acknowledge.routed.map((one) => ({ ...one, subject: STAFF })) });
    await relayed();
    await ledger.alerts.projectStaff();
    expect(await ledger.told(STAFF)).toMatchObject({ attention: [] });
    expect(await retention().run(pause)).toMatchObject({ alarmed: 1 });
    expect(await ledger.told(STAFF)).toMatchObject({ attention: [{ code: 'unreadable_webhook' }] });
    const pending = await database.query("select 1 from deliveries where subject = 'staff' and relayed_at is null");
    expect(pending).toHaveLength(1);
  });

  test('goes through more than one batch, past what is kept, and stops where it is told to', async () => {
    await Promise.all(
      Array.from({ length: 450 }, (_, nth) =>
        intake.keep(kitArrival(nth % 2 === 0 ? 'OPEN' : 'DONE', 'kit.registered', { id: `wh_${String(nth)}` })),
      ),
    );
    await relayed();
    await ended('kit:DONE');
    let rests = 0;
    const stopping = (): Promise<void> => (++rests === 2 ? Promise.reject(new Error('stop')) : Promise.resolve());
    await expect(retention().run(stopping)).rejects.toThrow('stop');
    const { bodies: left } = await retention().due();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(225);
    expect(await retention().run(pause)).toMatchObject({ bodies: left });
    expect(await database.query('select count(*) as n from inbox_bodies')).toEqual([{ n: 225 }]);
  });

  test('of a journey that ended long ago nobody is known any more, and what comes later is kept again', async () => {
    const subject = kitSubject('LONG');
    await intake.keep(kitArrival('LONG', 'kit.registered', named(JANE, 'patient', sealing)));
    await relayed();
    await ended(subject);
    now = RECEIVED + 366 * DAY;
    expect(await retention({ bodies: null }).due()).toMatchObject({ journeys: 1, bodies: 0 });
    expect(await retention({ bodies: null }).run(pause)).toEqual({ bodies: 0, journeys: 1, alarmed: 0, auditRows: 0 });
    expect(await retention({ bodies: null }).run(pause)).toEqual({ bodies: 0, journeys: 0, alarmed: 0, auditRows: 0 });
    expect(await database.query('select 1 from contacts')).toEqual([]);
    expect(await database.query('select 1 from inbox_bodies')).toEqual([]);
    expect(await ledger.told('LONG')).toMatchObject({ erased: null, webhooks: [{ bodyState: 'expired' }] });

    await intake.keep(kitArrival('LONG', 'results.available', named(JANE, 'patient', sealing)));
    expect(await ledger.contactFor(subject, 'patient')).toMatchObject({ email: JANE.email });
    await relayed();
    await ended(subject, now + DAY);
    now += 400 * DAY;
    expect(await retention({ bodies: null }).run(pause)).toMatchObject({ journeys: 1 });
    expect(await database.query('select 1 from contacts')).toEqual([]);
  });

  test('calls the team before what nobody could read goes with its journey, also where bodies are kept for ever', async () => {
    const subject = kitSubject('ODD');
    await intake.keep(kitArrival('ODD', 'kit.registered', named(JANE, 'patient', sealing)));
    await intake.keep(unreadableOf('ODD', '{', 'wh_odd'));
    await intake.keep(kitArrival('NEXT', 'kit.registered', named(JANE, 'patient', sealing)));
    await relayed();
    await ended(subject);
    await ended('kit:NEXT');
    now = RECEIVED + 366 * DAY;
    const only = retention({ bodies: null });
    expect(await only.due()).toMatchObject({ journeys: 1, alarmed: 1, heldQuarantined: 0 });
    expect(await only.run(pause)).toEqual({ bodies: 0, journeys: 1, alarmed: 1, auditRows: 0 });
    expect(await bodies()).toMatchObject({ wh_odd: 'kept' });
    expect(await ledger.told(STAFF)).toMatchObject({ attention: [{ code: 'unreadable_webhook' }] });
    await relayed();
    expect(await only.due()).toMatchObject({ journeys: 0, alarmed: 0, heldQuarantined: 1 });
    now += 6 * DAY;
    expect(await only.run(pause)).toMatchObject({ journeys: 0, alarmed: 0 });
    expect(await database.query('select 1 from contacts')).toHaveLength(1);
    now += 2 * DAY;
    expect(await only.run(pause)).toMatchObject({ journeys: 1, alarmed: 0 });
    expect(await bodies()).toMatchObject({ wh_odd: 'expired' });
    expect(await database.query('select 1 from contacts')).toEqual([]);
  });

  test('keeps a journey that ended long ago while something has not reached it', async () => {
    await intake.keep(kitArrival('PENDING', 'kit.registered', named(JANE, 'patient', sealing)));
    await ended('kit:PENDING');
    now = RECEIVED + 366 * DAY;
    const only = retention({ bodies: null });
    expect(await only.due()).toMatchObject({ journeys: 0, heldPending: 1 });
    expect(await only.run(pause)).toMatchObject({ journeys: 0 });
    await relayed();
    expect(await only.run(pause)).toMatchObject({ journeys: 1 });
  });

  test('many that are held keep none behind them from going', async () => {
    for (let nth = 0; nth < 25; nth += 1) {
      const name = `H${String(nth).padStart(2, '0')}`;
      await intake.keep(unreadableOf(name, `{${String(nth)}`, `wh_${name}`));
    }
    await intake.keep(kitArrival('LAST', 'kit.registered', named(JANE, 'patient', sealing)));
    await relayed();
    await database.query('update subjects set closed_at = $1', [new Date(RECEIVED)]);
    await ended('kit:LAST', RECEIVED + 1);
    now = RECEIVED + 366 * DAY;
    expect(await retention({ bodies: null }).run(pause)).toMatchObject({ journeys: 1, alarmed: 25 });
  });

  test('deletes what the audit holds of longer ago than the ledger, and says so before', async () => {
    const audit = createAudit(database, sealing);
    const entry = { actor: null, act: 'told', subject: null, sender: 'x', outcome: 'done', reason: null } as const;
    const days = [0, 2, 400];
    await audit.write(days.map((day) => ({ ...entry, at: RECEIVED + day * DAY })));
    now = RECEIVED + 366 * DAY;
    expect(await retention().due()).toMatchObject({ auditRows: 1 });
    expect(await retention().run(pause)).toMatchObject({ auditRows: 1 });
    expect(await database.query('select 1 from audit')).toHaveLength(2);
    expect(await retention({ ledger: null }).run(pause)).toMatchObject({ auditRows: 0 });
    await expect(database.query('update audit set outcome = $1', ['x'])).rejects.toThrow('append-only');
  });

  test('deletes nothing where both settings are empty', async () => {
    await intake.keep(kitArrival('EVER', 'kit.registered', { person: JANE }));
    await relayed();
    await ended('kit:EVER');
    now += 3_650 * DAY;
    const never = retention({ bodies: null, ledger: null });
    expect(await never.due()).toMatchObject({ bodies: 0, journeys: 0 });
    expect(await never.run(pause)).toEqual({ bodies: 0, journeys: 0, alarmed: 0, auditRows: 0 });
    expect(await database.query('select 1 from inbox_bodies')).toHaveLength(1);
  });
});
