import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { createAlerts } from '../../src/ledger/alerts.js';
import { answerAbout } from '../../src/ledger/answer.js';
import { maintenanceAt } from '../../src/ledger/maintenance.js';
import { oneSubject } from '../../src/ledger/subjects.js';
import { replayWebhook } from '../../src/inbox/replay.js';
import { listWebhooks, openBody, showWebhook, type WebhookFilter } from '../../src/inbox/webhooks.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { JANE, kitArrival, orderArrival, RECEIVED, testSealing, unnamed, unreadable, unreadableOf } from './support.js';

describe.each(KINDS)('what came in, on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let intake: Intake;
  const sealing = testSealing();

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    intake = createIntake({ database, sealing });
  });
  afterAll(() => databases.stop());

  const seqOf = async (id: string): Promise<number> => (await showWebhook(database, id))[0]?.seq ?? -1;

  test('is listed newest first, in pages that miss and repeat nothing while more comes in', async () => {
    for (let n = 0; n < 7; n++) await intake.keep(kitArrival('LIST', 'kit.registered', { id: `wh_list_${String(n)}` }));
    const seen: string[] = [];
    let before: number | null = null;
    do {
      const filter: WebhookFilter = { subject: 'kit:LIST', limit: 3, ...(before === null ? {} : { before }) };
      const page = await listWebhooks(database, filter);
      seen.push(...page.webhooks.map(({ id }) => id));
      before = page.next;
      await intake.keep(kitArrival('LIST', 'kit.received_lab'));
    } while (before !== null);
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `wh_list_${String(n)}`));
  });

  test('can be filtered by status, event and source, each alone and together', async () => {
    await intake.keep(kitArrival('FILTER', 'results.available', { id: 'wh_pending' }));
    await intake.keep(kitArrival('FILTER', 'results.available', { id: 'wh_relayed' }));
    await intake.keep({ ...kitArrival('FILTER', 'results.available', { id: 'wh_partner' }), source: 'partner' });
    await intake.keep(unreadable('{', 'wh_quarantined'));
    await database.query('update deliveries set relayed_at = now() where seq = $1', [await seqOf('wh_relayed')]);
    const idsOf = async (filter: WebhookFilter) => {
      const { webhooks } = await listWebhooks(database, filter);
      return webhooks.map(({ id }) => id).filter((id) => /^wh_(pending|relayed|partner|quarantined)$/.test(id));
    };
    expect(await idsOf({ status: 'quarantined' })).toEqual(['wh_quarantined']);
    expect(await idsOf({ status: 'pending' })).toEqual(['wh_partner', 'wh_pending']);
    expect(await idsOf({ status: 'relayed' })).toEqual(['wh_relayed']);
    expect(await idsOf({ event: 'results.available' })).toEqual(['wh_partner', 'wh_relayed', 'wh_pending']);
    expect(await idsOf({ source: 'partner' })).toEqual(['wh_partner']);
    expect(await idsOf({ status: 'pending', source: 'c4hxp', subject: 'kit:FILTER' })).toEqual(['wh_pending']);
  });

  test('is shown by its id, or by the keyed hash of its body where it has none', async () => {
    await intake.keep(unreadable('no id at all'));
    const id = `body:${sealing.hash('body', Buffer.from('no id at all')).toString('hex')}`;
    expect(await showWebhook(database, id)).toMatchObject([
      { id, event: null, status: 'quarantined', reason: 'not_json', subjects: [], bodyState: 'kept' },
    ]);
    expect(await showWebhook(database, 'wh_nobody_knows')).toEqual([]);
    expect(await showWebhook(database, 'body:zz')).toEqual([]);
  });

  test('keeps its bytes as they came', async () => {
    const raw = '{"odd": "\\u0000 é \uD800"}';
    await intake.keep(unreadable(raw, 'wh_bytes'));
    expect(await openBody(database, sealing, await seqOf('wh_bytes'))).toEqual(Buffer.from(raw));
    expect(await openBody(database, sealing, -1)).toBeNull();
  });

  describe('that can’t be read, and names a kit', () => {
    const deliveries = (barcode: string) =>
      database.query<{ seq: number; event: string; priority: number; relayed: boolean }>(
        `select seq, facts->>'event' as event, priority, relayed_at is not null as relayed from deliveries
         where subject = $1 order by seq`,
        [`kit:${barcode}`],
      );
    const toldOf = async (barcode: string) =>
      (await answerAbout(database, sealing, `kit:${barcode}`, RECEIVED)).webhooks.map(({ id, status, reason }) => ({
        id,
        status,
        reason,
      }));

    test('is handed to its journey, as pressing as results, and told as quarantined', async () => {
      await intake.keep(unreadableOf('ODD', 'odd', 'wh_odd'));
      expect(await intake.keep(unreadableOf('ODD', 'odd', 'wh_odd'))).toEqual({ fresh: false });
      expect(await deliveries('ODD')).toMatchObject([{ event: 'webhook.unreadable', priority: 1, relayed: false }]);
      const told = [{ id: 'wh_odd', status: 'quarantined', reason: 'not_json' }];
      expect(await toldOf('ODD')).toEqual(told);
      await database.query("update deliveries set relayed_at = now() where subject = 'kit:ODD'");
      expect(await toldOf('ODD')).toEqual(told);
      expect(await showWebhook(database, 'wh_odd')).toMatchObject([{ status: 'quarantined', subjects: ['kit:ODD'] }]);
    });

    test('opens a journey that had ended', async () => {
      await intake.keep(kitArrival('ENDED', 'kit.registered'));
      await database.query("update subjects set closed_at = now() where subject = 'kit:ENDED'");
      await intake.keep(unreadableOf('ENDED', 'ended', 'wh_ended'));
      expect(await database.query("select closed_at from subjects where subject = 'kit:ENDED'")).toEqual([
        { closed_at: null },
      ]);
    });

    test('leaves no body where its kit was erased', async () => {
      await intake.keep(kitArrival('GONE', 'kit.registered'));
      await database.query("update subjects set erased_at = now() where subject = 'kit:GONE'");
      await intake.keep(unreadableOf('GONE', 'of somebody erased', 'wh_gone'));
      expect(await showWebhook(database, 'wh_gone')).toMatchObject([{ bodyState: 'erased' }]);
      expect(await openBody(database, sealing, await seqOf('wh_gone'))).toBeNull();
    });

    test.each([
      [false, ['results.available']],
      [true, ['webhook.unreadable', 'results.available']],
    ])('is read by a replay after a fix, its journey told of the one before: %s', async (relayed, events) => {
      const barcode = relayed ? 'TOLD' : 'UNTOLD';
      const id = `wh_${barcode}`;
      await intake.keep(unreadableOf(barcode, `fixed ${barcode}`, id));
      const seq = await seqOf(id);
      if (relayed) await database.query('update deliveries set relayed_at = now() where seq = $1', [seq]);
      const read = (raw: Buffer) => kitArrival(barcode, 'results.available', { id, raw: raw.toString() });
      expect(await replayWebhook({ database, sealing }, seq, read)).toEqual({
        outcome: 'accepted',
        seq: await seqOf(id),
      });
      const after = await deliveries(barcode);
      expect(after.map(({ event }) => event)).toEqual(events);
      expect(after.at(-1)).toMatchObject({ relayed: false, seq: await seqOf(id) });
      expect(await toldOf(barcode)).toEqual([{ id, status: 'pending', reason: null }]);
    });

    test('is not handed on anew by a replay that still can’t read it', async () => {
      await intake.keep(unreadableOf('STILL', 'still odd', 'wh_still_odd'));
      const seq = await seqOf('wh_still_odd');
      const read = () => unreadableOf('STILL', 'still odd', 'wh_still_odd');
      expect((await replayWebhook({ database, sealing }, seq, read)).outcome).toBe('still_quarantined');
      expect(await deliveries('STILL')).toHaveLength(1);
    });
  });

  describe('can’t be read, may be about results and names nobody', () => {
    const alerts = createAlerts({ query: (statement, params) => database.query(statement, params) }, testSealing());
    const waiting = async () => (await alerts.waiting('minute', RECEIVED)).map(({ subject }) => subject);
    const attention = async () => {
      await alerts.projectStaff();
      return (await oneSubject(database, 'staff'))?.needsAttention?.code;
    };
    beforeEach(() => database.query("delete from deliveries where subject = 'staff'"));

    test('is kept for the team in the moment in which it is kept, once, by the id that shows it', async () => {
      for (let times = 0; times < 2; times++) await intake.keep(unnamed('nobody', 'wh_nobody'));
      await intake.keep(unnamed('nobody without an id', null));
      const [first, second, ...others] = await waiting();
      expect([first, others]).toEqual(['webhook:wh_nobody', []]);
      expect(await showWebhook(database, second?.slice('webhook:'.length) ?? '')).toMatchObject([
        { status: 'quarantined', subjects: ['staff'] },
      ]);
      expect(await attention()).toBe('unreadable_webhook');
    });

    test('is no matter for the team any more once a replay has read it; the others are', async () => {
      await intake.keep(unnamed('mended', 'wh_mended'));
      await intake.keep(unnamed('not mended', 'wh_not_mended'));
      const read = () => kitArrival('MENDED', 'results.available', { id: 'wh_mended', raw: 'mended' });
      expect(await replayWebhook({ database, sealing }, await seqOf('wh_mended'), read)).toMatchObject({
        outcome: 'accepted',
      });
      expect(await waiting()).toEqual(['webhook:wh_not_mended']);
      expect(await attention()).toBe('unreadable_webhook');
      await replayWebhook({ database, sealing }, await seqOf('wh_not_mended'), () =>
        kitArrival('MENDED', 'results.reviewed', { id: 'wh_not_mended', raw: 'not mended' }),
      );
      expect([await waiting(), (await oneSubject(database, 'staff'))?.needsAttention]).toEqual([[], null]);
    });
  });

  describe('can be replayed', () => {
    const readAs = (id: string): Arrival => kitArrival('REPLAY', 'kit.registered', { id, person: JANE, raw: 'fixed' });

    test('after a fix: what was quarantined goes the way of every arrival', async () => {
      await intake.keep(unreadable('fixed', 'wh_fix'));
      await intake.keep(unreadable('fixed', 'wh_fix'));
      const seq = await seqOf('wh_fix');
      const read = (raw: Buffer, receivedAt: number): Arrival => {
        expect([raw.toString(), receivedAt]).toEqual(['fixed', RECEIVED]);
        return readAs('wh_fix');
      };
      const replay = await replayWebhook({ database, sealing }, seq, read);
      expect(replay).toEqual({ outcome: 'accepted', seq: await seqOf('wh_fix') });
      expect(await showWebhook(database, 'wh_fix')).toMatchObject([
        { status: 'pending', duplicates: 1, reason: null, subjects: ['kit:REPLAY'] },
      ]);
      expect(await openBody(database, sealing, await seqOf('wh_fix'))).toEqual(Buffer.from('fixed'));
      // And it is known from now on, should the sender repeat it.
      expect(await intake.keep(readAs('wh_fix'))).toEqual({ fresh: false });
    });

    test('and stays in quarantine, with the present reason, when it still can not be read', async () => {
      await intake.keep(unreadable('still bad', 'wh_still'));
      const read = () => ({ ...unreadable('still bad', 'wh_still'), reason: 'invalid_data:data.kit_barcode' });
      expect(await replayWebhook({ database, sealing }, await seqOf('wh_still'), read)).toEqual({
        outcome: 'still_quarantined',
        reason: 'invalid_data:data.kit_barcode',
      });
      expect((await showWebhook(database, 'wh_still'))[0]?.reason).toBe('invalid_data:data.kit_barcode');
    });

    test('and is told twice to nobody when the sender repeated it meanwhile', async () => {
      await intake.keep(unreadable('fixed', 'wh_meanwhile'));
      const seq = await seqOf('wh_meanwhile');
      await intake.keep(readAs('wh_meanwhile'));
      expect(await replayWebhook({ database, sealing }, seq, () => readAs('wh_meanwhile'))).toEqual({
        outcome: 'known_already',
      });
      const rows = await database.query('select 1 from deliveries where seq = $1', [seq]);
      expect(rows).toEqual([]);
    });

    test('to its journeys once more when it had been accepted', async () => {
      await intake.keep(kitArrival('AGAIN', 'kit.registered', { id: 'wh_again' }));
      await database.query("update deliveries set relayed_at = now() where subject = 'kit:AGAIN'");
      const seq = await seqOf('wh_again');
      const read = () => unreadable('never asked');
      expect(await replayWebhook({ database, sealing }, seq, read)).toEqual({ outcome: 'accepted', seq });
      expect((await showWebhook(database, 'wh_again'))[0]?.status).toBe('pending');
    });

    test('not when it is unknown or its body has expired', async () => {
      await intake.keep(unreadable('expired', 'wh_expired'));
      const seq = await seqOf('wh_expired');
      await database.query('delete from inbox_bodies');
      const read = () => unreadable('never asked');
      expect(await replayWebhook({ database, sealing }, seq, read)).toEqual({ outcome: 'body_expired' });
      expect(await replayWebhook({ database, sealing }, 10 ** 9, read)).toEqual({ outcome: 'not_found' });
    });
  });

  describe('the partner’s maintenance', () => {
    const HOUR = 60 * 60 * 1000;
    const NOON = RECEIVED;
    const word = (over: boolean, from: number | null, until: number | null, at: number): Arrival => ({
      ...orderArrival('unused', 'order.created'),
      event: over ? 'system.maintenance_completed' : 'system.maintenance_scheduled',
      eventAt: at,
      routed: [],
      maintenance: { from, until, over },
    });
    const openAt = async (hours: number) => (await maintenanceAt(database, NOON + hours * HOUR))?.until ?? null;
    const fresh = () => database.query('truncate maintenance');

    test('lasts from its start to its end, or until the partner says that it is over', async () => {
      await fresh();
      await intake.keep(word(false, NOON + HOUR, NOON + 3 * HOUR, NOON));
      expect(await openAt(0)).toBeNull();
      expect(await openAt(1)).toEqual(new Date(NOON + 3 * HOUR));
      expect(await openAt(3)).toBeNull();
      await intake.keep(word(true, null, null, NOON + 2 * HOUR));
      expect(await openAt(1.5)).toEqual(new Date(NOON + 3 * HOUR));
      expect(await openAt(2)).toBeNull();
    });

    test('is over also when the word of its end came first, and a later one is not ended by it', async () => {
      await fresh();
      await intake.keep(word(true, null, null, NOON + 2 * HOUR));
      await intake.keep(word(false, NOON + HOUR, NOON + 5 * HOUR, NOON));
      await intake.keep(word(false, NOON + 6 * HOUR, NOON + 7 * HOUR, NOON));
      expect(await openAt(2.5)).toBeNull();
      expect(await openAt(6)).toEqual(new Date(NOON + 7 * HOUR));
    });

    test('ends by itself when no end is known and no completion comes', async () => {
      await fresh();
      await intake.keep(word(false, null, null, NOON));
      expect(await openAt(1)).toEqual(new Date(NOON + 12 * HOUR));
      expect(await openAt(12)).toBeNull();
    });
  });
});
