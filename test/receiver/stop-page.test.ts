import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { createHash } from 'node:crypto';
import { closeApp } from '../../src/host/ports.js';
import type { Topic } from '../../src/domain/kinds.js';
import { createStopPage } from '../../src/email/stop/page.js';
import { createStopTokens } from '../../src/email/stop/token.js';
import { type Bodies, createBodies } from '../../src/receiver/bodies.js';
import { STOP_PATH, stopPage, type StopChoices } from '../../src/receiver/stop-page.js';
import { BRAND } from '../email/fixtures.js';

const tokens = createStopTokens([Buffer.alloc(32, 7)]);
const address = createHash('sha256').update('jane').digest('base64url');
const token = tokens.make({ address, topic: 'reminders' });

let app: FastifyInstance;
let url: string;
let stopped: Map<string, Set<Topic>>;
let failing: boolean;
let bodies: Bodies;

const of = (who: string): Set<Topic> => {
  if (failing) throw new Error('database away');
  const known = stopped.get(who) ?? new Set<Topic>();
  stopped.set(who, known);
  return known;
};
const choices: StopChoices = {
  stoppedBy: (who) => Promise.resolve().then(() => new Set(of(who))),
  stop: (who, topic) => Promise.resolve().then(() => void of(who).add(topic)),
  undo: (who, topic) => Promise.resolve().then(() => void of(who).delete(topic)),
};

beforeEach(async () => {
  stopped = new Map();
  failing = false;
  bodies = createBodies();
  await start();
});
afterEach(async () => {
  await closeApp(app);
});

async function start(): Promise<void> {
  app = Fastify({ routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 } });
  app.removeAllContentTypeParsers();
  await app.register(stopPage, { bodies, tokens, choices, page: createStopPage(BRAND) });
  url = `${await app.listen({ port: 0, host: '127.0.0.1' })}${STOP_PATH}/${token}`;
}
async function restart(): Promise<void> {
  await closeApp(app);
  await start();
}

const topics = (): Topic[] => [...(stopped.get(address) ?? [])];
const post = (body?: string | FormData | URLSearchParams, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', redirect: 'manual', headers, ...(body === undefined ? {} : { body }) });

function oneClickForm(): FormData {
  const form = new FormData();
  form.set('List-Unsubscribe', 'One-Click');
  return form;
}

describe('the stop page', () => {
  test('shows the choices to GET and HEAD, and changes nothing: scanners follow links', async () => {
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const html = await response.text();
    expect(html).toContain('Stop reminders');
    expect(html).toContain('Stop progress news');
    expect(html).toContain('your results are ready can’t be stopped here');
    expect(html).toContain('support@herald.example');
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    expect(topics()).toEqual([]);
  });

  test('needs no script and holds no address', async () => {
    const html = await (await fetch(url)).text();
    expect(html).not.toMatch(/<script|javascript:|onclick/i);
    expect(html).not.toContain(address);
  });

  test.each([
    ['urlencoded', () => new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })],
    ['multipart', oneClickForm],
  ])('stops the email’s own topic at once by one click (%s), without a redirect', async (_encoding, body) => {
    const response = await post(body());
    expect(response.status).toBe(200);
    expect(topics()).toEqual(['reminders']);
    expect(await response.text()).toContain('We will send no more reminders');
  });

  test('stops also when a provider sends no body, an odd type or a broken multipart', async () => {
    expect((await post()).status).toBe(200);
    expect(topics()).toEqual(['reminders']);
    for (const [type, body] of [
      ['text/plain', 'List-Unsubscribe=One-Click'],
      ['multipart/form-data; boundary=x', '--y\r\nbroken'],
      ['application/json', '{'],
    ] as const) {
      stopped.clear();
      expect((await post(body, { 'content-type': type })).status).toBe(200);
      expect(topics()).toEqual(['reminders']);
    }
  });

  test.each([
    'garbage',
    ';',
    'application/x-www-form-urlencoded;',
    'multipart/form-data',
    'application/json\ta',
    'text/html; charset=what',
  ])('stops whatever the Content-Type says: %j', async (type) => {
    expect((await post('List-Unsubscribe=One-Click', { 'content-type': type })).status).toBe(200);
    expect(topics()).toEqual(['reminders']);
  });

  test.each([20_000, 65_536, 65_537, 1_000_000])('stops with a form of %d bytes', async (size) => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'garbage']) {
      stopped.clear();
      const body = 'List-Unsubscribe=One-Click&x='.padEnd(size, 'x');
      expect((await post(body, { 'content-type': type })).status).toBe(200);
      expect(topics()).toEqual(['reminders']);
    }
  });

  test('reads its own form up to 64 KiB, and only as a form', async () => {
    await post();
    const undo = (size: number) => 'do=undo&topic=reminders&x='.padEnd(size, 'x');
    for (const type of ['text/plain', 'application/json', 'garbage']) {
      await post(undo(100), { 'content-type': type });
      expect(topics()).toEqual(['reminders']);
    }
    await post(undo(65_536), { 'content-type': 'application/x-www-form-urlencoded' });
    expect(topics()).toEqual([]);
  });

  test('is there under its path with a slash at its end', async () => {
    expect((await fetch(`${url}/`)).status).toBe(200);
    expect((await fetch(`${url}/`, { method: 'POST' })).status).toBe(200);
    expect(topics()).toEqual(['reminders']);
  });

  test('changes nothing when a body had to make room for others: it may have said the opposite', async () => {
    bodies = createBodies({ one: 100_000, ofOneSender: 10, all: 10 });
    await restart();
    const response = await post(new URLSearchParams({ topic: 'reminders', do: 'undo' }));
    expect([response.status, topics()]).toEqual([503, []]);
  });

  test('stops the other topic, and takes back either, by its own buttons', async () => {
    await post(new URLSearchParams({ topic: 'progress', do: 'stop' }));
    await post(new URLSearchParams({ topic: 'reminders', do: 'stop' }));
    expect(topics().sort()).toEqual(['progress', 'reminders']);
    const undone = await post(new URLSearchParams({ topic: 'reminders', do: 'undo' }));
    expect(topics()).toEqual(['progress']);
    const html = await undone.text();
    expect(html).toContain('We will send reminders to this address again');
    expect(html).toContain('Send progress news again');
  });

  test('can stop nothing else: a made-up topic means the email’s own', async () => {
    await post(new URLSearchParams({ topic: 'results', do: 'stop' }));
    expect(topics()).toEqual(['reminders']);
  });

  test('doing the same again changes nothing more', async () => {
    await post();
    expect((await post()).status).toBe(200);
    expect(topics()).toEqual(['reminders']);
  });

  test('speaks the browser’s language', async () => {
    const html = await (await fetch(url, { headers: { 'accept-language': 'xx, fr-CA;q=0.8, en;q=0.5' } })).text();
    expect(html).toContain('<html lang="fr" dir="ltr">');
    expect(html).toContain('Arrêter les rappels');
  });

  test('tells a link that isn’t ours from one that is, without a word why', async () => {
    const response = await fetch(`${url}x`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('This link does not work');
    expect((await fetch(`${url}x`, { method: 'POST' })).status).toBe(404);
    expect(stopped.size).toBe(0);
  });

  test('says that nothing was changed when the choice can’t be kept', async () => {
    failing = true;
    const response = await post();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('120');
    expect(await response.text()).toContain('Nothing was changed');
  });
});
