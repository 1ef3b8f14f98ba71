import { beforeEach, describe, expect, test } from '@jest/globals';
import { KIT, person, request, seen } from '../ledger/support.js';
import { operatorsUnderTest, SUPPORT } from './support.js';

describe('the operators’ app', () => {
  const { world, ask } = operatorsUnderTest();

  describe('forgets', () => {
    beforeEach(async () => {
      await seen(world.database, world.sealing, { subject: KIT, person: person() });
    });

    test('a kit’s patient, once, with a certificate that can be had again, also as a page', async () => {
      const body = { by: 'pia' };
      const first = await ask('/admin/kits/123456789012/erase', { body });
      expect([first.statusCode, first.json()]).toMatchObject([
        200,
        { state: 'done', by: 'admin-token, for pia', repeated: false },
      ]);
      const { id } = first.json<{ id: string }>();
      expect((await ask('/admin/kits/123456789012/erase', { body })).json()).toMatchObject({ id, repeated: true });
      expect((await ask(`/admin/erasures/${id}`)).json()).toEqual(first.json());
      const page = await ask(`/admin/erasures/${id}`, { headers: { accept: 'text/html,*/*;q=0.8' } });
      expect(page.headers['content-type']).toMatch('text/html');
      expect(page.body).toMatch('<h1>Certificate of erasure</h1>');
      expect((await ask('/admin/told/123456789012')).json()).toMatchObject({ erased: { by: 'admin-token, for pia' } });
    });

    test('whoever has an address, and says so where that waits for an email', async () => {
      world.ledger.heartbeat.start();
      const claimed = await world.ledger.claim(request());
      expect(claimed.outcome).toBe('claimed');
      const asked = await ask('/admin/erase', { body: { email: 'zoe@example.com' } });
      expect([asked.statusCode, asked.json()]).toMatchObject([202, { state: 'pending', askedFor: { what: 'email' } }]);
      const { id } = asked.json<{ id: string }>();
      expect((await ask(`/admin/erasures/${id}`)).statusCode).toBe(200);
      await world.ledger.heartbeat.stop();
    });

    test.each([
      ['a kit that nobody knows', '/admin/kits/999999999999/erase', {}, 404],
      ['an order that nobody knows', '/admin/orders/C4H-1/erase', {}, 404],
      ['an address that nobody knows', '/admin/erase', { email: 'nobody@example.com' }, 404],
      ['what is no address', '/admin/erase', { email: 'nobody' }, 400],
      [
        'an erasure with a reason, which could name whom it erased',
        '/admin/kits/123456789012/erase',
        { reason: 'Zoë asked' },
        400,
      ],
    ])('not %s', async (_what, url, body, status) => {
      expect((await ask(url, { body })).statusCode).toBe(status);
      expect(await world.database.query('select 1 from erasures')).toEqual([]);
      expect(await world.database.query('select 1 from contacts')).toHaveLength(1);
    });

    test('nobody for who may only look, and shows what is due by its age', async () => {
      const refused = await ask('/admin/kits/123456789012/erase', { body: {}, token: SUPPORT });
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([403, 'not_allowed']);
      expect((await ask('/admin/erasures/erase_00000000-0000-4000-8000-000000000000')).statusCode).toBe(404);
      expect((await ask('/admin/retention', { token: SUPPORT })).json()).toMatchObject({
        due: { bodies: 0 },
        last: null,
      });
    });
  });
});
