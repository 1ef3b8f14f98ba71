import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sign } from '../../src/c4hxp/webhook/signature.js';
import { IntakeUnavailable } from '../../src/inbox/intake.js';
import { page } from '../c4hxp/webhook/support/reading.js';
import { c4hxp, SECRET, startReceiver, WEBHOOK, withReceiver, type TestReceiver } from './support/receiver.js';
import { bodyOf, openWire, request, statusOf } from './support/wire.js';

let receiver: TestReceiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.kept.length = 0;
  receiver.counted.length = 0;
});

const signed = (body: string | Buffer) => ({ 'X-C4HXP-Signature': sign(body, SECRET) });
const error = (code: string) => ({ error: { code, message: expect.any(String) as unknown } });

describe('a signed webhook', () => {
  test('is acknowledged once it is kept', async () => {
    const response = await receiver.post(WEBHOOK);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.text()).toBe('{"received":true}');
    expect(receiver.kept).toHaveLength(1);
    expect(receiver.kept[0]).toMatchObject({ externalId: 'wh_1', event: 'kit.registered', verdict: 'accepted' });
    expect(receiver.counted).toEqual(['webhooks_acknowledged accepted kit.registered']);
  });

  test('is kept byte for byte, however it is spaced', async () => {
    for (const event of ['order.created', 'order.shipped', 'kit.registered', 'results.available']) {
      const raw = page(event);
      expect((await receiver.post(raw)).status).toBe(200);
      expect(receiver.kept.at(-1)?.raw.equals(raw)).toBe(true);
      expect(receiver.kept.at(-1)?.verdict).toBe('accepted');
    }
  });

  test('is acknowledged only after the commit', async () => {
    let commit: () => void = () => undefined;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    await withReceiver({ keep: () => committed }, async ({ post }) => {
      let answered = false;
      const answer = post(WEBHOOK).then((response) => {
        answered = true;
        return response;
      });
      await fetch(`${receiver.url}/livez`);
      expect(answered).toBe(false);
      commit();
      expect((await answer).status).toBe(200);
    });
  });

  test('may be signed with either secret while they rotate', async () => {
    await withReceiver({ sources: [c4hxp({ secrets: ['the new one', SECRET] })] }, async ({ post }) => {
      expect((await post(WEBHOOK)).status).toBe(200);
      expect((await post(WEBHOOK, { 'x-c4hxp-signature': sign(WEBHOOK, 'the new one') })).status).toBe(200);
      expect((await post(WEBHOOK, { 'x-c4hxp-signature': sign(WEBHOOK, 'the one before') })).status).toBe(401);
    });
  });

  test('may come in chunks, asking first whether it may, several on one connection', async () => {
    const wire = await openWire(receiver.port);
    const { length } = Buffer.from(WEBHOOK);
    wire.write(
      request('', { ...signed(WEBHOOK), 'Transfer-Encoding': 'chunked', Expect: '100-continue' }, { length: false }),
    );
    await wire.read(/100 Continue/);
    wire.write(`5\r\n${WEBHOOK.slice(0, 5)}\r\n`);
    wire.write(`${(length - 5).toString(16)}\r\n${WEBHOOK.slice(5)}\r\n0\r\n\r\n`);
    await wire.read(/received/);
    wire.write(request(WEBHOOK, signed(WEBHOOK)));
    wire.write(request(WEBHOOK, { ...signed(WEBHOOK), Connection: 'close' }));
    const answers = await wire.readToEnd();
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    expect(receiver.kept).toHaveLength(3);
  });

  test.each([
    ['nothing', '', 'not_json'],
    ['no JSON', 'event=kit.registered', 'not_json'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not_utf8'],
    ['no object', '[]', 'not_object'],
    ['an unknown event', '{"event":"kit.exploded","data":{}}', 'unknown_event'],
    ['a variant of an event', '{"event":"result.available","data":{}}', 'unknown_event:results.available'],
    ['data that fail', '{"event":"kit.registered","data":{}}', 'invalid_data:data.kit_barcode'],
  ])('is kept and acknowledged although it holds %s', async (_, body, reason) => {
    const response = await receiver.post(body);
    expect(response.status).toBe(200);
    expect(receiver.kept).toMatchObject([{ verdict: 'quarantined', reason }]);
    expect(receiver.counted[0]).toMatch(/^webhooks_acknowledged quarantined/);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json\ta',
    'what is this',
    ';',
    '',
  ])('is read whatever its Content-Type says: %j', async (contentType) => {
    expect((await receiver.post(WEBHOOK, { 'content-type': contentType })).status).toBe(200);
    expect(receiver.kept).toMatchObject([{ verdict: 'accepted', reason: null }]);
  });

  test('is read under two Content-Types', async () => {
    const wire = await openWire(receiver.port);
    const types = { 'Content-Type': ['text/plain', 'application/json'] };
    wire.write(request(WEBHOOK, { ...signed(WEBHOOK), ...types, Connection: 'close' }));
    expect(statusOf(await wire.readToEnd())).toBe(200);
    expect(receiver.kept[0]?.verdict).toBe('accepted');
  });

  test('is taken under its path with a slash at its end', async () => {
    const wire = await openWire(receiver.port);
    wire.write(request(WEBHOOK, { ...signed(WEBHOOK), Connection: 'close' }, { path: '/webhooks/c4hxp/' }));
    expect(statusOf(await wire.readToEnd())).toBe(200);
    expect(receiver.kept).toHaveLength(1);
  });

  test('needs no Content-Type at all', async () => {
    const wire = await openWire(receiver.port);
    wire.write(request(WEBHOOK, { ...signed(WEBHOOK), Connection: 'close' }));
    expect(statusOf(await wire.readToEnd())).toBe(200);
    expect(receiver.kept[0]?.verdict).toBe('accepted');
  });

  test.each([
    ['__proto__', '{"event":"kit.registered","__proto__":{"x":1},"data":{"kit_barcode":"123456789012"}}'],
    ['a deep one', `{"event":"kit.registered","data":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`],
    ['duplicate keys', '{"event":"kit.registered","event":"kit.registered","data":{"kit_barcode":"123456789012"}}'],
    ['NUL', '{"event":"kit.registered","data":{"kit_barcode":"123456789012\\u0000"}}'],
    ['a huge number', '{"event":"kit.registered","data":{"kit_barcode":1e400}}'],
  ])('is harmless: %s', async (_, body) => {
    expect((await receiver.post(body)).status).toBe(200);
    expect(receiver.kept).toHaveLength(1);
  });
});

describe('an unsigned or wrongly signed webhook', () => {
  test.each([
    ['no signature', {}],
    ['a wrong length', { 'X-C4HXP-Signature': sign(WEBHOOK, SECRET).slice(0, -2) }],
    ['upper-case hex', { 'X-C4HXP-Signature': `sha256=${sign(WEBHOOK, SECRET).slice(7).toUpperCase()}` }],
    ['another secret', { 'X-C4HXP-Signature': sign(WEBHOOK, 'another') }],
    [
      'the signature of a re-encoded body',
      { 'X-C4HXP-Signature': sign(JSON.stringify(JSON.parse(WEBHOOK), null, 1), SECRET) },
    ],
    ['two signature headers', { 'X-C4HXP-Signature': [sign(WEBHOOK, SECRET), sign(WEBHOOK, SECRET)] }],
    ['two, the first one good', { 'X-C4HXP-Signature': [sign(WEBHOOK, SECRET), 'sha256=00'] }],
  ])('with %s is refused, not stored, and counted', async (_, headers) => {
    const wire = await openWire(receiver.port);
    wire.write(request(WEBHOOK, { 'Content-Type': 'application/json', ...headers, Connection: 'close' }));
    const answer = await wire.readToEnd();
    expect(statusOf(answer)).toBe(401);
    expect(bodyOf(answer)).toEqual(error('invalid_signature'));
    expect(receiver.kept).toEqual([]);
    expect(receiver.counted).toEqual(['webhooks_refused invalid_signature']);
  });

  test('is refused before its Content-Type is looked at', async () => {
    const response = await receiver.post(WEBHOOK, { 'content-type': 'nonsense', 'x-c4hxp-signature': 'sha256=0' });
    expect(response.status).toBe(401);
  });

  test('is refused without waiting for its body, and the connection goes on', async () => {
    const wire = await openWire(receiver.port);
    wire.write(request('', { 'Content-Length': '500000' }, { length: false }));
    expect(await wire.read(/}}/)).toMatch(/401 Unauthorized/);
    wire.write('x'.repeat(500_000));
    wire.write(request(WEBHOOK, { ...signed(WEBHOOK), Connection: 'close' }));
    expect(await wire.readToEnd()).toMatch(/200 OK/);
  });
});

describe('a webhook that could not be committed', () => {
  test.each([
    ['for a full queue', new IntakeUnavailable('queue_full'), 'queue_full'],
    ['for any other reason', Object.assign(new Error('jane@example.com'), { code: '57P01' }), '57P01'],
  ])('is answered 503 with Retry-After %s, and the log quotes nothing', async (_, failure, why) => {
    await withReceiver({ keep: () => Promise.reject(failure) }, async ({ post, logged, counted }) => {
      const response = await post(WEBHOOK);
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await response.json()).toEqual(error('not_committed'));
      expect(logged).toEqual([{ why, message: expect.any(String) as unknown }]);
      expect(counted).toEqual(['webhooks_refused not_committed']);
    });
  });
});

test('what is here already when the app closes is still committed', async () => {
  let commit: () => void = () => undefined;
  let asked: () => void = () => undefined;
  const committing = new Promise<void>((resolve) => (asked = resolve));
  const keep = () => {
    asked();
    return new Promise<void>((resolve) => (commit = resolve));
  };
  const { post, close } = await startReceiver({ keep });
  const answer = post(WEBHOOK, { connection: 'close' });
  await committing;
  const closed = close();
  commit();
  expect((await answer).status).toBe(200);
  await closed;
});
