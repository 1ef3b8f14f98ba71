import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { closeApp } from '../../src/host/ports.js';
import { createAdminApp, type AdminOptions } from '../../src/admin/app.js';
import { createWrongTokens } from '../../src/admin/tokens.js';
import { hostRule } from '../../src/http/hosts.js';
import { openWire, statusOf } from '../receiver/support/wire.js';

const TOKEN = 'admin-token-of-this-test';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

const counted: string[] = [];
const logged: object[] = [];
const nothing = () => Promise.resolve([]);

/** Without a database: whatever gets to it finds nothing. */
function adminApp(over: Partial<AdminOptions> = {}): Promise<FastifyInstance> {
  return createAdminApp({
    adminToken: TOKEN,
    supportToken: null,
    ledger: {
      told: () => Promise.resolve(null),
      listSubjects: nothing,
      summaryOf: () => Promise.resolve(null),
    } as never,
    webhooks: {
      list: () => Promise.resolve({ webhooks: [], next: null }),
      show: nothing,
      scorecard: nothing as never,
      select: () => Promise.resolve([]),
      reread: () => Promise.resolve({ outcome: 'not_found' }),
      replay: () => Promise.resolve({ outcome: 'not_found' }),
    },
    retention: {} as never,
    erasing: { erase: () => Promise.resolve(null), certificate: () => Promise.resolve(null) },
    outlook: nothing,
    rehearse: () => Promise.resolve({ journeys: 0, changes: [], next: null }),
    evidence: () => Promise.resolve(null),
    keys: { inUse: nothing, rotate: nothing } as never,
    audit: { write: () => Promise.resolve(), page: () => Promise.resolve({ entries: [], next: null }) },
    keep: () => Promise.resolve({ fresh: true }),
    hash: (() => 'hash') as never,
    clock: Date.now,
    missing: nothing,
    isForUs: hostRule('127.0.0.1', ['https://notify.example']),
    count: (name, labels) => counted.push([name, ...Object.values(labels)].join(' ')),
    log: (event, about) => logged.push({ event, about }),
    ...over,
  });
}

let app: FastifyInstance;
let port: number;
let url: string;
beforeAll(async () => {
  app = await adminApp({ wrongTokens: { first: 1 } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
  url = `http://127.0.0.1:${String(port)}`;
});
afterAll(() => closeApp(app));
beforeEach(() => {
  counted.length = 0;
  logged.length = 0;
});

interface Told {
  readonly status: number;
  readonly code: string;
}
const ask = async (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url + path, { ...init, headers: { ...AUTHORIZED, ...(init.headers as Record<string, string>) } });
const post = (path: string, body: string, type = 'application/json') =>
  ask(path, { method: 'POST', body, headers: { 'content-type': type } });

describe('every refusal is a problem in our own words', () => {
  const json = (value: unknown) => JSON.stringify(value);

  test.each<[string, () => Promise<Response>, number, string]>([
    ['an unknown route', () => ask('/nothing'), 404, 'no_such_route'],
    ['an unknown route under /admin', () => ask('/admin/nothing'), 404, 'no_such_route'],
    ['another method', () => ask('/admin/kits', { method: 'DELETE' }), 405, 'method_not_allowed'],
    ['another method for what only takes commands', () => ask('/admin/kits/1/retry'), 405, 'method_not_allowed'],
    ['an address that can’t be decoded', () => ask('/admin/kits/%zz'), 400, 'bad_request'],
    ['an address of broken UTF-8', () => ask('/admin/webhooks/%ff'), 400, 'bad_request'],
    ['a name that is too long', () => ask(`/admin/kits/${'1'.repeat(300)}`), 414, 'address_too_long'],
    [
      'a body that is too large',
      () => post('/admin/told', json({ subject: 'x'.repeat(70_000) })),
      413,
      'body_too_large',
    ],
    ['plain text', () => post('/admin/told', 'hello', 'text/plain'), 415, 'not_json'],
    ['a form', () => post('/admin/told', 'a=b', 'application/x-www-form-urlencoded'), 415, 'not_json'],
    ['a type that is none', () => post('/admin/told', '{}', 'garbage'), 415, 'not_json'],
    ['no JSON', () => post('/admin/told', '{'), 400, 'bad_request'],
    ['nothing as JSON', () => post('/admin/told', ''), 400, 'bad_request'],
    ['a poisoned prototype', () => post('/admin/told', '{"__proto__":{"x":1},"subject":"1"}'), 400, 'bad_request'],
    ['NUL in a name', () => ask('/admin/told/1%002'), 400, 'nul'],
    ['NUL in a kit', () => ask('/admin/kits/%00'), 400, 'nul'],
    ['NUL in a webhook’s id', () => ask('/admin/webhooks/wh%00'), 400, 'nul'],
    ['NUL in a replay', () => ask('/admin/webhooks/wh%00/replay', { method: 'POST' }), 400, 'nul'],
    ['NUL in a cursor', () => ask('/admin/kits?after=%00'), 400, 'nul'],
    ['NUL in an unknown route', () => ask('/%00'), 400, 'nul'],
    ['NUL in what is asked for', () => post('/admin/told', json({ subject: 'a\0b' })), 400, 'nul'],
    ['NUL in a reason', () => post('/admin/kits/1/skip', json({ reason: 'told\0 by phone' })), 400, 'nul'],
    [
      'NUL in a first name',
      () => post('/admin/kits/1/correct-contact', json({ email: 'a@b.example', firstName: 'Jo\0' })),
      400,
      'nul',
    ],
    [
      'NUL in a rehearsal’s cursor',
      () => post('/admin/rehearse', json({ after: 'a\0', set: {}, since: '' })),
      400,
      'nul',
    ],
    [
      'a year that PostgreSQL doesn’t know',
      () => post('/admin/rehearse', json({ since: '0000-01-01T00:00:00Z', set: { KIT_LINGER: '1d' } })),
      400,
      'invalid_request',
    ],
    ['NUL in the name of a setting', () => post('/admin/rehearse', json({ set: { 'A\0': 'x' } })), 400, 'nul'],
  ])('%s', async (_what, send, status, code) => {
    const answer = await send();
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const told = (await answer.json()) as Told;
    expect([answer.status, told.status, told.code]).toEqual([status, status, code]);
    expect(logged).toEqual([]);
  });

  test('what is possible instead of another method is told', async () => {
    expect((await ask('/admin/kits', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD');
  });

  test.each([
    ['no HTTP', 'this is not HTTP\r\n\r\n', 400],
    ['headers beyond measure', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['an address beyond measure', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
  ])('also of %s', async (_what, text, status) => {
    const wire = await openWire(port);
    wire.write(text);
    const answer = await wire.readToEnd();
    expect(statusOf(answer)).toBe(status);
  });
});

test('every answer is stored by nobody, and none demands HTTPS where there is none', async () => {
  for (const path of [
    '/livez',
    '/readyz',
    '/admin/kits',
    '/admin/kits/',
    '/admin/openapi.json',
    '/admin/webhooks',
    '/x',
  ]) {
    const { headers } = await ask(path);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('strict-transport-security')).toBeNull();
  }
});

describe('a page of another host', () => {
  test.each([
    ['by DNS rebinding', { host: 'evil.example:3001' }],
    ['by its origin', { origin: 'https://evil.example' }],
    ['by the port of its origin', { origin: 'http://localhost:3000' }],
    ['in a sandbox', { origin: 'null' }],
  ])('is refused %s, whatever it asks for, token or not', async (_how, headers) => {
    for (const path of ['/livez', '/readyz', '/admin/kits', '/nothing']) {
      const answer = await app.inject({ url: path, headers: { ...AUTHORIZED, ...headers } });
      expect([answer.statusCode, answer.json<Told>().code]).toEqual([403, 'foreign_host']);
    }
    expect(new Set(counted)).toEqual(new Set(['admin_refused foreign_host']));
  });

  test('is not one whose host is configured', async () => {
    const headers = { ...AUTHORIZED, host: 'notify.example', origin: 'https://notify.example' };
    expect((await app.inject({ url: '/admin/kits', headers })).statusCode).toBe(200);
  });
});

describe('wrong tokens', () => {
  const silent = () => undefined;
  const guess = (token: string) => ask('/admin/kits', { headers: { authorization: `Bearer ${token}` } });

  test('are counted and logged, never as they were sent, and not once each', async () => {
    for (let times = 0; times < 5; times++) expect((await guess('a-wrong-token')).status).toBe(401);
    expect(counted).toEqual(Array(5).fill('admin_refused wrong_token'));
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain('a-wrong-token');
    expect((await fetch(`${url}/admin/kits`)).status).toBe(401);
    expect(counted.at(-1)).toBe('admin_refused no_token');
  });

  test('are answered ever more slowly, and the right one at once', async () => {
    const slow = await adminApp({ wrongTokens: { first: 20, longest: 160 } });
    const took = async (token: string): Promise<number> => {
      const began = performance.now();
      await slow.inject({ url: '/admin/kits', headers: { authorization: `Bearer ${token}` } });
      return performance.now() - began;
    };
    await took(TOKEN);
    const waits: number[] = [];
    for (let times = 0; times < 5; times++) waits.push(await took('wrong'));
    for (const [nth, least] of [20, 40, 80, 160, 160].entries()) expect(waits[nth]).toBeGreaterThanOrEqual(least - 2);
    expect(await took(TOKEN)).toBeLessThan(160);
    await slow.close();
  });

  test('by the dozen at once are looked at no more until some are answered; a closing app answers them all', async () => {
    const slow = await adminApp({ wrongTokens: { first: 60_000, longest: 60_000, mostWaiting: 3 } });
    await slow.ready();
    const ask = (token: string, remoteAddress = '10.0.0.1') =>
      slow.inject({ url: '/admin/kits', remoteAddress, headers: { authorization: `Bearer ${token}` } });
    const guesses = [1, 2, 3].map((nth) => ask(`wrong-${String(nth)}`));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const flooded = await ask('wrong-4');
    expect([flooded.statusCode, flooded.headers['retry-after'], flooded.json<Told>().code]).toEqual([
      429,
      '10',
      'too_many_requests',
    ]);
    expect((await ask(TOKEN)).statusCode).toBe(429);
    expect((await ask(TOKEN, '10.0.0.2')).statusCode).toBe(200);
    await slow.close();
    expect((await Promise.all(guesses)).map(({ statusCode }) => statusCode)).toEqual([401, 401, 401]);
  });

  test('of ever so many senders take up no more memory than allowed', () => {
    let answered = 0;
    const wrong = createWrongTokens(silent, { mostSenders: 100, mostWaitingInAll: 50, mostWaiting: 1, first: 60_000 });
    for (let nth = 0; nth < 10_000; nth++)
      wrong.answerLater(`10.${String(nth % 200)}.${String(nth >> 8)}.1`, () => {
        answered += 1;
      });
    // Beyond what may wait they are answered at once.
    expect(answered).toBe(10_000 - 50);
    wrong.close();
    expect(answered).toBe(10_000);
  });

  test('are logged at once, and then once in a while with how many were left out', () => {
    const lines: object[] = [];
    let now = 0;
    const log = (_event: string, about: object) => lines.push(about);
    const wrong = createWrongTokens(log, { logEvery: 100, clock: () => now });
    for (; now < 250; now += 10) wrong.answerLater('10.0.0.1', () => undefined);
    wrong.close();
    expect(lines).toEqual([{ from: '10.0.0.1' }, { from: '10.0.0.1', leftOut: 9 }, { from: '10.0.0.1', leftOut: 9 }]);
  });

  test('are forgotten after a while', async () => {
    let now = 0;
    const wrong = createWrongTokens(silent, { first: 1, longest: 60_000, forgetAfter: 1_000, clock: () => now });
    for (let times = 0; times < 17; times++) wrong.answerLater('10.0.0.1', () => undefined);
    now = 2_000;
    // Or else it would wait for a minute.
    await new Promise<void>((resolve) => {
      wrong.answerLater('10.0.0.1', resolve);
    });
    wrong.close();
  });
});

describe('what can’t be written to the audit', () => {
  const told = { subject: 'kit:123456789012', notifications: [{ to: 'j•••@example.com' }] };
  const written: object[] = [];
  const withAudit = (write: AdminOptions['audit']['write']) =>
    adminApp({
      ledger: { told: () => Promise.resolve(told), listSubjects: nothing } as never,
      audit: { write, page: () => Promise.resolve({ entries: [], next: null }) },
    });

  test.each([['/admin/told/123456789012'], ['/admin/kits']])('is not shown: %s', async (path) => {
    const broken = await withAudit(() => Promise.reject(new Error('no space left')));
    const answer = await broken.inject({ url: path, headers: AUTHORIZED });
    expect([answer.statusCode, answer.json<Told>().code]).toEqual([503, 'audit_unavailable']);
    expect(answer.body).not.toContain('example.com');
    expect((await broken.inject('/livez')).statusCode).toBe(200);
    await broken.close();
  });

  test('is what was shown and to whom: each story, a page of a list once, and what was refused', async () => {
    const audited = await withAudit((entries) => {
      written.push(...entries);
      return Promise.resolve();
    });
    for (const url of ['/admin/told/123456789012', '/admin/kits', '/admin/kits/999999999999', '/readyz'])
      await audited.inject({ url, headers: AUTHORIZED });
    await audited.inject({ url: '/admin/kits', headers: { authorization: 'Bearer wrong' } });
    const actor = { name: 'admin-token', role: 'admin', via: 'token' };
    expect(written).toMatchObject([
      { actor, act: 'told', subject: 'kit:123456789012', sender: '127.0.0.1', outcome: 'done' },
      { actor, act: 'list', subject: null, outcome: 'done' },
      { actor, act: 'told', subject: 'kit:999999999999', outcome: 'not_found' },
    ]);
    expect(written).toHaveLength(3);
    await audited.close();
  });
});
