import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sign } from '../../src/c4hxp/webhook/signature.js';
import { createBodies } from '../../src/receiver/bodies.js';
import { SECRET, startReceiver, WEBHOOK, withReceiver, type TestReceiver } from './support/receiver.js';
import { until } from '../support/until.js';
import { bodyOf, openWire, request, statusOf } from './support/wire.js';

let receiver: TestReceiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.kept.length = 0;
});

const signed = (body: string | Buffer) => ({ 'X-C4HXP-Signature': sign(body, SECRET) });
const error = (code: string) => ({ error: { code, message: expect.any(String) as unknown } });

describe('a body', () => {
  test('that is encoded is refused', async () => {
    const zipped = gzipSync(WEBHOOK);
    for (const encoding of ['gzip', 'GZIP', 'br', 'identity, gzip']) {
      const response = await receiver.post(zipped, { 'content-encoding': encoding });
      expect(response.status).toBe(415);
      expect(await response.json()).toEqual(error('unsupported_encoding'));
    }
    const wire = await openWire(receiver.port);
    wire.write(
      request('', { ...signed(zipped), 'Transfer-Encoding': 'gzip, chunked', Connection: 'close' }, { length: false }),
    );
    wire.write('0\r\n\r\n');
    expect(statusOf(await wire.readToEnd())).toBe(415);
    expect(receiver.kept).toEqual([]);
    expect((await receiver.post(WEBHOOK, { 'content-encoding': 'identity' })).status).toBe(200);
  });

  test('of one mebibyte is taken, of one byte more refused, whole or in chunks', async () => {
    const exact = WEBHOOK.replace('{', `{${' '.repeat(1024 * 1024 - WEBHOOK.length)}`);
    expect((await receiver.post(exact)).status).toBe(200);
    const more = `${exact} `;
    const response = await receiver.post(more);
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual(error('body_too_large'));
    const wire = await openWire(receiver.port);
    wire.write(request('', { ...signed(more), 'Transfer-Encoding': 'chunked' }, { length: false }));
    wire.write(`${more.length.toString(16)}\r\n${more}\r\n0\r\n\r\n`);
    wire.write(request(WEBHOOK, { ...signed(WEBHOOK), Connection: 'close' }));
    const answers = await wire.readToEnd();
    expect(answers).toMatch(/^HTTP\/1\.1 413 /);
    expect(answers).toMatch(/HTTP\/1\.1 200 OK/);
    expect(receiver.kept).toHaveLength(2);
  });

  test('that is far too large still gets its answer', async () => {
    const response = await receiver.post('x'.repeat(8 * 1024 * 1024));
    expect(response.status).toBe(413);
  });
});

describe('all bodies together', () => {
  test('take up no more memory than allowed, and give it back', async () => {
    const bodies = createBodies({ one: 1_000, ofOneSender: 2_500, all: 2_500 });
    await withReceiver({ bodies }, async ({ port, post, kept }) => {
      const wires = await Promise.all(Array.from({ length: 3 }, () => openWire(port)));
      const half = request('x'.repeat(900), { ...signed(WEBHOOK), 'Content-Length': '1000' }, { length: false });
      const answers = wires.map((wire) => wire.read(/}}/));
      for (const wire of wires) wire.write(half);
      const refused = await Promise.race(answers);
      expect(statusOf(refused)).toBe(503);
      expect(refused).toMatch(/retry-after: 5/i);
      expect(bodyOf(refused)).toEqual(error('not_committed'));
      for (const wire of wires) wire.socket.destroy();
      await until('memory to be given back', async () => (await post(WEBHOOK)).status === 200);
      for (let times = 0; times < 10; times++) expect((await post(WEBHOOK)).status).toBe(200);
      expect(kept).toHaveLength(11);
    });
  });
});

describe('a request that two servers could understand differently', () => {
  test.each([
    ['a length and chunks', { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }],
    ['two lengths', { 'Content-Length': ['5', '6'] }],
    ['a length that is none', { 'Content-Length': '+5' }],
    ['chunks inside of chunks', { 'Transfer-Encoding': 'chunked, chunked' }],
  ])('is refused: %s', async (_, headers) => {
    const wire = await openWire(receiver.port);
    wire.write(request('0\r\n\r\n', { ...signed(''), ...headers, Connection: 'close' }, { length: false }));
    expect(statusOf(await wire.readToEnd())).toBeGreaterThanOrEqual(400);
    expect(receiver.kept).toEqual([]);
  });
});

describe('a sender that is slow', () => {
  const timeouts = { headers: 150, wholeRequest: 400, checkedEvery: 20 };

  test('with its headers gets 408', async () => {
    await withReceiver({ timeouts }, async ({ port, counted }) => {
      const wire = await openWire(port);
      wire.write('POST /webhooks/c4hxp HTTP/1.1\r\nHost: kit-herald\r\n');
      const answer = await wire.readToEnd();
      expect(statusOf(answer)).toBe(408);
      expect(bodyOf(answer)).toEqual(error('request_timeout'));
      expect(counted).toEqual(['requests_refused request_timeout']);
    });
  });

  test('with its body gets 408, however steadily it drips', async () => {
    await withReceiver({ timeouts }, async ({ port, kept }) => {
      const wire = await openWire(port);
      wire.write(request('', { ...signed(WEBHOOK), 'Content-Length': '100000' }, { length: false }));
      const drip = setInterval(() => {
        wire.write('{');
      }, 20);
      const answer = await wire.readToEnd();
      clearInterval(drip);
      expect(statusOf(answer)).toBe(408);
      expect(kept).toEqual([]);
    });
  });

  test('holds up nobody else', async () => {
    await withReceiver({}, async ({ port, post }) => {
      const wires = await Promise.all(Array.from({ length: 20 }, () => openWire(port)));
      for (const wire of wires) wire.write('POST /webhooks/c4hxp HTTP/1.1\r\n');
      expect((await post(WEBHOOK)).status).toBe(200);
      for (const wire of wires) wire.socket.destroy();
    });
  });

  test('that goes away in the middle is no error', async () => {
    const wire = await openWire(receiver.port);
    wire.write(request('{', { ...signed(WEBHOOK), 'Content-Length': '1000' }, { length: false }));
    wire.socket.resetAndDestroy();
    expect((await receiver.post(WEBHOOK)).status).toBe(200);
    expect(receiver.kept).toHaveLength(1);
  });
});
