import { describe, expect, test } from '@jest/globals';
import { KIT, person, seen } from '../ledger/support.js';
import { ADMIN, operatorsUnderTest, SUPPORT } from './support.js';

describe('the operators’ app', () => {
  const { world, ask } = operatorsUnderTest();

  describe('lets in', () => {
    test.each([
      ['nobody without a token', null],
      ['nobody with a wrong one', 'wrong'],
      ['nobody with the beginning of the right one', ADMIN.slice(0, -1)],
    ])('%s', async (_who, token) => {
      const answer = await ask('/admin/kits', { token });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['content-type']).toMatch('application/problem+json');
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(answer.json()).toMatchObject({ status: 401, code: 'no_token', title: 'Not signed in' });
    });

    test('the support token to look, and not to act', async () => {
      await seen(world.database, world.sealing, { subject: KIT, person: person() });
      expect((await ask('/admin/kits', { token: SUPPORT })).statusCode).toBe(200);
      expect((await ask('/admin/told', { body: { subject: '123456789012' }, token: SUPPORT })).statusCode).toBe(200);
      const refused = await ask('/admin/kits/123456789012/skip', { body: { reason: 'told by phone' }, token: SUPPORT });
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([403, 'not_allowed']);
      expect((await ask('/admin/webhooks/wh_1/replay', { method: 'POST', token: SUPPORT })).statusCode).toBe(403);
    });

    test('anybody to ask whether it lives, and what it misses', async () => {
      expect((await ask('/livez', { token: null })).statusCode).toBe(200);
      expect((await ask('/readyz', { token: null })).statusCode).toBe(200);
      world.missing = ['database'];
      const answer = await ask('/readyz', { token: null });
      expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([503, 'Missing: database.']);
    });
  });
});
