import { describe, expect, test } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { KIT, person, seen, T0 } from '../ledger/support.js';
import fc from '../support/properties.js';
import { ADMIN, operatorsUnderTest } from './support.js';

describe('the operators’ app', () => {
  const { world, ask } = operatorsUnderTest();

  test('refuses bodies that are no JSON, too large, or of another type', async () => {
    const headers = { 'content-type': 'application/json' };
    const send = (payload: string, type = headers): Promise<LightMyRequestResponse> =>
      world.app.inject({
        url: '/admin/told',
        method: 'POST',
        payload,
        headers: { ...type, authorization: `Bearer ${ADMIN}` },
      });
    expect((await send('{"subject":')).statusCode).toBe(400);
    expect((await send(JSON.stringify({ subject: 'x'.repeat(70_000) }))).statusCode).toBe(413);
    expect((await send('subject=1', { 'content-type': 'text/plain' })).statusCode).toBe(415);
    expect((await send('{"subject":"1","__proto__":{}}')).statusCode).toBe(400);
  });

  test('fails over nothing that is written anywhere into a request', async () => {
    const odd = fc.constantFrom(
      '\0',
      '%00',
      '\ud800',
      '\u202e',
      "'",
      '--',
      '%',
      '../',
      '1e309',
      '-1',
      '💉',
      ' ',
      'kit:1',
    );
    const text = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 230 }));
    const number = fc.oneof(
      text,
      fc.constantFrom('1.A', '99999999999999.A', '-1.A', '2026-11-24T12:00:00Z', 'bounced', 'registered', 'kit.failed'),
      fc.constantFrom('0', '1', '9007199254740991', '9223372036854775808', '1.5', ' 1', '0x10'),
    );
    const encoded = text.map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '?')));
    const query = (names: readonly string[]) =>
      fc
        .array(fc.tuple(fc.constantFrom(...names), number), { maxLength: 3 })
        .map((pairs) => new URLSearchParams(pairs).toString());
    const url = fc.oneof(
      encoded.map((part) => `/admin/told/${part}`),
      encoded.map((part) => `/admin/kits/${part}`),
      encoded.map((part) => `/admin/webhooks/${part}`),
      text.map((part) => `/${part}`),
      query(['after', 'limit', 'attention', 'open', 'state', 'kind', 'until', 'x']).map(
        (part) => `/admin/kits?${part}`,
      ),
      query(['before', 'limit', 'status', 'event', 'source', 'subject']).map((part) => `/admin/webhooks?${part}`),
    );
    const body = fc.dictionary(
      fc.constantFrom(
        'subject',
        'kind',
        'occurrence',
        'by',
        'reason',
        'email',
        'firstName',
        'lift',
        '__proto__',
        'resend',
        'attention',
        'state',
        'until',
        'after',
      ),
      fc.oneof(text, number, fc.jsonValue(), fc.constantFrom('a@b.example', 'order.shipped', 1, true)),
    );
    const command = fc.tuple(
      fc.oneof(
        fc.constantFrom('/admin/told', '/admin/kits/retry', '/admin/kits/rehearse-release', '/admin/orders/skip'),
        fc
          .tuple(
            fc.oneof(fc.constant('123456789012'), encoded),
            fc.constantFrom('retry', 'skip', 'release', 'correct-contact', 'opt-out'),
          )
          .map(([name, action]) => `/admin/kits/${name}/${action}`),
        fc.tuple(encoded, query(['seq'])).map(([id, seq]) => `/admin/webhooks/${id}/replay?${seq}`),
      ),
      fc.oneof(
        body,
        body.map((fields) => JSON.stringify(fields)),
        text,
      ),
    );
    await seen(world.database, world.sealing, { subject: KIT, person: person() });
    const ends = async (answer: Promise<LightMyRequestResponse>) => {
      expect((await answer).statusCode).toBeLessThan(500);
    };
    await fc.assert(
      fc.asyncProperty(url, (address) => ends(ask(address))),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(command, ([address, payload]) =>
        ends(ask(address, { body: payload, headers: { 'content-type': 'application/json' } })),
      ),
      { numRuns: 300 },
    );
  });

  test('describes itself, and hides what failed', async () => {
    const paths = (await ask('/admin/openapi.json')).json<{ paths: object }>().paths;
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/admin/told', '/admin/kits/{barcode}/correct-contact', '/admin/webhooks/{id}/replay']),
    );
    expect((await ask('/admin/nothing')).json()).toMatchObject({ status: 404, code: 'no_such_route' });
    world.readAgain = () => {
      throw new Error('zoe@example.com is in this message');
    };
    await world.intake.keep({
      source: 'c4hxp',
      externalId: 'wh_1',
      event: null,
      verdict: 'quarantined',
      reason: 'not_json',
      eventAt: null,
      receivedAt: T0,
      raw: Buffer.from('x'),
      routed: [],
      links: [],
    });
    const failed = await ask('/admin/webhooks/wh_1/replay', { method: 'POST' });
    expect([failed.statusCode, failed.json<{ code: string }>().code]).toEqual([500, 'internal']);
    expect(failed.body + JSON.stringify(world.logged)).not.toContain('zoe');
  });
});
