import { describe, expect, test } from '@jest/globals';
import type { Arrival } from '../../src/domain/arrivals.js';
import { T0 } from '../ledger/support.js';
import { operatorsUnderTest, SUPPORT } from './support.js';

describe('the operators’ app', () => {
  const { world, ask } = operatorsUnderTest();

  describe('shows webhooks', () => {
    const arrival = (over: Partial<Arrival>): Arrival => ({
      source: 'c4hxp',
      externalId: 'wh_1',
      event: null,
      verdict: 'quarantined',
      reason: 'unknown_event',
      eventAt: null,
      receivedAt: T0,
      raw: Buffer.from('{"event":"result.available"}'),
      routed: [],
      links: [],
      ...over,
    });

    test('newest first, by status, in pages, and one by its id', async () => {
      for (const n of [1, 2, 3])
        await world.intake.keep(arrival({ externalId: `wh_${String(n)}`, raw: Buffer.from(String(n)) }));
      const first = await ask('/admin/webhooks?status=quarantined&limit=2');
      const page = first.json<{ webhooks: { id: string }[]; next: number }>();
      expect(page.webhooks.map(({ id }) => id)).toEqual(['wh_3', 'wh_2']);
      const second = await ask(`/admin/webhooks?status=quarantined&limit=2&before=${String(page.next)}`);
      expect(second.json()).toMatchObject({ webhooks: [{ id: 'wh_1', reason: 'unknown_event' }], next: null });
      expect((await ask('/admin/webhooks?status=pending')).json()).toEqual({ webhooks: [], next: null });
      expect((await ask('/admin/webhooks?status=nonsense')).statusCode).toBe(400);
      expect((await ask('/admin/webhooks/wh_2')).json()).toMatchObject({ id: 'wh_2', bodyState: 'kept', older: [] });
      expect((await ask('/admin/webhooks/wh_9')).statusCode).toBe(404);
    });

    test('and says why one could not be read, when staff were called, and what a replay would come to', async () => {
      await world.intake.keep(arrival({ reason: 'unknown_event:results.available' }));
      world.readAgain = () => arrival({ reason: 'not_json' });
      const shown = async () => (await ask('/admin/webhooks/wh_1', { token: SUPPORT })).json<object>();
      expect(await shown()).toMatchObject({
        why: 'Its event is none of those that are documented; it probably means results.available.',
        staffCalledAt: null,
        ifReplayed: { outcome: 'still_quarantined', reason: 'not_json', why: 'It is no JSON.', emails: [] },
      });
      for (const at of [T0 + 9_000, T0 + 5_000, T0 - 1])
        await world.ledger.alerts.keep({ subject: 'wh_1', code: 'unreadable_webhook', kind: null, at });
      expect(await shown()).toMatchObject({ staffCalledAt: new Date(T0 + 5_000).toISOString() });
      await world.database.query('truncate staff_alerts');
    });

    test('and sends those that are selected through the way again; who may only look may see what that would come to', async () => {
      await world.intake.keep(arrival({}));
      world.readAgain = () => arrival({ verdict: 'accepted', reason: null, event: 'results.available' });
      const body = { reason: 'unknown_event', since: new Date(T0).toISOString() };
      const rehearsed = await ask('/admin/webhooks/rehearse-replay', { body, token: SUPPORT });
      expect([rehearsed.statusCode, rehearsed.json()]).toEqual([
        200,
        {
          webhooks: [expect.objectContaining({ id: 'wh_1', outcome: 'accepted', reason: null })],
          emails: [],
          next: null,
        },
      ]);
      expect((await ask('/admin/webhooks/replay', { body, token: SUPPORT })).statusCode).toBe(403);
      expect((await ask('/admin/webhooks/replay', { body: { reason: "'; drop" } })).statusCode).toBe(400);
      const replayed = async () => (await ask('/admin/webhooks/replay', { body })).json<object>();
      expect(await replayed()).toMatchObject({ webhooks: [{ id: 'wh_1', outcome: 'accepted' }] });
      expect(await replayed()).toEqual({ webhooks: [], next: null });
    });

    test('and sends one through the way again once it can be read', async () => {
      await world.intake.keep(arrival({}));
      world.readAgain = () => arrival({});
      const still = await ask('/admin/webhooks/wh_1/replay', { method: 'POST' });
      expect([still.statusCode, still.json<{ code: string }>().code]).toEqual([409, 'still_quarantined']);
      world.readAgain = () => arrival({ verdict: 'accepted', reason: null, event: 'results.available' });
      const read = await ask('/admin/webhooks/wh_1/replay', { method: 'POST' });
      expect([read.statusCode, read.json()]).toEqual([202, expect.objectContaining({ outcome: 'accepted' })]);
      expect((await ask('/admin/webhooks/wh_1')).json()).toMatchObject({
        status: 'relayed',
        event: 'results.available',
      });
      expect((await ask('/admin/webhooks/wh_9/replay', { method: 'POST' })).statusCode).toBe(404);
    });

    test('but not what nobody reads, such as a report of a mail provider: it stays as it is', async () => {
      await world.intake.keep(arrival({ source: 'mail', reason: 'no_message_id' }));
      world.readAgain = (_raw, _receivedAt, source) => (source === 'mail' ? null : arrival({ source: 'c4hxp' }));
      const still = await ask('/admin/webhooks/wh_1/replay', { method: 'POST' });
      expect([still.statusCode, still.json<{ code: string }>().code]).toEqual([409, 'still_quarantined']);
      expect(still.body).toContain('no_message_id');
      expect((await ask('/admin/webhooks/wh_1')).json()).toMatchObject({ reason: 'no_message_id' });
    });

    test('but not when its body has expired', async () => {
      await world.intake.keep(arrival({}));
      await world.database.query('delete from inbox_bodies');
      expect((await ask('/admin/webhooks/wh_1/replay', { method: 'POST' })).statusCode).toBe(410);
    });
  });
});
