import { describe, expect, test } from '@jest/globals';
import { sign } from '../../src/c4hxp/webhook/signature.js';
import { addressList } from '../../src/config/ip-ranges.js';
import { createReceiverApp } from '../../src/receiver/app.js';
import { c4hxp, SECRET, startReceiver, WEBHOOK, withReceiver } from './support/receiver.js';

const ELSEWHERE = ['52.1.1.1/32', '52.1.1.2/32', '52.1.1.3/32'];

describe('an address list', () => {
  test.each([
    ['52.1.1.1/32', '52.1.1.1', true],
    ['52.1.1.1/32', '52.1.1.2', false],
    ['52.1.1.1', '52.1.1.1', true],
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:a01:203', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.1.2.3', '10.1.2.3', true],
    ['2001:db8::/32', '2001:DB8:1::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::/0', '10.1.2.3', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['0.0.0.0/0', '::ffff:10.1.2.3', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['10.0.0.0/8', 'unknown', false],
    ['10.0.0.0/8', '', false],
    ['10.0.0.0/8', '10.1', false],
    ['10.0.0.0/8', '012.1.1.1', false],
    ['10.0.0.0/8', undefined, false],
  ])('%s and %s: %s', (entry, address, expected) => {
    expect(addressList([entry])(address)).toBe(expected);
  });

  test.each([
    '10.0.0.0/33',
    '10.0.0/8',
    '10.1',
    '0x0a.1.1.1',
    '::/129',
    '::ffff:10.0.0.0/95',
    'c4hxp.com',
    '10.0.0.0/',
    '/8',
    '1.1.1.1/1/1',
    'true',
  ])('refuses %s by its name', (entry) => {
    expect(() => addressList(['10.0.0.0/8', entry])).toThrow(`"${entry}" is neither an IP address nor a CIDR range`);
  });
});

describe('settings that make no sense', () => {
  const make = (options: { allowedIps?: string[]; trustProxy?: string[] }) => () =>
    createReceiverApp({
      sources: [c4hxp()],
      keep: () => Promise.resolve(),
      figures: () => Promise.resolve({ lastReceivedAt: null, processedToday: 0 }),
      ready: () => [],
      clock: Date.now,
      allowedIps: [],
      trustProxy: [],
      requireHttps: false,
      ...options,
    });

  test('are refused at once, by the setting’s name', () => {
    expect(make({ allowedIps: ['c4hxp.com'] })).toThrow('C4HXP_ALLOWED_IPS: "c4hxp.com" is neither');
    expect(make({ trustProxy: ['true'] })).toThrow('TRUST_PROXY: ');
    expect(make({ trustProxy: ['0.0.0.0/0'] })).toThrow('TRUST_PROXY: ');
  });
});

describe('the allowlist', () => {
  test('refuses an address that is not on it, signed or not, and guards only the webhook route', async () => {
    await withReceiver({ allowedIps: ELSEWHERE }, async ({ post, url, kept, counted }) => {
      const response = await post(WEBHOOK);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { code: 'address_not_allowed' } });
      expect((await post(WEBHOOK, { 'x-forwarded-for': '52.1.1.1' })).status).toBe(403);
      expect(kept).toEqual([]);
      expect(counted).toEqual(Array(2).fill('webhooks_refused address_not_allowed'));
      for (const path of ['/webhooks/health', '/livez', '/readyz']) expect((await fetch(url + path)).status).toBe(200);
    });
  });

  test('lets in an address that is on it', async () => {
    await withReceiver({ allowedIps: [...ELSEWHERE, '127.0.0.0/8'] }, async ({ post }) => {
      expect((await post(WEBHOOK)).status).toBe(200);
    });
  });

  test('looks behind a trusted proxy, but no farther than the first hop that is not trusted', async () => {
    await withReceiver({ allowedIps: ELSEWHERE, trustProxy: ['127.0.0.1', '10.0.0.0/8'] }, async ({ post }) => {
      const from = async (forwarded: string) => (await post(WEBHOOK, { 'x-forwarded-for': forwarded })).status;
      expect(await from('52.1.1.1')).toBe(200);
      expect(await from('::ffff:52.1.1.1')).toBe(200);
      expect(await from('52.1.1.1, 10.0.0.7')).toBe(200);
      expect(await from('6.6.6.6, 52.1.1.1')).toBe(200);
      expect(await from('52.1.1.1, 6.6.6.6')).toBe(403);
      expect(await from('52.1.1.1, nonsense')).toBe(403);
      expect(await from('6.6.6.6')).toBe(403);
      expect((await post(WEBHOOK)).status).toBe(403);
    });
  });
});

describe('where HTTPS is required', () => {
  test('plain HTTP is refused, also when the sender says that it was HTTPS', async () => {
    await withReceiver({ requireHttps: true }, async ({ post, url }) => {
      const response = await post(WEBHOOK, { 'x-forwarded-proto': 'https' });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { code: 'https_required' } });
      expect((await fetch(`${url}/webhooks/health`)).status).toBe(200);
    });
  });

  test('a trusted proxy’s word counts', async () => {
    await withReceiver({ requireHttps: true, trustProxy: ['127.0.0.1'] }, async ({ post }) => {
      expect((await post(WEBHOOK, { 'x-forwarded-proto': 'https' })).status).toBe(200);
      expect((await post(WEBHOOK, { 'x-forwarded-proto': 'http' })).status).toBe(403);
      expect((await post(WEBHOOK, { 'x-forwarded-proto': 'https, http' })).status).toBe(403);
      expect((await post(WEBHOOK)).status).toBe(403);
    });
  });

  test('another proxy’s word does not', async () => {
    await withReceiver({ requireHttps: true, trustProxy: ['10.0.0.1'] }, async ({ post }) => {
      expect((await post(WEBHOOK, { 'x-forwarded-proto': 'https' })).status).toBe(403);
    });
  });
});

test('an app that is not listening answers as well, so that others can test theirs on it', async () => {
  const receiver = await startReceiver();
  const answer = await receiver.app.inject({
    method: 'POST',
    url: '/webhooks/c4hxp',
    headers: { 'x-c4hxp-signature': sign(WEBHOOK, SECRET), 'content-type': 'application/json' },
    payload: WEBHOOK,
  });
  expect(answer.statusCode).toBe(200);
  await receiver.close();
});
