import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import axe from 'axe-core';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from '../email/browser.js';
import { comesBack, KIT, person, seen } from '../ledger/support.js';
import { deskUnderTest, SECRET, unreadable } from './support.js';

describe('the desk', () => {
  const { world, send, get, post, trySignIn, cookieOf, signIn, fieldsOf, acts, commands, needsSkip } = deskUnderTest();

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

    test('over HTTPS with a cookie that no plain HTTP and no other host can set, and with none of plain HTTP', async () => {
      const overHttps = (url: string, cookie: string, fields: Record<string, string> | null = null) =>
        world.app.inject({
          url,
          method: fields === null ? 'GET' : 'POST',
          remoteAddress: '10.1.2.3',
          headers: {
            cookie,
            'x-forwarded-proto': 'https',
            'content-type': 'application/x-www-form-urlencoded',
          },
          ...(fields === null ? {} : { payload: new URLSearchParams(fields).toString() }),
        });
      const answer = await overHttps('/desk/sign-in', '', { name: 'jane', secret: SECRET });
      expect(answer.headers['set-cookie']).toMatch(
        /^__Host-kit-herald=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect((await overHttps('/desk', cookieOf(answer))).statusCode).toBe(200);
      const plain = await signIn('jane');
      expect(plain).toMatch(/^kit-herald=/);
      expect((await overHttps('/desk', plain)).statusCode).toBe(401);
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
        if (wrong === 4) world.now += 10_000;
      }
      const locked = await trySignIn('jane');
      expect([locked.statusCode, locked.cookies]).toEqual([429, []]);
      expect(locked.body).toContain('Try again in 20 seconds');
      expect((await trySignIn('omar')).statusCode).toBe(303);
      world.now += 20_000;
      expect((await trySignIn('jane')).statusCode).toBe(303);
    });

    test('keeps of a session only the keyed hash', async () => {
      const [, id = ''] = (await signIn('jane')).split('=');
      const rows = await world.database.query<{ row: string }>('select s::text as row from sessions s');
      expect(rows).toHaveLength(1);
      expect(rows[0]?.row).not.toContain(Buffer.from(id, 'base64url').toString('hex'));
    });
  });

  describe('a session ends', () => {
    const stillIn = async (cookie: string): Promise<boolean> => (await get('/desk', cookie)).statusCode === 200;

    test('after half an hour without use, and after twelve hours in any case', async () => {
      const cookie = await signIn('jane');
      world.now += 29 * 60_000;
      expect(await stillIn(cookie)).toBe(true);
      world.now += 30 * 60_000;
      expect(await stillIn(cookie)).toBe(false);
      const busy = await signIn('jane');
      for (let passed = 0; passed < 12 * 60 - 20; passed += 20) {
        world.now += 20 * 60_000;
        expect(await stillIn(busy)).toBe(true);
      }
      world.now += 20 * 60_000;
      expect(await stillIn(busy)).toBe(false);
    });

    test('at once when its user is removed from USERS, or is given another role or secret', async () => {
      const cookie = await signIn('jane');
      world.users = world.everybody.filter(({ name }) => name !== 'jane');
      expect(await stillIn(cookie)).toBe(false);
      world.users = world.everybody.map((one) => (one.name === 'jane' ? { ...one, line: `${one.line}x` } : one));
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
      expect(world.counted).toEqual(['admin_refused proxy_header_from_stranger']);
    });

    test('from the proxy lets in whom USERS knows, with their role there', async () => {
      const by = (name: string) =>
        world.app.inject({ url: '/desk/me', remoteAddress: '10.1.2.3', headers: { 'x-forwarded-user': name } });
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
      expect(await commands()).toEqual([]);
    });

    test.each(['cross-site', 'same-site'])(
      'that a browser says comes %s changes nothing, whatever it carries',
      async (site) => {
        await needsSkip();
        const sent = (url: string, cookie: string, fields: Record<string, string>, from: string) =>
          world.app.inject({
            url,
            method: 'POST',
            headers: { cookie, 'sec-fetch-site': from, 'content-type': 'application/x-www-form-urlencoded' },
            payload: new URLSearchParams(fields).toString(),
          });
        const credentials = { name: 'jane', secret: SECRET };
        const foreign = await sent('/desk/sign-in', '', credentials, site);
        expect([foreign.statusCode, foreign.cookies]).toEqual([403, []]);
        const cookie = await signIn('jane');
        const form = fieldsOf(await get('/desk/kits/123456789012/skip', cookie));
        const look = await post('/desk/kits/123456789012/skip/look', { ...form, reason: 'told by phone' }, cookie);
        const sure = fieldsOf(look);
        expect((await sent('/desk/kits/123456789012/skip', cookie, sure, site)).statusCode).toBe(403);
        expect(await commands()).toEqual([]);
        expect((await sent('/desk/kits/123456789012/skip', cookie, sure, 'same-origin')).statusCode).toBe(200);
        expect(await commands()).toHaveLength(1);
      },
    );

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
      expect(await commands()).toHaveLength(1);
      expect((await acts()).filter((act) => act.includes('skip'))).toEqual([
        'jane skip asked',
        'jane skip done',
        'jane skip asked',
        'jane skip done',
      ]);
    });

    test('whose session has ended is kept, and goes on after signing in', async () => {
      await needsSkip();
      const cookie = await signIn('jane');
      const form = fieldsOf(await get('/desk/kits/123456789012/skip', cookie));
      world.now += 31 * 60_000;
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
      world.now += 1_000;
      await post('/desk/kits/123456789012/skip', first, jane);
      const answer = await post('/desk/kits/123456789012/skip', later, omar);
      expect(answer.statusCode).toBe(409);
      expect(answer.body).toContain('jane asked for “Skip” on 24 November at 12:00.');
      world.now += 1_000;
      expect((await open(omar)).body).not.toContain('Meanwhile');
      expect(await commands()).toHaveLength(1);
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

  describe('in a browser', () => {
    const ODD = unreadable(KIT);
    let browser: Browser;
    let origin: string;
    beforeAll(async () => {
      browser = await openBrowser();
      await world.app.listen({ host: '127.0.0.1', port: 0 });
      origin = `http://127.0.0.1:${String((world.app.server.address() as AddressInfo).port)}`;
    }, 60_000);
    afterAll(() => browser.close());

    async function opened(cookie: string, options: BrowserContextOptions): Promise<Page> {
      const context = await browser.newContext(options);
      const [name = '', value = ''] = cookie.split('=');
      await context.addCookies([{ name, value, url: origin }]);
      return await context.newPage();
    }

    test('has no fault that axe finds, light and dark, at a phone’s width, and nothing that is wider', async () => {
      await needsSkip();
      await comesBack(world.intake, { subject: KIT, kind: 'results.available', at: world.now });
      const email = await send();
      await world.intake.keep(ODD);
      await world.intake.keep(unreadable('staff', { externalId: 'wh_nobody' }));
      await world.ledger.alerts.projectStaff();
      await seen(world.database, world.sealing, { subject: 'kit:2', person: person() });
      world.readAgain = () => unreadable(KIT, { verdict: 'accepted', reason: null });
      world.away = ['Temporal'];
      const cookie = await signIn('boss');
      for (const colorScheme of ['light', 'dark'] as const) {
        const shown = await opened(cookie, { colorScheme, viewport: { width: 390, height: 800 }, bypassCSP: true });
        const look = async (path: string): Promise<void> => {
          await shown.evaluate(axe.source);
          const faults = await shown.evaluate(
            `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
          );
          expect([path, colorScheme, faults]).toEqual([path, colorScheme, []]);
          expect(await shown.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
        };
        for (const path of [
          '/sign-in',
          '',
          '/kits/123456789012',
          '/kits/123456789012/correct-contact',
          `/emails/${encodeURIComponent(email?.messageId ?? '')}`,
          `/emails/${encodeURIComponent(email?.messageId ?? '')}/unmask`,
          `/webhooks/${encodeURIComponent(ODD.externalId ?? '')}`,
          '/staff',
          '/attention',
          '/came-back',
          '/attention?after=0.99999999999999.staff',
          '/audit',
          '/me',
          '/x',
        ]) {
          await shown.goto(`${origin}/desk${path}`);
          await look(path);
        }
        await shown.goto(`${origin}/desk/kits/123456789012/unmask`);
        await look('unmask');
        await shown.selectOption('#reason', 'complaint');
        await shown.click('main button');
        await look('unmasked');
        await shown.goto(`${origin}/desk/kits/2/erase`);
        await look('erase');
        if (colorScheme === 'light') await shown.click('main button');
        await look('erased');
        await shown.click('main a.button');
        await look('certificate');
        await shown.context().close();
      }
    }, 240_000);

    test('shows an email in its frame by its own style, and obeys the policy of the page without a fault', async () => {
      const email = await send();
      const shown = await opened(await signIn('rea'), { viewport: { width: 900, height: 900 } });
      const said: string[] = [];
      shown.on('console', (line) => /policy|refused|blocked/i.test(line.text()) && said.push(line.text()));
      await shown.goto(`${origin}/desk/emails/${encodeURIComponent(email?.messageId ?? '')}`);
      const greeting = shown.frameLocator('iframe').getByText('Hello,').first();
      await greeting.waitFor();
      expect(await greeting.isVisible()).toBe(true);
      expect(said).toEqual([]);
      await shown.context().close();
    }, 60_000);
  });
});
