import { describe, expect, test } from '@jest/globals';
import type { Role } from '../../src/domain/roles.js';
import { deskUnderTest, SECRET } from './support.js';

describe('a session of the desk', () => {
  const { world, get, post, cookieOf, signIn, fieldsOf, commands, needsSkip } = deskUnderTest();
  const KIT_PATH = '/desk/kits/123456789012';
  const rows = () => world.database.query('select 1 from sessions');

  test('is another one with each signing in, and the one that the browser had before has ended', async () => {
    const first = await signIn('jane');
    const again = await post('/desk/sign-in', { name: 'omar', secret: SECRET }, first);
    expect(cookieOf(again)).not.toBe(first);
    expect((await get('/desk', first)).statusCode).toBe(401);
    expect((await get('/desk/me', cookieOf(again))).body).toContain('You are omar');
    expect(await rows()).toHaveLength(1);
  });

  test('goes on where another signing in with its cookie was refused', async () => {
    const cookie = await signIn('jane');
    expect((await post('/desk/sign-in', { name: 'omar', secret: 'wrong' }, cookie)).statusCode).toBe(401);
    expect((await get('/desk', cookie)).statusCode).toBe(200);
  });

  test('is none that the browser brings along: an id is ours, or lets nobody in', async () => {
    const fixed = `kit-herald=${'A'.repeat(43)}`;
    const answer = await post('/desk/sign-in', { name: 'jane', secret: SECRET }, fixed);
    expect(cookieOf(answer)).not.toBe(fixed);
    for (const cookie of [fixed, 'kit-herald=', "kit-herald=' or 1=1 --", `kit-herald=${'x'.repeat(10_000)}`])
      expect((await get('/desk', cookie)).statusCode).toBe(401);
  });

  test('has ended for good when somebody signed out, and with a cookie that was copied before', async () => {
    const cookie = await signIn('jane');
    const out = await post('/desk/sign-out', fieldsOf(await get('/desk/me', cookie)), cookie);
    expect(out.headers['set-cookie']).toMatch(/^kit-herald=; .*Expires=Thu, 01 Jan 1970/);
    expect((await get('/desk', cookie)).statusCode).toBe(401);
    expect(await rows()).toEqual([]);
  });

  test('is not ended from another page: signing out takes the form’s token', async () => {
    const cookie = await signIn('jane');
    expect((await post('/desk/sign-out', { _csrf: 'x' }, cookie)).statusCode).toBe(403);
    expect((await get('/desk', cookie)).statusCode).toBe(200);
  });

  test('takes no token of another session', async () => {
    await needsSkip();
    const [jane, omar] = [await signIn('jane'), await signIn('omar')];
    const form = fieldsOf(await get(`${KIT_PATH}/skip`, omar));
    const answer = await post(`${KIT_PATH}/skip`, { ...form, reason: 'told by phone', key: 'k' }, jane);
    expect(answer.statusCode).toBe(403);
    expect(await commands()).toEqual([]);
  });

  test('is begun by no proxy’s header that a stranger sends, wherever, and whatever else they send', async () => {
    const ask = (url: string, method: 'GET' | 'POST', headers: Record<string, string>) =>
      world.app.inject({
        url,
        method,
        remoteAddress: '203.0.113.7',
        headers: {
          'x-forwarded-user': 'prox',
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        },
        ...(method === 'POST' ? { payload: `name=jane&secret=${encodeURIComponent(SECRET)}` } : {}),
      });
    const own = await signIn('jane');
    for (const [url, method, headers] of [
      ['/desk', 'GET', {}],
      ['/desk', 'GET', { 'x-forwarded-for': '10.1.2.3' }],
      ['/desk', 'GET', { cookie: own }],
      ['/desk/sign-in', 'GET', {}],
      ['/desk/sign-in', 'POST', {}],
      [`${KIT_PATH}/erase`, 'POST', { cookie: own }],
      ['/desk/nothing', 'GET', {}],
    ] as const) {
      const answer = await ask(url, method, headers);
      expect([url, answer.statusCode, answer.cookies]).toEqual([url, 403, []]);
    }
    // Over the API it is nobody's name: a token is asked for.
    expect((await ask('/admin/kits', 'GET', {})).statusCode).toBe(401);
    expect(world.counted.filter((one) => one === 'admin_refused proxy_header_from_stranger')).toHaveLength(7);
    expect(await rows()).toHaveLength(1);
  });

  test('of whom the proxy names ends when they are removed from USERS', async () => {
    const by = (cookie = '') =>
      world.app.inject({
        url: '/desk/me',
        remoteAddress: '10.1.2.3',
        headers: { 'x-forwarded-user': 'prox', cookie },
      });
    const cookie = cookieOf(await by());
    world.users = world.everybody.filter(({ name }) => name !== 'prox');
    expect((await by(cookie)).statusCode).toBe(403);
    expect((await get('/desk', cookie)).statusCode).toBe(401);
  });
});

describe('every page of the desk', () => {
  const { world, get, signIn, post, fieldsOf, needsSkip } = deskUnderTest();
  const KIT_PATH = '/desk/kits/123456789012';

  /** Each address, and who may see it. */
  const PAGES: readonly (readonly [string, readonly Role[]])[] = [
    ['/desk', ['reader', 'support', 'privacy', 'admin']],
    ['/desk/attention', ['reader', 'support', 'privacy', 'admin']],
    ['/desk/came-back', ['reader', 'support', 'privacy', 'admin']],
    ['/desk/me', ['reader', 'support', 'privacy', 'admin']],
    [KIT_PATH, ['reader', 'support', 'privacy', 'admin']],
    ...['retry', 'skip', 'release', 'acknowledge', 'correct-contact', 'opt-out'].map(
      (action) => [`${KIT_PATH}/${action}`, ['support', 'admin']] as const,
    ),
    ['/desk/staff/acknowledge', ['support', 'admin']],
    [`${KIT_PATH}/unmask`, ['privacy', 'admin']],
    [`${KIT_PATH}/erase`, ['privacy', 'admin']],
    ['/desk/audit', ['privacy', 'admin']],
    ['/desk/erasures/erase_00000000-0000-4000-8000-000000000000', ['privacy', 'admin']],
    ['/desk/emails/x/unmask', ['privacy', 'admin']],
  ];

  test('is for whom it is for, and for nobody who isn’t signed in', async () => {
    const people: readonly (readonly [Role, string])[] = [
      ['reader', await signIn('rea')],
      ['support', await signIn('jane')],
      ['privacy', await signIn('pia')],
      ['admin', await signIn('boss')],
    ];
    for (const [path, allowed] of PAGES) {
      expect([path, (await get(path)).statusCode]).toEqual([path, 401]);
      const refused: Role[] = [];
      for (const [role, cookie] of people) if ((await get(path, cookie)).statusCode === 403) refused.push(role);
      expect([path, refused]).toEqual([path, people.map(([role]) => role).filter((role) => !allowed.includes(role))]);
    }
  });

  test('is stored nowhere, sniffed and framed by nobody, and says where nothing came from', async () => {
    const boss = await signIn('boss');
    for (const [path, cookie] of [
      ...PAGES.map(([page]) => [page, boss] as const),
      ['/desk/sign-in', ''],
      ['/desk', ''],
      ['/desk/x', boss],
    ] as const) {
      const { headers } = await get(path, cookie);
      expect([path, headers]).toEqual([
        path,
        expect.objectContaining({
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'same-origin',
          'cross-origin-opener-policy': 'same-origin',
          'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors '(none|self)'/),
        }),
      ]);
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['server', 'x-powered-by']));
    }
  });

  test('hides what failed: neither the page nor the log holds an error’s own words', async () => {
    await needsSkip();
    const jane = await signIn('jane');
    const form = fieldsOf(await get(`${KIT_PATH}/skip`, jane));
    const sure = fieldsOf(await post(`${KIT_PATH}/skip/look`, { ...form, reason: 'told by phone' }, jane));
    world.beforeKept = () => {
      throw new Error('zoe@example.com is in this message, at /srv/secret.ts:1');
    };
    const failed = await post(`${KIT_PATH}/skip`, sure, jane);
    expect([failed.statusCode, failed.body.includes('Something failed here.')]).toEqual([500, true]);
    expect(failed.body + JSON.stringify(world.logged)).not.toMatch(/zoe@example|secret\.ts/);
  });

  test('while the database takes no writes says so, does nothing, and is there again afterwards', async () => {
    await needsSkip();
    const jane = await signIn('jane');
    const form = fieldsOf(await get(`${KIT_PATH}/skip`, jane));
    const sure = fieldsOf(await post(`${KIT_PATH}/skip/look`, { ...form, reason: 'told by phone' }, jane));
    await world.database.query('set default_transaction_read_only = on');
    const answers = [
      await get(KIT_PATH, jane),
      await post(`${KIT_PATH}/skip`, sure, jane),
      await post('/desk/sign-in', { name: 'omar', secret: SECRET }),
    ];
    await world.database.query('set default_transaction_read_only = off');
    for (const { statusCode, body, cookies } of answers) {
      expect([statusCode, cookies]).toEqual([503, []]);
      expect(body).toContain('takes no writes just now: nothing is shown, and nothing was done');
    }
    expect((await post(`${KIT_PATH}/skip`, sure, jane)).statusCode).toBe(200);
  });
});
