import { describe, expect, test } from '@jest/globals';
import { KIT, person, request, seen } from '../ledger/support.js';
import { ADMIN } from '../admin/support.js';
import { deskUnderTest, type Fields } from './support.js';

describe('behind the mask', () => {
  const { world, get, post, signIn, fieldsOf } = deskUnderTest();
  const PATH = '/desk/kits/123456789012/unmask';
  const ask = async (name: string, fields: Fields) => {
    const cookie = await signIn(name);
    return post(PATH, { ...fieldsOf(await get(PATH, cookie)), ...fields }, cookie);
  };
  const written = () =>
    world.database.query(`select who, act, outcome, reason from audit where act = 'unmask' order by id`);

  test('one value is seen, for a reason that is written down, and for a minute', async () => {
    const address = await ask('pia', { value: 'address', reason: 'complaint', case: 'dsr-1234' });
    expect(address.body).toContain('zoe@example.com');
    expect(address.body).not.toMatch(/Zoë|Müller/);
    expect(address.headers['refresh']).toBe('60;url=/desk/kits/123456789012');
    expect(address.headers['cache-control']).toBe('no-store');
    const name = await ask('boss', { value: 'name', reason: 'identity_check' });
    expect(name.body).toContain('Zoë Müller');
    expect(name.body).not.toContain('zoe@');
    expect(await written()).toEqual([
      { who: 'pia', act: 'unmask', outcome: 'done', reason: 'address:complaint DSR-1234' },
      { who: 'boss', act: 'unmask', outcome: 'done', reason: 'name:identity_check' },
    ]);
    const audit = await get('/desk/audit', await signIn('pia'));
    expect(audit.body).toContain('The email address; A complaint; DSR-1234');
  });

  test('nothing is seen where it can’t be written down', async () => {
    const cookie = await signIn('pia');
    const form = fieldsOf(await get(PATH, cookie));
    world.auditWrites = false;
    const answer = await post(PATH, { ...form, value: 'address', reason: 'complaint' }, cookie);
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('zoe@example.com');
  });

  test.each<[string, Fields]>([
    ['without a reason', { value: 'address', reason: '' }],
    ['for a reason of one’s own', { value: 'address', reason: 'curious' }],
    ['of another value', { value: 'results', reason: 'complaint' }],
    ['with a story in place of a case’s number', { value: 'address', reason: 'complaint', case: 'Zoë called us' }],
    ['with a number beside a name', { value: 'address', reason: 'complaint', case: 'MUELLER' }],
  ])('nothing is seen %s', async (_what, fields) => {
    const answer = await ask('pia', fields);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toMatch(/zoe@example\.com|Müller/);
  });

  test('nothing is seen by support, without the form’s token, or by an address that leads here', async () => {
    const [jane, pia] = [await signIn('jane'), await signIn('pia')];
    expect((await get(PATH, jane)).statusCode).toBe(403);
    const { body } = await get('/desk/kits/123456789012', jane);
    expect(body).not.toContain('unmask');
    expect((await post(PATH, { value: 'address', reason: 'complaint' }, pia)).statusCode).toBe(403);
    expect((await get(`${PATH}?value=address&reason=complaint`, pia)).body).not.toContain('zoe@example.com');
  });

  test('there is nobody to be seen where no address is known', async () => {
    await world.database.query('delete from contacts');
    const answer = await ask('pia', { value: 'address', reason: 'complaint' });
    expect(answer.statusCode).toBe(409);
    expect(await written()).toMatchObject([{ outcome: 'no_contact' }]);
  });
});

describe('behind the mask of an email’s address', () => {
  const { world, send, get, post, signIn, fieldsOf } = deskUnderTest();
  const STORY = '/desk/kits/123456789012';
  const written = () =>
    world.database.query(`select who, act, outcome, reason from audit where act = 'unmask' order by id`);

  /** An email to Zoë, and one after her address was corrected. */
  async function sentToTwo(): Promise<string[]> {
    const first = await send();
    world.now += 60_000;
    await seen(world.database, world.sealing, {
      subject: KIT,
      person: person({ email: 'zoe.new@example.org' }),
      at: world.now,
      source: 'operator',
    });
    const second = await send({ kind: 'results.available', cause: 'wh_2' });
    return [first, second].map((email) => `/desk/emails/${encodeURIComponent(email?.messageId ?? '')}/unmask`);
  }

  test('is that very email’s, whoever is known by now, for a reason that is written down, and for a minute', async () => {
    const [first = '', second = ''] = await sentToTwo();
    const pia = await signIn('pia');
    const story = await get(STORY, pia);
    const page = await get(first.replace('/unmask', ''), pia);
    for (const path of [first, second]) expect(story.body).toContain(`href="${path}"`);
    expect(page.body).toContain(`href="${first}"`);
    expect(story.body + page.body).not.toMatch(/zoe@|zoe\.new@/);

    const ask = async (path: string, more: Fields) => {
      const form = await get(path, pia);
      expect(form.body).not.toMatch(/zoe@|zoe\.new@/);
      return await post(path, { ...fieldsOf(form), reason: 'wrong_address', ...more }, pia);
    };
    const old = await ask(first, { case: 'dsr-7' });
    expect(old.body).toContain('<p class="answer">zoe@example.com</p>');
    expect(old.body).not.toMatch(/zoe\.new@|Müller/);
    expect([old.headers['refresh'], old.headers['cache-control']]).toEqual([`60;url=${STORY}`, 'no-store']);
    expect((await ask(second, {})).body).toContain('<p class="answer">zoe.new@example.org</p>');
    expect(await written()).toEqual([
      { who: 'pia', act: 'unmask', outcome: 'done', reason: 'recipient:wrong_address DSR-7' },
      { who: 'pia', act: 'unmask', outcome: 'done', reason: 'recipient:wrong_address' },
    ]);
    const audit = await get('/desk/audit?whose=123456789012', pia);
    expect(audit.body).toContain('Where an email went; An email may have gone to somebody else; DSR-7');
  });

  test('stays there where it can’t be written down who saw it', async () => {
    const [path = ''] = await sentToTwo();
    const pia = await signIn('pia');
    const form = fieldsOf(await get(path, pia));
    world.auditWrites = false;
    const answer = await post(path, { ...form, reason: 'complaint' }, pia);
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('zoe@example.com');
  });

  test('stays there for support, without a reason of the list, and without the form’s token', async () => {
    const [path = ''] = await sentToTwo();
    const [jane, pia] = [await signIn('jane'), await signIn('pia')];
    expect((await get(STORY, jane)).body).not.toContain('unmask');
    expect((await get(path.replace('/unmask', ''), jane)).body).not.toContain('/unmask');
    expect((await get(path, jane)).statusCode).toBe(403);
    const form = fieldsOf(await get(path, pia));
    for (const [fields, status] of [
      [{ ...form, reason: '' }, 400],
      [{ ...form, reason: 'curious' }, 400],
      [{ ...form, reason: 'complaint', case: 'MUELLER' }, 400],
      [{ reason: 'complaint' }, 403],
    ] as const) {
      const answer = await post(path, fields, pia);
      expect([answer.statusCode, answer.body.includes('zoe@example.com')]).toEqual([status, false]);
    }
    expect((await get(`${path}?reason=complaint`, pia)).body).not.toContain('zoe@example.com');
  });

  test('is nothing once the patient was forgotten, and of an email that is none of ours', async () => {
    const [path = ''] = await sentToTwo();
    const pia = await signIn('pia');
    const form = fieldsOf(await get(path, pia));
    await world.app.inject({
      url: '/admin/kits/123456789012/erase',
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}` },
      payload: {},
    });
    expect((await get(STORY, pia)).body).not.toMatch(/emails\/[^"]+\/unmask/);
    const gone = await post(path, { ...form, reason: 'complaint' }, pia);
    expect(gone.statusCode).toBe(409);
    expect((await post('/desk/emails/%3Cx%40y%3E/unmask', { ...form, reason: 'complaint' }, pia)).statusCode).toBe(404);
    expect(await written()).toMatchObject([{ outcome: 'no_address' }, { outcome: 'not_found' }]);
  });

  test('is the team’s own where the team was written to', async () => {
    const { ledger } = world;
    const claimed = await ledger.claim(request({ subject: 'staff', kind: 'staff.alert' }));
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    const email = 'team@lab.example';
    await ledger.beginHandOver(claimed.claim, { email, address: ledger.addressOf(email) }, []);
    const sealed = { to: email, reply: '250 queued' };
    await ledger.settle(claimed.claim, { status: 'sent', reason: null, at: world.now, sealed });
    const pia = await signIn('pia');
    const story = await get('/desk/staff', pia);
    const [, path = ''] = /href="(\/desk\/emails\/[^"]+\/unmask)"/.exec(story.body) ?? [];
    const answer = await post(path, { ...fieldsOf(await get(path, pia)), reason: 'fault' }, pia);
    expect([answer.statusCode, answer.headers['refresh']]).toEqual([200, '60;url=/desk/staff']);
    expect(answer.body).toContain(email);
  });
});
