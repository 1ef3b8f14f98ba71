import type { FastifyPluginCallback } from 'fastify';
import { describe, expect, test } from '@jest/globals';
import { sign } from '../../src/c4hxp/webhook/signature.js';
import { type Bodies, createBodies } from '../../src/receiver/bodies.js';
import { until } from '../support/until.js';
import { SECRET, WEBHOOK, withReceiver, type TestReceiver } from './support/receiver.js';
import { openWire, request, statusOf, type Wire } from './support/wire.js';

const TIMES = 100;
const KIB = 1024;
/** Small, so that a hundred bodies are far more than all that may be held. */
const LIMITS = { one: 64 * KIB, ofOneSender: 1024 * KIB, all: 2048 * KIB };
/** Of the shape of a signature, and nobody's. */
const FORGED = { 'X-C4HXP-Signature': `sha256=${'0'.repeat(64)}` };
const HALF = Buffer.alloc(50 * KIB, '{');
const signed = { 'X-C4HXP-Signature': sign(WEBHOOK, SECRET) };
const head = (headers: Record<string, string>): Buffer => request('', headers, { length: false });
const begun = Buffer.concat([head({ ...FORGED, 'Content-Length': String(60 * KIB) }), HALF]);
const inChunks = Buffer.concat([
  head({ ...FORGED, 'Transfer-Encoding': 'chunked' }),
  Buffer.from(`${HALF.length.toString(16)}\r\n`),
  HALF,
  Buffer.from('\r\n5\r\nab'),
]);

/** Each state that a request can be in when its sender breaks off. */
const STATES: readonly (readonly [string, Buffer])[] = [
  ['in its first line', Buffer.from('POST /webhooks/c4hx')],
  ['in its headers', Buffer.from('POST /webhooks/c4hxp HTTP/1.1\r\nHost: kit-herald\r\nX-C4')],
  ['before its body', head({ ...FORGED, 'Content-Length': String(60 * KIB) })],
  ['before it was told to go on', head({ ...FORGED, 'Content-Length': '9', Expect: '100-continue' })],
  ['in its body', begun],
  ['in a chunk of its body', inChunks],
  [
    'in a body that is too large',
    Buffer.concat([
      head({ ...FORGED, 'Transfer-Encoding': 'chunked' }),
      Buffer.from('20000\r\n'),
      Buffer.alloc(100 * KIB),
    ]),
  ],
  ['in a body that says it is too large', Buffer.concat([head({ ...FORGED, 'Content-Length': '99999999' }), HALF])],
  [
    'when it was refused without a signature, before the body’s end',
    Buffer.concat([head({ 'Content-Length': String(60 * KIB) }), HALF]),
  ],
  ['at its end, with a forged signature', request(HALF, FORGED)],
  ['in the second one on a connection', Buffer.concat([request(HALF, FORGED), begun])],
  [
    'in a form',
    Buffer.concat([request('', { 'Content-Length': String(60 * KIB) }, { length: false, path: '/form' }), HALF]),
  ],
];

async function brokenOff({ port }: TestReceiver, bytes: Buffer, end: (wire: Wire) => void): Promise<void> {
  for (let round = 0; round < TIMES / 20; round++) {
    const wires = await Promise.all(Array.from({ length: 20 }, () => openWire(port)));
    for (const wire of wires) wire.write(bytes);
    await new Promise((resolve) => setTimeout(resolve, 5));
    wires.forEach(end);
  }
}

async function expectRoom({ post, url }: TestReceiver, bodies: Bodies): Promise<void> {
  await until('all memory to be given back', () => bodies.holds() === 0);
  expect((await post(WEBHOOK)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
}

describe('a hundred requests that break off', () => {
  test.each(STATES)('%s leave nothing held, whether they are reset or ended', async (_, bytes) => {
    const bodies = createBodies(LIMITS);
    const form: FastifyPluginCallback = (app, _options, done) => {
      bodies.readIn(app);
      app.post('/form', () => 'taken');
      done();
    };
    await withReceiver({ bodies, pages: [form] }, async (receiver) => {
      await brokenOff(receiver, bytes, ({ socket }) => socket.resetAndDestroy());
      await expectRoom(receiver, bodies);
      await brokenOff(receiver, bytes, ({ socket }) => socket.end());
      await brokenOff(receiver, bytes, ({ socket }) => socket.destroy());
      await expectRoom(receiver, bodies);
    });
  });

  test('while they wait behind an unanswered one leave nothing held', async () => {
    const bodies = createBodies(LIMITS);
    await withReceiver({ bodies, keep: () => new Promise(() => undefined) }, async (receiver) => {
      await brokenOff(receiver, Buffer.concat([request(WEBHOOK, signed), begun]), ({ socket }) =>
        socket.resetAndDestroy(),
      );
      await until('all memory to be given back', () => bodies.holds() === 0);
    });
  });

  test('while they are committed leave nothing held, and are kept', async () => {
    const bodies = createBodies(LIMITS);
    const commits: (() => void)[] = [];
    const keep = () => new Promise<void>((resolve) => commits.push(resolve));
    await withReceiver({ bodies, keep }, async (receiver) => {
      const wires = await Promise.all(Array.from({ length: TIMES }, () => openWire(receiver.port)));
      for (const wire of wires) wire.write(request(WEBHOOK, signed));
      await until('all to be waiting', () => commits.length === TIMES);
      for (const { socket } of wires) socket.resetAndDestroy();
      expect(bodies.holds()).toBe(0);
      for (const commit of commits) commit();
      const answer = receiver.post(WEBHOOK);
      await until('another to be kept', () => commits.length === TIMES + 1);
      commits.at(-1)?.();
      expect((await answer).status).toBe(200);
    });
  });

  test('because they took too long leave nothing held', async () => {
    const bodies = createBodies(LIMITS);
    const timeouts = { headers: 100, wholeRequest: 200, checkedEvery: 20 };
    await withReceiver({ bodies, timeouts }, async (receiver) => {
      const wires = await Promise.all(Array.from({ length: TIMES }, () => openWire(receiver.port)));
      const answers = wires.map((wire) => wire.readToEnd());
      for (const wire of wires) wire.write(begun);
      await until('memory to be taken', () => bodies.holds() > 0);
      // Those that had to make room had their answer before.
      for (const answer of await Promise.all(answers)) expect([408, 503]).toContain(statusOf(answer));
      await expectRoom(receiver, bodies);
    });
  });

  test('while the app closes leave nothing held', async () => {
    const bodies = createBodies(LIMITS);
    await withReceiver({ bodies }, async ({ port, app }) => {
      const wires = await Promise.all(Array.from({ length: 10 }, () => openWire(port)));
      for (const wire of wires) wire.write(begun);
      await until('memory to be taken', () => bodies.holds() > 0);
      app.server.closeAllConnections();
      await until('all memory to be given back', () => bodies.holds() === 0);
    });
  });

  test('as many as filled the intake once, of the size that they had then', async () => {
    await withReceiver({}, async (receiver) => {
      const large = Buffer.concat([head({ ...FORGED, 'Content-Length': '1000000' }), Buffer.alloc(950_000, '{')]);
      await brokenOff(receiver, large, ({ socket }) => socket.resetAndDestroy());
      expect((await receiver.post(WEBHOOK)).status).toBe(200);
    });
  });
});

describe('one connection that is used again and again', () => {
  test('holds nothing between its requests', async () => {
    const bodies = createBodies(LIMITS);
    await withReceiver({ bodies }, async ({ port }) => {
      const wire = await openWire(port);
      let answers = 0;
      wire.socket.on('data', (text: string) => (answers += text.match(/HTTP\/1\.1 401/g)?.length ?? 0));
      for (let times = 1; times <= TIMES; times++) {
        wire.write(request(HALF, FORGED));
        await until('its answer', () => answers === times, { everyMs: 1 });
        expect(bodies.holds()).toBe(0);
      }
      wire.write(request(WEBHOOK, { ...signed, Connection: 'close' }));
      expect(await wire.readToEnd()).toMatch(/200 OK/);
    });
  });
});

describe('slow senders without a valid signature', () => {
  /** Bodies of one mebibyte but for their last bytes, which come one by one and never all. */
  async function dripping(port: number, headersOf: (nth: number) => Record<string, string>): Promise<() => void> {
    const wires = await Promise.all(Array.from({ length: 64 }, () => openWire(port)));
    wires.forEach((wire, nth) => {
      wire.write(head({ ...FORGED, ...headersOf(nth), 'Content-Length': '1048576' }));
      wire.write(Buffer.alloc(1_000_000, '{'));
    });
    const drip = setInterval(() => {
      for (const wire of wires) wire.write('{');
    }, 10);
    return () => {
      clearInterval(drip);
      for (const wire of wires) wire.socket.destroy();
    };
  }

  const large = WEBHOOK.replace('{', `{${' '.repeat(1_000_000)}`);

  test('on one address keep no signed webhook out, not even on the same address', async () => {
    const bodies = createBodies();
    await withReceiver({ bodies }, async ({ port, post, url, logged }) => {
      const stop = await dripping(port, () => ({}));
      await until('a slow one to make room', () => logged.length > 0);
      for (let times = 0; times < 20; times++) expect((await post(WEBHOOK)).status).toBe(200);
      expect((await Promise.all(Array.from({ length: 8 }, () => post(large)))).map(({ status }) => status)).toEqual(
        Array<number>(8).fill(200),
      );
      expect(bodies.holds()).toBeLessThanOrEqual(16 * KIB * KIB);
      // It is seen: webhooks are still taken, so it is ready all the same.
      const ready = await fetch(`${url}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ready', missing: [], near: ['bodies_of_one_sender'] },
      ]);
      expect(await (await fetch(`${url}/webhooks/health`)).json()).toMatchObject({ status: 'degraded' });
      expect(logged[0]).toEqual({ why: 'bodies', message: 'a slow body had to make room for others' });
      stop();
      await until('all memory to be given back', () => bodies.holds() === 0);
    });
  });

  test('on many addresses keep no signed webhook out, and none of another address has to go', async () => {
    const MIB = KIB * KIB;
    const bodies = createBodies({ one: MIB, ofOneSender: 16 * MIB, all: 32 * MIB });
    await withReceiver({ bodies, trustProxy: ['127.0.0.1'] }, async ({ port, post, url, logged }) => {
      const patient = await openWire(port);
      const begunWell = request(WEBHOOK, { ...signed, 'X-Forwarded-For': '10.9.9.9', Connection: 'close' });
      patient.write(begunWell.subarray(0, begunWell.length - 10));
      const stop = await dripping(port, (nth) => ({ 'X-Forwarded-For': `10.0.0.${String(nth % 8)}` }));
      await until('a slow one to make room', () => logged.length > 0);
      for (let times = 0; times < 20; times++)
        expect((await post(large, { 'x-forwarded-for': '10.1.1.1' })).status).toBe(200);
      expect(bodies.holds()).toBeLessThanOrEqual(32 * MIB);
      patient.write(begunWell.subarray(begunWell.length - 10));
      expect(statusOf(await patient.readToEnd())).toBe(200);
      expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ near: ['bodies'] });
      stop();
    });
  });

  test('that are not on the allowlist have not one byte held', async () => {
    const bodies = createBodies();
    const allowedIps = ['10.1.1.1'];
    await withReceiver({ bodies, allowedIps, trustProxy: ['127.0.0.1'] }, async ({ port, post }) => {
      const stop = await dripping(port, () => ({}));
      for (let times = 0; times < 20; times++) {
        expect(bodies.holds()).toBe(0);
        expect((await post(WEBHOOK, { 'x-forwarded-for': '10.1.1.1' })).status).toBe(200);
      }
      stop();
    });
  });
});

describe('a body', () => {
  test('in chunks of one byte each is read, and takes up no more than one in a piece', async () => {
    const bodies = createBodies(LIMITS);
    await withReceiver({ bodies }, async ({ port, kept }) => {
      const body = WEBHOOK.replace('{', `{${' '.repeat(40_000)}`);
      const wire = await openWire(port);
      wire.write(
        head({ 'X-C4HXP-Signature': sign(body, SECRET), 'Transfer-Encoding': 'chunked', Connection: 'close' }),
      );
      wire.write(body.replace(/./g, '1\r\n$&\r\n'));
      await until('it to be read', () => bodies.holds() >= body.length);
      expect(bodies.holds()).toBeLessThanOrEqual(LIMITS.one);
      wire.write('0\r\n\r\n');
      expect(statusOf(await wire.readToEnd())).toBe(200);
      expect(kept[0]?.raw.toString()).toBe(body);
      expect(kept[0]?.raw.buffer.byteLength).toBeLessThanOrEqual(Math.max(body.length, 8 * KIB));
    });
  });
});
