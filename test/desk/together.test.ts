import { describe, expect, test } from '@jest/globals';
import { ADMIN } from '../admin/support.js';
import { KIT } from '../ledger/support.js';
import { deskUnderTest, type Fields, unreadable } from './support.js';

describe('of two operators at once the later one', () => {
  const { world, get, post, signIn, fieldsOf, commands, needsSkip } = deskUnderTest();
  const KIT_PATH = '/desk/kits/123456789012';

  const sureToSkip = async (cookie: string): Promise<Fields> => {
    const form = fieldsOf(await get(`${KIT_PATH}/skip`, cookie));
    return fieldsOf(await post(`${KIT_PATH}/skip/look`, { ...form, reason: 'told by phone' }, cookie));
  };

  test('is told what a machine did for somebody', async () => {
    await needsSkip();
    const jane = await signIn('jane');
    const sure = await sureToSkip(jane);
    world.now += 1_000;
    const asked = await world.app.inject({
      url: '/admin/kits/123456789012/skip',
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}` },
      payload: { reason: 'told by letter', by: 'omar' },
    });
    expect(asked.statusCode).toBe(202);
    const later = await post(`${KIT_PATH}/skip`, sure, jane);
    expect([later.statusCode, later.body.includes('admin-token asked for “Skip”')]).toEqual([409, true]);
    expect(await commands()).toHaveLength(1);
  });

  test('is told that the patient was forgotten, and by whom', async () => {
    await needsSkip();
    const [jane, pia] = [await signIn('jane'), await signIn('pia')];
    const sure = await sureToSkip(jane);
    world.now += 1_000;
    await post(`${KIT_PATH}/erase`, fieldsOf(await get(`${KIT_PATH}/erase`, pia)), pia);
    const later = await post(`${KIT_PATH}/skip`, sure, jane);
    expect([later.statusCode, later.body.includes('pia asked for “Forget”')]).toEqual([409, true]);
  });

  test('who forgets a patient is told by whom that was done, and gets the same certificate', async () => {
    const [boss, pia] = [await signIn('boss'), await signIn('pia')];
    const [first, later] = [
      fieldsOf(await get(`${KIT_PATH}/erase`, boss)),
      fieldsOf(await get(`${KIT_PATH}/erase`, pia)),
    ];
    const done = await post(`${KIT_PATH}/erase`, first, boss);
    const again = await post(`${KIT_PATH}/erase`, later, pia);
    const certificate = ({ body }: typeof done) => /\/desk\/erasures\/(erase_[0-9a-f-]+)/.exec(body)?.[1];
    expect(again.body).toMatch(/Already forgotten on [^<]*, asked for by boss/);
    expect(certificate(again)).toBe(certificate(done));
  });

  describe('who replays a webhook', () => {
    const PATH = `/desk/webhooks/${encodeURIComponent('wh/odd?1')}`;
    const formOf = async (cookie: string): Promise<Fields> => {
      world.readAgain = () => unreadable(KIT, { verdict: 'accepted', reason: null, event: 'results.available' });
      return fieldsOf(await get(PATH, cookie));
    };

    test('is told who did so', async () => {
      await world.intake.keep(unreadable(KIT));
      const [jane, omar] = [await signIn('jane'), await signIn('omar')];
      const [first, later] = [await formOf(jane), await formOf(omar)];
      world.now += 1_000;
      expect((await post(`${PATH}/replay`, first, jane)).body).toContain('It could be read');
      const answer = await post(`${PATH}/replay`, later, omar);
      expect(answer.statusCode).toBe(409);
      expect(answer.body).toMatch(/jane asked for “Replay” on [^<]* There is nothing left to replay/);
    });

    test('and sends the form twice is told that it was done once', async () => {
      await world.intake.keep(unreadable(KIT));
      const jane = await signIn('jane');
      const form = await formOf(jane);
      await post(`${PATH}/replay`, form, jane);
      const again = await post(`${PATH}/replay`, form, jane);
      expect([again.statusCode, again.body.includes('it was done once')]).toEqual([200, true]);
      expect(await world.database.query(`select 1 from inbox where event = 'results.available'`)).toHaveLength(1);
    });

    test('is told that it was read where nobody is known to have done so', async () => {
      await world.intake.keep(unreadable(KIT));
      const jane = await signIn('jane');
      const form = await formOf(jane);
      await world.database.query(`update inbox set verdict = 'accepted', reason = null`);
      for (const opened of [form['opened'] ?? '', 'x', '', '9e15', '-1'])
        expect((await post(`${PATH}/replay`, { ...form, opened }, jane)).body).toContain('It was read meanwhile.');
    });
  });

  test.each(['', 'x', '-1', '0', '1e400', '9007199254740991', '9000000000000000', '8640000000000001'])(
    'is refused nothing, and nothing fails, where a form says that it was opened at %j',
    async (opened) => {
      await needsSkip();
      const jane = await signIn('jane');
      const sure = await sureToSkip(jane);
      expect((await post(`${KIT_PATH}/skip`, { ...sure, opened }, jane)).statusCode).toBe(200);
    },
  );
});
