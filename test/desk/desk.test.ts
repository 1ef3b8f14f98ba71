import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { AddressInfo } from 'node:net';
import { type Access, createAccess } from '../../src/access/access.js';
import { hashSecret } from '../../src/access/secrets.js';
import { createAdminApp } from '../../src/admin/app.js';
import type { AdminPorts } from '../../src/admin/ports.js';
import { proxyList } from '../../src/config/ip-ranges.js';
import { readUser, type User } from '../../src/config/users.js';
import type { Database } from '../../src/database/database.js';
import { desk } from '../../src/desk/app.js';
import { closeApp } from '../../src/host/ports.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { listWebhooks, selectQuarantined, showWebhook } from '../../src/inbox/webhooks.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { openBrowser } from '../email/browser.js';
import { decision, KIT, newLedger, newSealing, person, seen, T0, VIEW } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';

const SECRET = 'correct horse battery';
const CHEAP = { logN: 4, r: 8, p: 1 };

const user = async (name: string, role: string): Promise<User> => {
  const read = readUser(`${name}:${role}:${await hashSecret(SECRET, CHEAP)}`);
  if (typeof read === 'string') throw new Error(read);
  return read;
};

describe('the desk', () => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let intake: Intake;
  let access: Access;
  let app: FastifyInstance;
  let all: readonly User[];
  let users: readonly User[];
  let now: number;
  let away: readonly string[];
  const counted: string[] = [];

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    sealing = newSealing();
    const ledger = newLedger(database, sealing);
    intake = createIntake({ database, sealing });
    all = [
      await user('jane', 'support'),
      await user('omar', 'support'),
      await user('rea', 'reader'),
      await user('boss', 'admin'),
    ];
    all = [...all, { name: 'prox', line: 'prox:privacy', role: 'privacy', secret: null }];
    access = createAccess({ database, sealing, users: () => users, clock: () => now });
    const ports: AdminPorts = {
      ledger,
      webhooks: {
        list: (filter) => listWebhooks(database, filter),
        show: (id) => showWebhook(database, id),
        select: (selection) => selectQuarantined(database, selection),
        reread: () => Promise.resolve({ outcome: 'not_found' }),
        replay: () => Promise.resolve({ outcome: 'not_found' }),
        scorecard: () => Promise.reject(new Error('the desk asks for none')),
      },
      retention: null as never,
      erasing: null as never,
      keys: null as never,
      evidence: () => Promise.resolve(null),
      outlook: () =>
        Promise.resolve([
          {
            subject: KIT,
            kind: 'results.available',
            occurrence: 1,
            becomes: 'goes',
            until: null,
            reason: null,
            cause: 'operator:x',
          },
        ]),
      rehearse: () => Promise.resolve({ journeys: 0, changes: [], next: null }),
      audit: access.audit,
      keep: (arrival) => intake.keep(arrival),
      hash: sealing.hash,
      clock: () => now,
    };
    const log = (): void => undefined;
    const count = (name: string, labels: Readonly<Record<string, string>>): unknown =>
      counted.push([name, ...Object.values(labels)].join(' '));
    app = await createAdminApp({
      ...ports,
      adminToken: 'admin-token-of-this-test',
      supportToken: null,
      missing: () => Promise.resolve([]),
      isForUs: () => true,
      count,
      log,
      pages: (scope) =>
        desk(scope, {
          ...ports,
          access,
          colour: '#0b5c6b',
          zone: 'UTC',
          proxyHeader: 'X-Forwarded-User',
          isProxy: proxyList(['10.0.0.0/8']),
          away: () => away,
          count,
          log,
        }),
    });
  });
  beforeEach(async () => {
    now = T0;
    users = all;
    away = [];
    counted.length = 0;
    await database.query(
      `truncate audit, sessions, notifications, decisions, subjects, suppressions, contacts, inbox, inbox_bodies,
        deliveries, links`,
    );
    await seen(database, sealing, { subject: KIT, person: person() });
  });
  afterAll(async () => {
    await closeApp(app);
    await intake.close();
    await databases.stop();
  });

  type Fields = Record<string, string>;
  const get = (url: string, cookie = '', headers: Fields = {}): Promise<LightMyRequestResponse> =>
    app.inject({ url, headers: { cookie, ...headers } });
  const post = (url: string, fields: Fields, cookie = ''): Promise<LightMyRequestResponse> =>
    app.inject({
      url,
      method: 'POST',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(fields).toString(),
    });
  const trySignIn = (name: string, secret = SECRET) => post('/desk/sign-in', { name, secret });
  const cookieOf = (answer: LightMyRequestResponse): string =>
    answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const signIn = async (name: string): Promise<string> => cookieOf(await trySignIn(name));
  /** The hidden fields of the last form in a page. */
  const fieldsOf = ({ body }: LightMyRequestResponse): Fields =>
    Object.fromEntries(
      [...body.slice(body.lastIndexOf('<form')).matchAll(/type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"')],
      ),
    );
  const acts = async () =>
    (
      await database.query<{ who: string; act: string; outcome: string }>(
        'select who, act, outcome from audit order by id',
      )
    ).map(({ who, act, outcome }) => `${who} ${act} ${outcome}`);
  const needsSkip = () =>
    newLedger(database, sealing).record(
      {
        subject: KIT,
        projection: { ...VIEW, attention: [{ code: 'held_for_review', since: T0 }] },
        decisions: [
          {
            ...decision({ verdict: 'wait' }),
            kind: 'results.available',
            status: 'deferred',
            reason: 'held_for_review',
          } as never,
        ],
      },
      T0,
    );

  describe('signs in', () => {
    test('by name and secret, with a cookie that scripts and other sites don’t get', async () => {
      const answer = await trySignIn('jane');
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/desk']);
      expect(answer.headers['set-cookie']).toMatch(/HttpOnly; SameSite=Strict/);
      const home = await get('/desk', cookieOf(answer));
      expect([home.statusCode, home.headers['content-security-policy']]).toEqual([
        200,
        expect.stringContaining("default-src 'none'"),
      ]);
      expect(home.body).not.toMatch(/<script|style="/);
      expect(await acts()).toEqual(['jane sign_in done']);
    });

    test.each([
      ['with a wrong secret', 'jane', 'wrong'],
      ['under a name that nobody has', 'nobody-here', SECRET],
      ['who comes by the proxy only', 'prox', SECRET],
    ])('nobody %s, and says the same to each', async (_who, name, secret) => {
      const answer = await trySignIn(name, secret);
      expect([answer.statusCode, answer.cookies]).toEqual([401, []]);
      expect(answer.body).toContain('That name and secret don’t go together.');
      expect(await acts()).toEqual(['nobody sign_in wrong_secret']);
    });

    test('nobody for a while after five wrong secrets, longer after each further one, and then again', async () => {
      for (let wrong = 0; wrong < 6; wrong += 1) {
        await trySignIn('jane', 'wrong');
        if (wrong === 4) now += 10_000;
      }
      const locked = await trySignIn('jane');
      expect([locked.statusCode, locked.cookies]).toEqual([429, []]);
      expect(locked.body).toContain('Try again in 20 seconds');
      expect((await trySignIn('omar')).statusCode).toBe(303);
      now += 20_000;
      expect((await trySignIn('jane')).statusCode).toBe(303);
    });

    test('keeps of a session only the keyed hash', async () => {
      const [, id = ''] = (await signIn('jane')).split('=');
      const rows = await database.query<{ row: string }>('select s::text as row from sessions s');
      expect(rows).toHaveLength(1);
      expect(rows[0]?.row).not.toContain(Buffer.from(id, 'base64url').toString('hex'));
    });
  });

  describe('a session ends', () => {
    const stillIn = async (cookie: string): Promise<boolean> => (await get('/desk', cookie)).statusCode === 200;

    test('after half an hour without use, and after twelve hours in any case', async () => {
      const cookie = await signIn('jane');
      now += 29 * 60_000;
      expect(await stillIn(cookie)).toBe(true);
      now += 30 * 60_000;
      expect(await stillIn(cookie)).toBe(false);
      const busy = await signIn('jane');
      for (let passed = 0; passed < 12 * 60 - 20; passed += 20) {
        now += 20 * 60_000;
        expect(await stillIn(busy)).toBe(true);
      }
      now += 20 * 60_000;
      expect(await stillIn(busy)).toBe(false);
    });

    test('at once when its user is removed from USERS, or is given another role or secret', async () => {
      const cookie = await signIn('jane');
      users = all.filter(({ name }) => name !== 'jane');
      expect(await stillIn(cookie)).toBe(false);
      users = all.map((one) => (one.name === 'jane' ? { ...one, line: `${one.line}x` } : one));
      expect(await stillIn(cookie)).toBe(false);
    });

    test('everywhere, by oneself or by an admin, and not by anybody else', async () => {
      const [one, other, omar, boss] = [
        await signIn('jane'),
        await signIn('jane'),
        await signIn('omar'),
        await signIn('boss'),
      ];
      const end = async (cookie: string, name: string) =>
        post('/desk/end-sessions', { ...fieldsOf(await get('/desk/me', cookie)), name }, cookie);
      await end(omar, 'jane');
      expect(await stillIn(one)).toBe(true);
      await end(one, 'jane');
      expect([await stillIn(one), await stillIn(other), await stillIn(omar)]).toEqual([false, false, true]);
      await end(boss, 'omar');
      expect(await stillIn(omar)).toBe(false);
    });
  });

  describe('the header of a proxy', () => {
    test('from a stranger is refused and counted', async () => {
      const answer = await get('/desk', '', { 'x-forwarded-user': 'prox' });
      expect(answer.statusCode).toBe(403);
      expect(counted).toEqual(['admin_refused proxy_header_from_stranger']);
    });

    test('from the proxy lets in whom USERS knows, with their role there', async () => {
      const by = (name: string) =>
        app.inject({ url: '/desk/me', remoteAddress: '10.1.2.3', headers: { 'x-forwarded-user': name } });
      expect((await by('prox')).body).toContain('Your role is privacy');
      expect((await by('somebody')).statusCode).toBe(403);
    });
  });

  describe('a form', () => {
    test('without the session’s own token changes nothing', async () => {
      await needsSkip();
      const cookie = await signIn('jane');
      for (const _csrf of ['', 'x'.repeat(43)])
        expect((await post('/desk/kits/123456789012/skip', { _csrf, reason: 'told' }, cookie)).statusCode).toBe(403);
      expect(await database.query(`select 1 from inbox where source = 'operator'`)).toEqual([]);
    });

    test('says what will happen, does it once however often it is sent, and is written down', async () => {
      await needsSkip();
      const cookie = await signIn('jane');
      const form = fieldsOf(await get('/desk/kits/123456789012/skip', cookie));
      const look = await post('/desk/kits/123456789012/skip/look', { ...form, reason: 'told by phone' }, cookie);
      expect(look.body).toContain('“Results are ready” is sent.');
      const sure = fieldsOf(look);
      const first = await post('/desk/kits/123456789012/skip', sure, cookie);
      const second = await post('/desk/kits/123456789012/skip', sure, cookie);
      expect([first.statusCode, second.statusCode]).toEqual([200, 200]);
      expect(second.body).toContain('it was done once');
      expect(await database.query(`select 1 from inbox where source = 'operator'`)).toHaveLength(1);
      expect((await acts()).filter((act) => act.includes('skip'))).toEqual(['jane skip done', 'jane skip done']);
    });

    test('whose session has ended is kept, and goes on after signing in', async () => {
      await needsSkip();
      const cookie = await signIn('jane');
      const form = fieldsOf(await get('/desk/kits/123456789012/skip', cookie));
      now += 31 * 60_000;
      const out = await post('/desk/kits/123456789012/skip/look', { ...form, reason: 'told by phone' }, cookie);
      expect(out.statusCode).toBe(401);
      const back = await post('/desk/sign-in', { ...fieldsOf(out), name: 'jane', secret: SECRET });
      expect(back.body).toContain('Nothing was lost');
      expect(fieldsOf(back)).toMatchObject({ reason: 'told by phone' });
    });

    test('of the later of two operators tells what the first did, and does nothing', async () => {
      await needsSkip();
      const [jane, omar] = [await signIn('jane'), await signIn('omar')];
      const open = async (cookie: string) => {
        const form = fieldsOf(await get('/desk/kits/123456789012/skip', cookie));
        return post('/desk/kits/123456789012/skip/look', { ...form, reason: 'told by phone' }, cookie);
      };
      const [first, later] = [fieldsOf(await open(jane)), fieldsOf(await open(omar))];
      now += 1_000;
      await post('/desk/kits/123456789012/skip', first, jane);
      const answer = await post('/desk/kits/123456789012/skip', later, omar);
      expect(answer.statusCode).toBe(409);
      expect(answer.body).toContain('jane asked for “Skip” on 24 November at 12:00.');
      now += 1_000;
      expect((await open(omar)).body).not.toContain('Meanwhile');
      expect(await database.query(`select 1 from inbox where source = 'operator'`)).toHaveLength(1);
    });
  });

  test('shows each role what it may: a reader no first name and no buttons', async () => {
    await needsSkip();
    const [rea, jane] = [await signIn('rea'), await signIn('jane')];
    const [forRea, forJane] = [await get('/desk/kits/123456789012', rea), await get('/desk/kits/123456789012', jane)];
    expect(forRea.body).toContain('The patient was not told yet that results are ready');
    expect(forRea.body).not.toMatch(/Zoe|Zoë|zoe@|Try again/);
    expect(forJane.body).toMatch(/Zo[eë] was not told yet/);
    expect((await get('/desk/kits/123456789012/skip', rea)).statusCode).toBe(403);
    expect((await get('/desk/audit', jane)).statusCode).toBe(403);
    expect(await acts()).toContain('jane told done');
  });

  test.each([['%'], ["' or 1=1 --"], ['<script>alert(1)</script>'], ['x'.repeat(400)], ['nobody@example.com']])(
    'searches %s as text, finds nothing and says so',
    async (q) => {
      const cookie = await signIn('jane');
      const form = fieldsOf(await get('/desk', cookie));
      const answer = await post('/desk/search', { ...form, q }, cookie);
      expect(answer.statusCode).toBe(404);
      expect(answer.body).toContain('Nothing was found');
      expect(answer.body).not.toContain('<script>');
    },
  );

  test('has no fault that axe finds, light and dark, at a phone’s width, and nothing that is wider', async () => {
    await needsSkip();
    away = ['Temporal'];
    const cookie = await signIn('boss');
    await app.listen({ host: '127.0.0.1', port: 0 });
    const origin = `http://127.0.0.1:${String((app.server.address() as AddressInfo).port)}`;
    const browser = await openBrowser();
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        const context = await browser.newContext({
          colorScheme,
          viewport: { width: 390, height: 800 },
          bypassCSP: true,
        });
        const [name = '', value = ''] = cookie.split('=');
        await context.addCookies([{ name, value, url: origin }]);
        const shown = await context.newPage();
        const paths = [
          '',
          '/kits/123456789012',
          '/kits/123456789012/correct-contact',
          '/attention',
          '/audit',
          '/me',
          '/x',
        ];
        for (const path of ['/sign-in', ...paths]) {
          await shown.goto(`${origin}/desk${path}`);
          await shown.evaluate(axe.source);
          const faults = await shown.evaluate(
            `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
          );
          expect([path, colorScheme, faults]).toEqual([path, colorScheme, []]);
          expect(await shown.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
        }
        await context.close();
      }
    } finally {
      await browser.close();
    }
  }, 60_000);
});
