import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createC4hxpClient } from '../../../src/c4hxp/api/client.js';
import type { LimitsTold, PartnerCalls } from '../../../src/domain/partner-calls.js';
import { until } from '../../support/until.js';
import { json, startHostile, type Handler, type Hostile } from './hostile-server.js';

let hostile: Hostile | null = null;
afterEach(async () => {
  await hostile?.close();
  hostile = null;
});
async function against(handler: Handler, options?: Parameters<typeof startHostile>[1]): Promise<Hostile> {
  hostile = await startHostile(handler, options);
  return hostile;
}

const KIT = { data: { kit_barcode: '123456789012', status: 'registered', timeline: [] } };
const NOTHING: Handler = () => undefined;

describe('one question', () => {
  test('goes to the documented path with the documented key, and asks for an answer that is not compressed', async () => {
    const headers: unknown[] = [];
    const { partner, requests } = await against((request, response) => {
      headers.push(request.headers);
      json(200, KIT)(request, response);
    });
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'answered' });
    expect(requests).toEqual(['GET /v2/public/kits/123456789012']);
    expect(headers[0]).toMatchObject({
      authorization: 'Api-Key c4hxp_test_a:sk_test_b',
      'accept-encoding': 'identity',
    });
  });

  test('a path in the configured origin is not kept: the path of the API is ours to add', async () => {
    const { origin, requests } = await against(json(200, { data: { status: 'healthy' } }));
    const partner = createC4hxpClient({ origin: `${origin}/other/`, apiKey: 'a:b', timeoutMs: 1_000, clock: Date.now });
    expect(await partner.health()).toMatchObject({ outcome: 'answered', value: { status: 'healthy' } });
    await partner.close();
    expect(requests).toEqual(['GET /v2/public/health/']);
  });

  test.each(['..', '.', '', '../health', 'a/b', 'a?b', 'a#b', '%2e%2e', 'x'.repeat(101), 'a\r\nb'])(
    'a name such as %j is refused without asking, because it could leave the path',
    async (name) => {
      const { partner, requests } = await against(json(200, KIT));
      expect(await partner.kit(name)).toEqual({ outcome: 'rejected', status: null, requestId: null });
      expect(requests).toEqual([]);
    },
  );
});

describe('an answer that is refused', () => {
  const error = { error: { code: 'X', message: 'Jane Smith', details: {} }, meta: { request_id: 'req_9' } };
  test.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [400, 'rejected'],
    [422, 'rejected'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [429, 'rate_limited'],
    [302, 'unreadable'],
    [204, 'unreadable'],
  ])('HTTP %i reads as %s, keeps the request id and none of the partner’s words', async (status, outcome) => {
    const { partner, requests } = await against(
      json(status, status === 204 ? '' : error, { location: '/v2/public/elsewhere', 'x-request-id': 'req_9' }),
    );
    const answer = await partner.kit('123456789012');
    expect(answer).toMatchObject({ outcome, requestId: 'req_9' });
    expect(JSON.stringify(answer)).not.toContain('Jane');
    expect(requests).toHaveLength(1);
  });

  test('a request id that is no plain id is not kept', async () => {
    const { partner } = await against(json(404, { meta: { request_id: 'Jane Smith <jane@example.com>' } }));
    expect(await partner.kit('123456789012')).toEqual({ outcome: 'not_found', requestId: null });
  });
});

describe('an answer that does not come, or not whole', () => {
  test('a request that hangs is cut at the deadline, and its connection is closed', async () => {
    const { partner, connections } = await against(NOTHING, { timeoutMs: 100 });
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'unavailable', why: 'timeout' });
    await until('the connection to be closed', async () => (await connections()) === 0);
  });

  test('a body that drips in is cut at the same deadline', async () => {
    const timers: NodeJS.Timeout[] = [];
    const { partner } = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        timers.push(setInterval(() => response.write(' '), 10));
      },
      { timeoutMs: 150 },
    );
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'unavailable', why: 'timeout' });
    timers.forEach(clearInterval);
  });

  test.each<[string, Handler]>([
    ['before the headers', (request) => request.socket.destroy()],
    [
      'in the middle of the body',
      (request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"data":', () => request.socket.destroy());
      },
    ],
    ['by something that is no HTTP', (request) => request.socket.end('SSH-2.0-OpenSSH\r\n')],
  ])('a connection that breaks %s is a fault of the network', async (_where, handler) => {
    const { partner } = await against(handler);
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'unavailable', why: 'network' });
  });

  test('a server that is not there is a fault of the network', async () => {
    const { close } = await against(NOTHING);
    await close();
    hostile = null;
    const again = createC4hxpClient({ origin: 'http://127.0.0.1:1', apiKey: 'a:b', timeoutMs: 1_000, clock: Date.now });
    expect(await again.health()).toMatchObject({ outcome: 'unavailable', why: 'network', status: null });
    await again.close();
  });

  test('whoever gives up gets the reason of the signal, at once, and the connection is closed', async () => {
    const { partner, requests, connections } = await against(NOTHING, { timeoutMs: 60_000 });
    const controller = new AbortController();
    const asked = partner.kit('123456789012', { signal: controller.signal });
    await until('the request', () => requests.length === 1);
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await until('the connection to be closed', async () => (await connections()) === 0);
    await expect(partner.kit('123456789012', { signal: controller.signal })).rejects.toThrow('enough');
    expect(requests).toHaveLength(1);
  });

  test('an endless body is cut at a mebibyte', async () => {
    let sent = 0;
    const { partner } = await against((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, ' '))) sent += 64;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'unreadable', why: 'too_large' });
    expect(sent).toBeLessThan(64 * 1024);
  });
});

describe('an answer that is no answer', () => {
  const huge = `{"data":{"status":"registered","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
  test.each<[string, Handler, string]>([
    ['HTML', json(200, '<html>Jane Smith</html>', { 'content-type': 'text/html' }), 'not_json'],
    ['nothing', json(200, ''), 'not_json'],
    ['half a JSON', json(200, '{"data": {"status": "reg'), 'not_json'],
    ['Latin-1', json(200, Buffer.from('{"data":{"status":"regist\xe9r"}}', 'latin1')), 'not_utf8'],
    ['compressed', json(200, gzipSync('{}'), { 'content-encoding': 'gzip' }), 'encoded'],
    ['a list', json(200, []), 'unexpected_shape'],
    ['a number', json(200, 7), 'unexpected_shape'],
    ['null', json(200, 'null'), 'unexpected_shape'],
    ['an error with 200', json(200, { error: { code: 'X' } }), 'unexpected_shape'],
    ['another kit', json(200, { data: { ...KIT.data, kit_barcode: '999999999999' } }), 'another_subject'],
  ])('%s', async (_what, handler, why) => {
    const { partner } = await against(handler);
    const answer = await partner.kit('123456789012');
    expect(answer).toMatchObject({ outcome: 'unreadable', why });
    expect(JSON.stringify(answer)).not.toContain('Jane');
  });

  test('what is nested 200,000 levels deep beside what we read does no harm', async () => {
    const { partner } = await against(json(200, huge));
    expect(['answered', 'unreadable']).toContain((await partner.kit('123456789012')).outcome);
  });
});

describe('rate limits', () => {
  const now = Date.UTC(2026, 10, 24, 12);
  const seconds = (ms: number): string => String(Math.floor(ms / 1000));

  test.each<[string, Record<string, string>, unknown, number]>([
    ['Retry-After in seconds', { 'retry-after': '17' }, {}, 17_000],
    ['Retry-After as a date', { 'retry-after': new Date(now + 90_000).toUTCString() }, {}, 90_000],
    ['details.retry_after', {}, { error: { details: { retry_after: 42 } } }, 42_000],
    ['details.retry_after as text', {}, { error: { details: { retry_after: '42' } } }, 42_000],
    ['details.reset_at', {}, { error: { details: { reset_at: new Date(now + 30_000).toISOString() } } }, 30_000],
    ['X-RateLimit-Reset', { 'x-ratelimit-reset': seconds(now + 600_000) }, {}, 600_000],
    ['X-RateLimit-Reset in ms', { 'x-ratelimit-reset': String(now + 600_000) }, {}, 600_000],
    ['the longest of several', { 'retry-after': '5' }, { error: { details: { retry_after: 40 } } }, 40_000],
    ['nothing at all: a minute', {}, '<html>', 60_000],
    [
      'nonsense: a minute',
      { 'retry-after': 'soon' },
      { error: { details: { retry_after: -1, reset_at: {} } } },
      60_000,
    ],
    ['nothing to wait: a second, not a tight circle', { 'retry-after': '0' }, {}, 1_000],
    ['a year: a day', { 'retry-after': '31536000' }, {}, 86_400_000],
  ])('a 429 with %s', async (_what, headers, body, expected) => {
    const date = new Date(now).toUTCString();
    const { partner, requests } = await against(json(429, body, { date, ...headers }), { clock: () => now });
    expect(await partner.kit('123456789012')).toMatchObject({
      outcome: 'rate_limited',
      asked: true,
      retryAfterMs: expected,
    });
    expect(await partner.health()).toMatchObject({ outcome: 'rate_limited', asked: false, retryAfterMs: expected });
    expect(requests).toHaveLength(1);
  });

  test('a point in time is read by the clock of the partner, so that ours may be wrong', async () => {
    const theirs = now + 3 * 3_600_000;
    const headers = { date: new Date(theirs).toUTCString(), 'x-ratelimit-reset': seconds(theirs + 120_000) };
    const { partner } = await against(json(429, {}, headers), { clock: () => now });
    expect(await partner.kit('123456789012')).toMatchObject({ retryAfterMs: 120_000 });
  });

  test('the last answer allowed is used, and nothing more is asked before the window resets', async () => {
    let time = now;
    const headers = {
      date: new Date(now).toUTCString(),
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': seconds(now + 300_000),
    };
    const { partner, requests } = await against(json(200, KIT, headers), { clock: () => time });
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'answered' });
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'rate_limited', retryAfterMs: 300_000 });
    time += 300_001;
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'answered' });
    expect(requests).toHaveLength(2);
  });

  test('a burst that is used up waits a minute; an answer with some left waits for nothing', async () => {
    let left = 1;
    const { partner } = await against(
      (request, response) => {
        json(200, KIT, { 'x-ratelimit-remaining': '900', 'x-ratelimit-burst-remaining': String(left--) })(
          request,
          response,
        );
      },
      { clock: () => now },
    );
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'answered' });
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'answered' });
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'rate_limited', retryAfterMs: 60_000 });
  });

  test('an answer is told of to whoever keeps the limits: what it allows, what is left, and how long it closes them', async () => {
    const told: (LimitsTold | null)[] = [];
    const calls: PartnerCalls = {
      begin: () =>
        Promise.resolve({
          admitted: true,
          // What can't be noted must not cost the answer.
          ended: (limits) => Promise.reject(new Error(String(told.push(limits)))),
        }),
    };
    const allowed = {
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '900',
      'x-ratelimit-burst-limit': '50',
      'x-ratelimit-burst-remaining': '20',
    };
    const answers = [
      json(200, KIT, allowed),
      json(200, KIT, { ...allowed, 'x-ratelimit-window': '86400', 'x-ratelimit-burst-remaining': '51' }),
      json(200, KIT, { 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '-1', 'x-ratelimit-burst-limit': '0' }),
      NOTHING,
      json(429, {}, { 'retry-after': '90' }),
    ];
    const { origin } = await against((request, response) => {
      answers.shift()?.(request, response);
    });
    const partner = createC4hxpClient({ origin, apiKey: 'a:b', timeoutMs: 300, clock: Date.now, calls });
    const outcomes: string[] = [];
    for (let n = 0; n < 5; n += 1) outcomes.push((await partner.kit('123456789012')).outcome);
    await partner.close();
    expect(outcomes).toEqual(['answered', 'answered', 'answered', 'unavailable', 'rate_limited']);
    const nothing = { closedForMs: 0, minute: null, hour: null };
    expect(told).toEqual([
      { closedForMs: 0, minute: { limit: 50, remaining: 20 }, hour: { limit: 1_000, remaining: 900 } },
      nothing,
      nothing,
      null,
      { ...nothing, closedForMs: 90_000 },
    ]);
  });

  test('where there is no room nothing is asked, and the rank is that of the question', async () => {
    const ranks: string[] = [];
    const calls: PartnerCalls = {
      begin: (rank) => {
        ranks.push(rank);
        return Promise.resolve({ admitted: false, waitMs: 1_234 });
      },
    };
    const { origin, requests } = await against(json(200, KIT));
    const partner = createC4hxpClient({ origin, apiKey: 'a:b', timeoutMs: 1_000, clock: Date.now, calls });
    const refused = { outcome: 'rate_limited', asked: false, retryAfterMs: 1_234 };
    expect(await partner.kit('123456789012', { rank: 'first' })).toMatchObject(refused);
    expect(await partner.orderByNumber('ORD-1')).toMatchObject(refused);
    await partner.close();
    expect(ranks).toEqual(['first', 'usual']);
    expect(requests).toEqual([]);
  });

  test('a 503 tells how long to stay away, when it does', async () => {
    const { partner } = await against(json(503, {}, { 'retry-after': '120' }), { clock: () => now });
    expect(await partner.kit('123456789012')).toMatchObject({ outcome: 'unavailable', retryAfterMs: 120_000 });
  });
});
