import { describe, expect, test } from '@jest/globals';
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
