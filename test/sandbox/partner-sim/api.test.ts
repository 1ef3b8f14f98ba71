import { describe, expect, test } from '@jest/globals';
import { createSlidingWindow } from '../../../src/sandbox/partner-sim/guard.js';
import { start } from './asked.js';

describe('the API of the stand-in', () => {
  test('what the API tells of a kit agrees with what has happened to it', async () => {
    const { sim: partner, ask } = await start();
    const order = partner.business.order({ barcodes: ['700000000001'] });
    partner.business.ship(order.number);
    partner.business.register('700000000001');
    expect((await ask('/v2/public/kits/700000000001')).body).toMatchObject({
      data: {
        status: 'registered',
        patient: { email: expect.stringContaining('@') },
        timeline: [{ event: 'kit_shipped' }, { event: 'kit_registered' }],
      },
    });
    expect((await ask('/v2/public/results/kit/700000000001')).status).toBe(404);
    partner.business.releaseResults('700000000001', ['high_cortisol']);
    expect((await ask('/v2/public/results/kit/700000000001')).body).toMatchObject({
      data: {
        status: 'completed',
        results: expect.arrayContaining([expect.objectContaining({ flags: ['high_cortisol'] })]),
      },
    });
  });

  test('in the OpenAPI’s shape kits are flat, results a list, and nothing has an envelope', async () => {
    const { sim: partner, ask } = await start({ shape: 'openapi' });
    partner.business.order({ barcodes: ['XP00012345'] });
    expect((await ask('/v2/public/kits/XP00012345')).body).toMatchObject({
      kit_status: 'created',
      registered_to: null,
    });
    expect((await ask('/v2/public/results/kit/XP00012345')).body).toEqual([]);
  });

  test('no key, a wrong one and a suspended one are refused; health and order look-up need none', async () => {
    const { sim: partner, ask } = await start({ keys: [{ key: 'a:b' }, { key: 'c:d', suspended: true }] });
    const { number } = partner.business.order();
    expect((await ask('/v2/public/kits/x', { key: null })).status).toBe(401);
    expect((await ask('/v2/public/kits/x', { key: 'a:x' })).status).toBe(401);
    expect((await ask('/v2/public/kits/x', { key: 'c:d' })).status).toBe(403);
    expect(await ask('/v2/public/kits/x')).toMatchObject({
      status: 404,
      body: { error: { code: 'RESOURCE_NOT_FOUND' }, meta: { request_id: expect.stringMatching(/^req_/) } },
    });
    expect((await ask('/v2/public/health/', { key: null })).status).toBe(200);
    expect((await ask(`/v2/public/orders/lookup/${number}`, { key: null })).status).toBe(200);
  });

  test('the request after the last one allowed is a 429 that says how long to wait', async () => {
    const { ask } = await start({ limits: { perHour: 1_000, perDay: 10_000, perMinute: 2 } });
    const first = await ask('/v2/public/kits/x');
    expect(first.headers.get('x-ratelimit-burst-remaining')).toBe('1');
    await ask('/v2/public/kits/x');
    const refused = await ask('/v2/public/kits/x');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'RATE_LIMIT_EXCEEDED' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
  });

  test('windows slide: a request is allowed again when the oldest one has left its window', () => {
    const window = createSlidingWindow({ perHour: 3, perDay: 4, perMinute: 2 });
    const minute = 60_000;
    expect([0, 1].map((at) => window(at).allowed)).toEqual([true, true]);
    expect(window(2)).toMatchObject({ allowed: false, resetAt: minute });
    expect(window(minute).allowed).toBe(true);
    expect(window(minute + 2)).toMatchObject({ allowed: false, resetAt: 60 * minute });
    expect(window(60 * minute).allowed).toBe(true);
    expect(window(60 * minute + 1)).toMatchObject({ allowed: false, resetAt: 24 * 60 * minute });
  });

  test('during maintenance everything is a 503, and webhooks announce and end it', async () => {
    const { sim: partner, ask } = await start();
    partner.business.scheduleMaintenance(new Date(Date.now() - 1_000), new Date(Date.now() + 60_000));
    expect(await ask('/v2/public/health/')).toMatchObject({
      status: 503,
      body: { error: { code: 'SERVICE_UNAVAILABLE' } },
    });
    partner.business.completeMaintenance();
    expect((await ask('/v2/public/health/')).status).toBe(200);
  });

  test('orders can be placed and kits registered through it, each kit once', async () => {
    const { ask, sim: partner } = await start();
    const person = { first_name: 'Ana', last_name: 'Lima', email: 'ana@example.com' };
    const placed = await ask('/v2/public/orders/', {
      method: 'POST',
      body: { recipient: person, kit_types: ['hormone_panel'] },
    });
    expect(placed.status).toBe(201);
    const barcode = partner.world.orders()[0]?.kits[0]?.barcode ?? '';
    const register = () =>
      ask('/v2/public/kits/register', { method: 'POST', body: { kit_barcode: barcode, patient: person } });
    expect((await register()).status).toBe(200);
    expect(await register()).toMatchObject({ status: 409, body: { error: { code: 'KIT_ALREADY_REGISTERED' } } });
    expect((await ask('/v2/public/orders/', { method: 'POST', body: {} })).status).toBe(422);
  });
});

describe('the admin routes', () => {
  test('they register an endpoint as the page writes it, and drive a kit step by step', async () => {
    const { ask, sim: partner } = await start();
    const endpoint = {
      webhook_url: 'https://your-app.example/webhooks',
      events: ['order.created'],
      description: 'Production',
    };
    expect(await ask('/sim/endpoints', { method: 'POST', body: endpoint })).toMatchObject({
      status: 201,
      body: { id: 'we_1', secret: expect.stringMatching(/^whsec_/) },
    });
    expect((await ask('/sim/endpoints')).body).toEqual([expect.not.objectContaining({ secret: expect.anything() })]);
    expect((await ask('/sim/endpoints/we_1', { method: 'DELETE' })).status).toBe(204);

    const { body } = await ask('/sim/orders', { method: 'POST', body: { barcodes: ['123456789012'] } });
    const { order_number: number } = body as { order_number: string };
    expect((await ask(`/sim/orders/${number}/ship`, { method: 'POST' })).status).toBe(204);
    for (const step of [
      'register',
      'post-sample',
      'receive',
      'start-processing',
      'complete-processing',
      'results',
      'list-results',
      'review',
    ])
      expect((await ask(`/sim/kits/123456789012/${step}`, { method: 'POST' })).status).toBe(204);
    expect(partner.world.kit('123456789012')).toMatchObject({ status: 'completed' });
    expect((await ask('/sim/kits/123456789012/constructor', { method: 'POST' })).status).toBe(404);
    expect((await ask('/sim/orders', { method: 'POST', body: { journey: 'no-such' } })).status).toBe(404);
  });

  test('they play what goes wrong as well, and say what a step lacks', async () => {
    const { ask, sim: partner } = await start();
    const [first, second] = ['700000000001', '700000000003'] as const;
    const { number } = partner.business.order({ barcodes: [first, second] });
    const post = async (path: string, body?: object) =>
      (await ask(`/sim/${path}`, { method: 'POST', ...(body === undefined ? {} : { body }) })).status;
    expect(await post(`orders/${number}/ship`)).toBe(204);
    expect(await post(`kits/${first}/scan`, { status: 'exception' })).toBe(204);
    expect(await post(`kits/${first}/scan`)).toBe(422);
    expect(await post(`kits/${first}/fail`, { reason: 'Hemolyzed' })).toBe(204);
    expect(await post(`kits/${first}/replace`, { barcodes: ['700000000005'] })).toBe(204);
    expect(await post(`orders/${number}/cancel-kits`, { barcodes: [second], silent: true })).toBe(204);
    expect(await post(`orders/${number}/cancel-kits`)).toBe(422);
    expect(await post('kits/700000000005/set-status', { status: 'delivered' })).toBe(204);
    expect(await post('kits/700000000005/set-status', { status: 'eaten' })).toBe(422);
    expect(await post('kits/700000000005/amend', { flags: ['low_iron'] })).toBe(204);
    expect(await post('kits/700000000005/hide')).toBe(204);
    expect((await ask('/v2/public/kits/700000000005')).status).toBe(404);
    expect(await post('kits/700000000005/show')).toBe(204);
    expect(partner.world.order(number)?.kits).toMatchObject([
      { barcode: first, status: 'failed', failure: 'Hemolyzed', scans: [{}, { status: 'exception' }] },
      { barcode: second, status: 'cancelled' },
      { barcode: '700000000005', status: 'completed' },
    ]);
    expect(await post(`orders/${number}/cancel`)).toBe(204);
    expect(await post(`orders/${number}/ship`)).toBe(409);
    expect(await post(`orders/${number}/ship`, { anyway: true })).toBe(204);
  });

  test('they make the API misbehave for as many answers as asked', async () => {
    const { ask } = await start();
    await ask('/sim/faults', { method: 'POST', body: { how: 'status', status: 503, times: 2, path: '/health' } });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await ask('/v2/public/health/')).status);
    expect(statuses).toEqual([503, 503, 200]);
  });
});
