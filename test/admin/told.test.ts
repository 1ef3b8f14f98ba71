import { describe, expect, test } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import type { SubjectAnswer } from '../../src/ledger/ledger.js';
import { KIT, person, request, seen, T0, VIEW } from '../ledger/support.js';
import { operatorsUnderTest, SUPPORT } from './support.js';

describe('the operators’ app', () => {
  const { world, ask } = operatorsUnderTest();

  test('tells by barcode, order number, address and Message-ID, and 404 of what it doesn’t know', async () => {
    await seen(world.database, world.sealing, { subject: KIT, person: person(), externalId: 'wh_1' });
    const claimed = await world.ledger.claim(request());
    if (claimed.outcome !== 'claimed') throw new Error('no claim');
    for (const subject of ['123456789012', 'zoe@example.com', ' ZOE@Example.COM ', claimed.claim.messageId]) {
      const answer = await ask('/admin/told', { body: { subject } });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toContain('"subject":"kit:123456789012"');
      expect(answer.body).not.toMatch(/zoe@/i);
    }
    for (const subject of ['999999999999', 'nobody@example.com', '<x@y.example>']) {
      const answer = await ask('/admin/told', { body: { subject } });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not_found']);
    }
    expect((await ask('/admin/told/123456789012')).json<SubjectAnswer>().subject).toBe(KIT);
    expect((await ask('/admin/kits/123456789012')).json<SubjectAnswer>().notifications).toHaveLength(1);
    expect((await ask('/admin/orders/123456789012')).statusCode).toBe(404);
  });

  test('lists kits page by page, and those for which a human is asked', async () => {
    for (const n of [1, 2, 3]) {
      await world.ledger.record(
        {
          subject: `kit:00000000000${String(n)}`,
          projection: { ...VIEW, attention: n === 2 ? [{ code: 'no_contact', since: T0 }] : [], closed: n === 3 },
          decisions: [],
        },
        T0,
      );
    }
    const names = (answer: LightMyRequestResponse): string[] =>
      answer.json<{ subjects: { subject: string }[] }>().subjects.map(({ subject }) => subject);
    const first = await ask('/admin/kits?limit=2');
    expect(names(first)).toEqual(['kit:000000000001', 'kit:000000000002']);
    const { next } = first.json<{ next: string }>();
    const second = await ask(`/admin/kits?limit=2&after=${next}`);
    expect([names(second), second.json<{ next: string | null }>().next]).toEqual([['kit:000000000003'], null]);
    expect(names(await ask('/admin/kits?attention=true'))).toEqual(['kit:000000000002']);
    expect(names(await ask('/admin/kits?open=true'))).toHaveLength(2);
    expect(names(await ask('/admin/orders'))).toEqual([]);
  });

  test('tells how the partner’s webhooks came, how much hangs on each key, and gives evidence of whom it knows', async () => {
    await seen(world.database, world.sealing, { subject: KIT, person: person() });
    const card = await ask('/admin/scorecard?since=2026-01-01T00:00:00Z', { token: SUPPORT });
    expect(card.json()).toMatchObject({ webhooks: 1, events: [{ event: 'kit.registered', webhooks: 1 }] });
    expect((await ask('/admin/keys')).json()).toMatchObject({ encryption: [{ id: 'e1', rows: { contacts: 1 } }] });
    expect((await ask('/admin/keys/rotate', { body: {} })).json()).toEqual({
      resealed: 0,
      overtaken: 0,
      unopened: {},
      stops: 0,
      next: null,
    });
    expect((await ask('/admin/keys/rotate', { body: { from: 'x' } })).json()).toMatchObject({ code: 'invalid_from' });
    expect((await ask('/admin/keys/rotate', { body: {}, token: SUPPORT })).statusCode).toBe(403);
    const [, barcode = ''] = KIT.split(':');
    expect((await ask(`/admin/evidence/${barcode}`)).json()).toMatchObject({
      asked: KIT,
      subjects: [{ subject: KIT }],
    });
    expect((await ask('/admin/evidence/NOBODY')).statusCode).toBe(404);
  });

  test('names a key that is lost, and changes nothing', async () => {
    await seen(world.database, world.sealing, { subject: KIT, person: person() });
    await world.database.query(`update contacts set sealed = overlay(sealed placing '\\x6539' from 3)`);
    const answer = await ask('/admin/keys/rotate', { body: {} });
    expect([answer.statusCode, answer.json<{ code: string; detail: string }>()]).toEqual([
      409,
      expect.objectContaining({ code: 'key_missing', detail: expect.stringContaining('"e9"') as unknown }),
    ]);
  });
});
