import { describe, expect, test } from '@jest/globals';
import { KIT } from '../ledger/support.js';
import { deskUnderTest, type Fields, SECRET, unreadable } from './support.js';

describe('a session that ends in the middle of something', () => {
  const { world, get, post, signIn, trySignIn, cookieOf, fieldsOf, acts, commands, needsSkip } = deskUnderTest();
  const KIT_PATH = '/desk/kits/123456789012';
  const HALF_AN_HOUR = 31 * 60_000;

  const back = (page: Awaited<ReturnType<typeof get>>, name: string) =>
    post('/desk/sign-in', { ...fieldsOf(page), name, secret: SECRET });
  /** What signing in again leads to: where its form is sent, what it holds, and the cookie of the new session. */
  async function goesOn(page: Awaited<ReturnType<typeof get>>, name: string) {
    expect(page.statusCode).toBe(401);
    const answer = await back(page, name);
    expect([answer.statusCode, answer.headers.location]).toEqual([200, undefined]);
    const [, path = ''] = /<form class="card" method="post" action="([^"]+)"/.exec(answer.body) ?? [];
    return { body: answer.body, path, fields: fieldsOf(answer), cookie: cookieOf(answer) };
  }

  test.each<[string, string, string, () => Promise<unknown>, Fields]>([
    ['a search', 'jane', '/desk/search', needsSkip, { q: 'Zoe "%_" <b>@example.com' }],
    [
      'a corrected address',
      'jane',
      `${KIT_PATH}/correct-contact/look`,
      needsSkip,
      { email: 'new@example.com', firstName: '"Zoë" <Ann> & Co', resend: 'on', opened: '1' },
    ],
    [
      'a reason to skip',
      'jane',
      `${KIT_PATH}/skip`,
      needsSkip,
      { reason: 'told by\nphone ' + 'x'.repeat(400), key: 'k' },
    ],
    ['a wish to forget', 'pia', `${KIT_PATH}/erase`, needsSkip, {}],
    [
      'a reason to unmask',
      'pia',
      `${KIT_PATH}/unmask`,
      needsSkip,
      { value: 'name', reason: 'complaint', case: 'DSR-1' },
    ],
    [
      'a replay of a webhook with an odd id',
      'jane',
      `/desk/webhooks/${encodeURIComponent("wh/(odd)!*'~?1")}/replay`,
      () => world.intake.keep(unreadable(KIT, { externalId: "wh/(odd)!*'~?1" })),
      { seq: '1' },
    ],
    ['the end of somebody’s sessions', 'boss', '/desk/end-sessions', needsSkip, { name: 'omar' }],
  ])('keeps %s, does nothing of it, and goes on with it after signing in', async (_what, name, path, given, fields) => {
    await given();
    const cookie = await signIn(name);
    const form = fieldsOf(await get('/desk', cookie));
    world.now += HALF_AN_HOUR;
    const out = await post(path, { ...form, ...fields }, cookie);
    expect(await commands()).toEqual([]);
    const on = await goesOn(out, name);
    expect(on.path).toBe(path.replaceAll("'", '&#39;'));
    expect(on.fields).toMatchObject(fields);
    expect(on.body).toContain('Nothing was lost, and nothing was done yet');
    expect(await acts()).not.toContain(`${name} skip asked`);
    const done = await post(path, { ...fields, _csrf: on.fields['_csrf'] ?? '' }, on.cookie);
    expect([200, 400, 404, 409]).toContain(done.statusCode);
    expect(done.body).not.toContain('was not made for your session');
  });

  test('keeps it through wrong secrets, too', async () => {
    await needsSkip();
    const cookie = await signIn('jane');
    const form = fieldsOf(await get(`${KIT_PATH}/skip`, cookie));
    world.now += HALF_AN_HOUR;
    const out = await post(`${KIT_PATH}/skip/look`, { ...form, reason: 'told by phone' }, cookie);
    const wrong = await post('/desk/sign-in', { ...fieldsOf(out), name: 'jane', secret: 'wrong' });
    expect((await goesOn(wrong, 'jane')).fields).toMatchObject({ reason: 'told by phone' });
  });

  test('leads to the page that was asked for, with what was asked of it', async () => {
    for (const path of [
      '/desk/audit?whose=123456789012&since=2026-11-24',
      '/desk/attention?after=0.1.kit%3AA',
      KIT_PATH,
    ]) {
      const answer = await back(await get(path), 'pia');
      expect([answer.statusCode, answer.headers.location]).toEqual([303, path]);
    }
  });

  test.each([
    '//evil.example',
    'https://evil.example',
    '/desk/../admin',
    '/desk//evil.example',
    '/desk?x=\r\nset-cookie: a=b',
  ])('leads nowhere but to the desk: not to %j', async (path) => {
    const answer = await post('/desk/sign-in', { name: 'jane', secret: SECRET, path, form: '' });
    expect(answer.headers.location).toBe('/desk');
  });

  test('is told of what another did meanwhile', async () => {
    await needsSkip();
    const [jane, omar] = [await signIn('jane'), await signIn('omar')];
    const sure = async (cookie: string): Promise<Fields> => {
      const form = fieldsOf(await get(`${KIT_PATH}/skip`, cookie));
      return fieldsOf(await post(`${KIT_PATH}/skip/look`, { ...form, reason: 'told by phone' }, cookie));
    };
    const [first, later] = [await sure(jane), await sure(omar)];
    world.now += 1_000;
    await post(`${KIT_PATH}/skip`, first, jane);
    world.now += HALF_AN_HOUR;
    const on = await goesOn(await post(`${KIT_PATH}/skip`, later, omar), 'omar');
    const answer = await post(`${KIT_PATH}/skip`, on.fields, on.cookie);
    expect([answer.statusCode, answer.body.includes('jane asked for “Skip”')]).toEqual([409, true]);
    expect(await commands()).toHaveLength(1);
  });

  test('whose user was removed keeps what they sent, lets them do nothing of it, and says no more than to strangers', async () => {
    await needsSkip();
    const cookie = await signIn('jane');
    const form = fieldsOf(await get(`${KIT_PATH}/skip`, cookie));
    world.users = world.everybody.filter(({ name }) => name !== 'jane');
    const out = await post(`${KIT_PATH}/skip`, { ...form, reason: 'told by phone', key: 'k' }, cookie);
    expect(out.statusCode).toBe(401);
    expect(await commands()).toEqual([]);
    const refused = await back(out, 'jane');
    expect([refused.statusCode, refused.cookies]).toEqual([401, []]);
    expect(refused.body).toContain('That name and secret don’t go together.');
    // Whoever takes over their place goes on with it, under their own name.
    const on = await goesOn(refused, 'omar');
    expect(on.fields).toMatchObject({ reason: 'told by phone' });
    expect(on.body).toContain('omar');
  });

  test('by signing out has ended when it had ended before', async () => {
    const cookie = await signIn('jane');
    const form = fieldsOf(await get('/desk/me', cookie));
    const [first, second] = [await post('/desk/sign-out', form, cookie), await post('/desk/sign-out', form, cookie)];
    for (const answer of [first, second])
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/desk/sign-in']);
    expect((await trySignIn('jane')).headers.location).toBe('/desk');
  });

  test('and began anew in another tab goes on with what was sent, where the browser says that our own page sent it', async () => {
    await needsSkip();
    const form = fieldsOf(await get(`${KIT_PATH}/skip`, await signIn('jane')));
    const anew = await signIn('jane');
    const fields = { ...form, reason: 'told by phone' };
    const sent = (site: Fields) =>
      world.app.inject({
        url: `${KIT_PATH}/skip/look`,
        method: 'POST',
        headers: { cookie: anew, 'content-type': 'application/x-www-form-urlencoded', ...site },
        payload: new URLSearchParams(fields).toString(),
      });
    const answer = await sent({ 'sec-fetch-site': 'same-origin' });
    expect([answer.statusCode, answer.body.includes('nothing was done yet')]).toEqual([409, true]);
    expect(fieldsOf(answer)).toMatchObject({ reason: 'told by phone' });
    const look = await post(`${KIT_PATH}/skip/look`, fieldsOf(answer), anew);
    expect([look.statusCode, look.body.includes('This will happen')]).toEqual([200, true]);
    for (const site of ['cross-site', 'same-site', 'none'])
      expect((await sent({ 'sec-fetch-site': site })).statusCode).toBe(403);
    expect((await sent({})).statusCode).toBe(403);
    expect(await commands()).toEqual([]);
  });
});
