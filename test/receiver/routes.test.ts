import type { FastifyPluginCallback } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Limit } from '../../src/inbox/capacity.js';
import { NOW } from '../c4hxp/webhook/support/reading.js';
import { startReceiver, WEBHOOK, withReceiver, type TestReceiver } from './support/receiver.js';
import { bodyOf, openWire, statusOf } from './support/wire.js';

const pages: FastifyPluginCallback = (app, _options, done) => {
  app.get<{ Params: { token: string } }>('/email/unsubscribe/:token', (request, reply) =>
    reply.type('text/html').send(`<p>${String(request.params.token.length)}</p>`),
  );
  app.get('/broken', () => {
    throw new Error('the password is 1234');
  });
  app.get('/teapot', () => {
    throw Object.assign(new Error('short and stout: jane@example.com'), { statusCode: 418 });
  });
  done();
};

let receiver: TestReceiver;
beforeAll(async () => {
  receiver = await startReceiver({ pages: [pages] });
});
afterAll(() => receiver.close());

const get = async (path: string, init: RequestInit = {}) => fetch(receiver.url + path, init);

describe('the health page', () => {
  test('has exactly the fields of the partner’s page', async () => {
    await receiver.post(WEBHOOK);
    const response = await get('/webhooks/health');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'healthy',
      webhook_endpoint: '/webhooks/c4hxp',
      last_webhook_received: new Date(NOW).toISOString(),
      processed_count_today: 1,
    });
  });

  test('says null before the first webhook', async () => {
    const figures = () => Promise.resolve({ lastReceivedAt: null, processedToday: 0 });
    await withReceiver({ figures }, async ({ url }) => {
      const response = await fetch(`${url}/webhooks/health`);
      expect(await response.json()).toMatchObject({ last_webhook_received: null, processed_count_today: 0 });
    });
  });

  test('is degraded, with the last figures, while something is away', async () => {
    let away: string[] = [];
    let failing = false;
    const figures = () =>
      failing
        ? Promise.reject(new Error('no database'))
        : Promise.resolve({ lastReceivedAt: new Date(NOW), processedToday: 3 });
    await withReceiver({ figures, degraded: () => away }, async ({ url }) => {
      const health = async () => (await fetch(`${url}/webhooks/health`)).json();
      expect(await health()).toMatchObject({ status: 'healthy' });
      away = ['temporal'];
      expect(await health()).toMatchObject({ status: 'degraded', processed_count_today: 3 });
      away = [];
      failing = true;
      expect(await health()).toMatchObject({ status: 'degraded', processed_count_today: 3 });
    });
  });
});

describe('livez and readyz', () => {
  test('answer 200 when all is there', async () => {
    expect((await get('/livez')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready', missing: [] });
  });

  test('tell which limit of the intake is near, and which is reached: then nothing is taken', async () => {
    let used = 0.5;
    const limits = (): Limit[] => [{ name: 'intake_queue', used }];
    await withReceiver({ limits }, async ({ url }) => {
      const ask = async () => {
        const [ready, health] = await Promise.all([fetch(`${url}/readyz`), fetch(`${url}/webhooks/health`)]);
        const { status } = (await health.json()) as { status: string };
        return [ready.status, await ready.json(), status];
      };
      expect(await ask()).toEqual([200, { status: 'ready', missing: [] }, 'healthy']);
      used = 0.8;
      expect(await ask()).toEqual([200, { status: 'ready', missing: [], near: ['intake_queue'] }, 'degraded']);
      used = 1;
      expect(await ask()).toEqual([503, { status: 'not_ready', missing: ['intake_queue'] }, 'degraded']);
    });
  });

  test('tell what is missing; a process that is not ready is alive all the same', async () => {
    await withReceiver({ ready: () => Promise.resolve(['database']) }, async ({ url }) => {
      const response = await fetch(`${url}/readyz`);
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({ status: 'not_ready', missing: ['database'] });
      expect((await fetch(`${url}/livez`)).status).toBe(200);
      expect(await (await fetch(`${url}/webhooks/health`)).json()).toMatchObject({ status: 'degraded' });
    });
    await withReceiver({ ready: () => Promise.reject(new Error('no')) }, async ({ url }) => {
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
    });
  });
});

describe('what is not here', () => {
  test.each(['/', '/nothing', '/webhooks', '/webhooks/C4HXP', '/../etc/passwd'])(
    '%s is 404 in our own form',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
    },
  );

  test('a body that is no JSON changes nothing about it', async () => {
    const response = await get('/nothing', {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(404);
  });

  test.each([
    ['GET', '/webhooks/c4hxp', 'POST'],
    ['PUT', '/webhooks/c4hxp?x=1', 'POST'],
    ['POST', '/webhooks/health', 'GET, HEAD'],
    ['DELETE', '/readyz', 'GET, HEAD'],
    ['PATCH', '/email/unsubscribe/abc', 'GET, HEAD'],
    ['GET', '/webhooks/c4hxp/', 'POST'],
    ['DELETE', '/readyz/?x=1', 'GET, HEAD'],
  ])('%s %s is 405 and says what would be possible', async (method, path, allowed) => {
    const response = await get(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allowed);
    expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
  });

  test('an address that can’t be decoded is 400, one that is too long 414', async () => {
    const bad = await get('/%zz');
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ error: { code: 'bad_request' } });
    expect(await (await get(`/email/unsubscribe/${'x'.repeat(256)}`)).text()).toBe('<p>256</p>');
    const long = await get(`/email/unsubscribe/${'x'.repeat(257)}`);
    expect(long.status).toBe(414);
    expect(await long.json()).toMatchObject({ error: { code: 'address_too_long' } });
  });
});

describe('an error', () => {
  test('of ours tells nothing of itself, neither to the caller nor to the log', async () => {
    const response = await get('/broken');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: { code: 'internal_error', message: 'Something went wrong here.' },
    });
    expect(JSON.stringify(receiver.logged)).not.toContain('1234');
  });

  test('of a plugin keeps its kind and loses its words', async () => {
    const response = await get('/teapot');
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('jane');
  });

  test('of what is no HTTP at all is told in the same form', async () => {
    const wire = await openWire(receiver.port);
    wire.write('this is not HTTP\r\n\r\n');
    const answer = await wire.readToEnd();
    expect(statusOf(answer)).toBe(400);
    expect(bodyOf(answer)).toMatchObject({ error: { code: 'bad_request' } });
  });

  test('of headers beyond measure is 431', async () => {
    const wire = await openWire(receiver.port);
    wire.write(`GET /livez HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    const answer = await wire.readToEnd();
    expect(statusOf(answer)).toBe(431);
    expect(bodyOf(answer)).toMatchObject({ error: { code: 'headers_too_large' } });
  });
});

describe('pages for people', () => {
  test('allow no script, no frame, and no form that posts elsewhere', async () => {
    const response = await get('/email/unsubscribe/abc');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('demand HTTPS of browsers only where it came by HTTPS', async () => {
    await withReceiver({ requireHttps: true, trustProxy: ['127.0.0.1'] }, async ({ url }) => {
      const hsts = async (headers: Record<string, string>) =>
        (await fetch(`${url}/webhooks/health`, { headers })).headers.get('strict-transport-security');
      expect(await hsts({})).toBeNull();
      expect(await hsts({ 'x-forwarded-proto': 'http' })).toBeNull();
      expect(await hsts({ 'x-forwarded-proto': 'https' })).toMatch(/^max-age=31536000/);
    });
    expect((await get('/livez')).headers.get('strict-transport-security')).toBeNull();
  });
});
