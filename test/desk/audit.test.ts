import { describe, expect, test } from '@jest/globals';
import { person, seen } from '../ledger/support.js';
import { deskUnderTest, type Fields } from './support.js';

describe('what the audit of the desk holds', () => {
  const { world, get, post, signIn, fieldsOf, acts, commands, needsSkip } = deskUnderTest();
  const KIT_PATH = '/desk/kits/123456789012';

  const confirmed = async (cookie: string): Promise<Fields> => {
    const form = fieldsOf(await get(`${KIT_PATH}/skip`, cookie));
    return fieldsOf(await post(`${KIT_PATH}/skip/look`, { ...form, reason: 'told by phone' }, cookie));
  };

  test('is every page that shows somebody’s story, also the one before a command', async () => {
    await needsSkip();
    const jane = await signIn('jane');
    await get(KIT_PATH, jane);
    await confirmed(jane);
    expect(await acts()).toEqual(['jane sign_in done', 'jane told done', 'jane look done']);
    const about = await world.database.query<{ about: Buffer }>(`select about from audit where act <> 'sign_in'`);
    const hash = world.sealing.hash('subject', 'kit:123456789012');
    expect(about.map((row) => row.about.equals(hash))).toEqual([true, true]);
  });

  test('comes before a command: what can’t be written down isn’t done', async () => {
    await needsSkip();
    const jane = await signIn('jane');
    const sure = await confirmed(jane);
    world.auditWrites = false;
    const refused = await post(`${KIT_PATH}/skip`, sure, jane);
    expect(refused.statusCode).toBe(503);
    expect(refused.body).toContain('nothing was done');
    expect(await commands()).toEqual([]);
    world.auditWrites = true;
    expect((await post(`${KIT_PATH}/skip`, sure, jane)).statusCode).toBe(200);
    expect(await commands()).toHaveLength(1);
  });

  test('says of a command that was asked for and not kept that it was asked for, and that it failed', async () => {
    await needsSkip();
    const jane = await signIn('jane');
    const sure = await confirmed(jane);
    world.beforeKept = () => {
      throw new Error('the process is at its end');
    };
    expect((await post(`${KIT_PATH}/skip`, sure, jane)).statusCode).toBe(500);
    expect(await commands()).toEqual([]);
    expect((await acts()).slice(-2)).toEqual(['jane skip asked', 'jane skip failed']);
  });

  test('holds who asked for a command of which nobody could write how it ended', async () => {
    await needsSkip();
    const jane = await signIn('jane');
    const sure = await confirmed(jane);
    world.beforeKept = () => {
      world.auditWrites = false;
    };
    expect((await post(`${KIT_PATH}/skip`, sure, jane)).statusCode).toBe(200);
    expect(await commands()).toHaveLength(1);
    expect((await acts()).at(-1)).toBe('jane skip asked');
    expect(world.logged).toContain('the outcome of a deed could not be written to the audit');
  });

  test('is shown to privacy by kit, by user and since a day, and to support not at all', async () => {
    await seen(world.database, world.sealing, { subject: 'kit:2', person: person() });
    const [jane, omar] = [await signIn('jane'), await signIn('omar')];
    await get(KIT_PATH, jane);
    await get('/desk/kits/2', omar);
    const pia = await signIn('pia');
    const rows = async (query: string): Promise<string[]> => {
      const { body } = await get(`/desk/audit?${query}`, pia);
      return [...body.matchAll(/<td>(\w+) <span[\s\S]*?<td>(\w+)[\s\S]*?<\/tr>/g)].map(
        ([, who, act]) => `${who ?? ''} ${act ?? ''}`,
      );
    };
    expect(await rows('whose=123456789012&who=&since=')).toEqual(['jane told']);
    expect(await rows('who=omar')).toEqual(['omar told', 'omar sign_in']);
    expect(await rows('since=2026-11-24&who=jane')).toEqual(['jane told', 'jane sign_in']);
    expect(await rows('since=2026-11-25&who=jane')).toEqual([]);
    expect((await get('/desk/audit', jane)).statusCode).toBe(403);
  });

  test.each(['since=2026-02-30', 'since=0000-01-01', 'before=x', 'before=-1', 'who=%3Cscript%3E', "who=' or 1=1"])(
    'is asked for with nonsense (%s): that is said, and nothing is shown',
    async (query) => {
      const answer = await get(`/desk/audit?${encodeURI(query)}`, await signIn('pia'));
      expect(answer.statusCode).toBe(400);
      expect(answer.body).not.toMatch(/<table|<script/);
    },
  );

  test('comes page by page, and a page’s link keeps what was asked for', async () => {
    const jane = await signIn('jane');
    for (let n = 0; n < 60; n += 1) await get(KIT_PATH, jane);
    const pia = await signIn('pia');
    const first = await get('/desk/audit?who=jane', pia);
    const [, next = ''] = /href="(\/desk\/audit\?[^"]*before=[^"]*)"/.exec(first.body) ?? [];
    expect(next).toContain('who=jane');
    const second = await get(next.replaceAll('&amp;', '&'), pia);
    const count = ({ body }: { body: string }): number => [...body.matchAll(/<td>jane /g)].length;
    expect([count(first), count(second)]).toEqual([50, 11]);
    expect(second.body).not.toContain('before=');
  });
});
