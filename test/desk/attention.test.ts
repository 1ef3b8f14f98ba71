import { describe, expect, test } from '@jest/globals';
import { T0 } from '../ledger/support.js';
import { deskUnderTest } from './support.js';

describe('the list of what needs a human', () => {
  const { world, get, signIn, acts, needsSkip } = deskUnderTest();

  /** So many kits that need somebody, the first the oldest; their names sort otherwise. */
  const needing = (count: number): Promise<unknown> =>
    world.database.query(
      `insert into subjects (subject, attention)
        select 'kit:' || (1000 - n), jsonb_build_array(jsonb_build_object('code', 'two_orders', 'since', n))
        from generate_series(1, $1::int) n`,
      [count],
    );
  const headings = (body: string): string[] =>
    [...body.matchAll(/<h2><a href="[^"]+">([^<]+)<\/a><\/h2>/g)].map(([, heading = '']) => heading);
  const lessPressing = (body: string): string | null =>
    /href="(\/desk\/attention\?after=[^"]+)">Less pressing</.exec(body)?.[1] ?? null;

  test('leads to every one, page by page: results first, of these and of the others the oldest, each once', async () => {
    await needing(110);
    await world.database.query(
      `insert into subjects (subject, state, attention) values
        ('kit:BY-STATE', 'results.available', '[{"code": "bounced", "since": 2000}]'),
        ('kit:BY-EMAIL', 'registered', '[{"code": "held_for_review", "kind": "results.available", "since": 3000}]'),
        ('order:OLD', 'created', '[{"code": "bounced", "kind": "order.confirmed", "since": 0}]')`,
    );
    const cookie = await signIn('rea');
    const pages: string[][] = [];
    const counts: string[] = [];
    for (let path: string | null = '/desk/attention'; path !== null;) {
      const { statusCode, body } = await get(path, cookie);
      expect(statusCode).toBe(200);
      pages.push(headings(body));
      counts.push(/\d+ to \d+ of \d+/.exec(body)?.[0] ?? '');
      path = lessPressing(body);
    }
    expect(counts).toEqual(['1 to 50 of 113', '51 to 100 of 113', '101 to 113 of 113']);
    expect(pages.flat()).toEqual([
      'Kit BY-STATE',
      'Kit BY-EMAIL',
      'Order OLD',
      ...Array.from({ length: 110 }, (_, n) => `Kit ${String(999 - n)}`),
    ]);
    expect(await acts()).toEqual(['rea sign_in done', ...Array.from({ length: 3 }, () => 'rea list done')]);
  });

  test('goes on where it was when those before have been dealt with meanwhile', async () => {
    await needing(60);
    const cookie = await signIn('rea');
    const first = await get('/desk/attention', cookie);
    await world.database.query(`update subjects set attention = '[]' where subject in ('kit:999', 'kit:950')`);
    const second = await get(lessPressing(first.body) ?? '', cookie);
    expect(headings(second.body)[0]).toBe('Kit 949');
    expect(second.body).toContain('49 to 58 of 58');
    expect(second.body).toContain('href="/desk/attention">The most pressing<');
  });

  test('on one page has its count, and leads nowhere else', async () => {
    await needsSkip();
    const { body } = await get('/desk/attention', await signIn('rea'));
    expect(body).toContain('<p>1 in all.</p>');
    expect(body).not.toMatch(/pressing</);
  });

  test('of nobody says that all is well', async () => {
    expect((await get('/desk/attention', await signIn('rea'))).body).toContain('Nobody is waiting for a human.');
  });

  test.each([
    ['empty', ''],
    ['of another list', `${String(T0)}.123456789012`],
    ['with SQL in it', "0.1.kit:1' or 1=1 --"],
    ['with NUL in it', '0.1.kit:A\0'],
    ['of a time that there is not', '0.999999999999999.kit:A'],
    ['of 10 kB', `0.1.kit:${'A'.repeat(10_000)}`],
  ])('refuses a cursor that is made up: %s', async (_what, after) => {
    await needsSkip();
    const answer = await get(`/desk/attention?after=${encodeURIComponent(after)}`, await signIn('rea'));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('That did not work');
    expect(headings(answer.body)).toEqual([]);
  });

  test('refuses two cursors, and shows nobody behind a place where nobody can be', async () => {
    await needsSkip();
    const cookie = await signIn('rea');
    expect((await get('/desk/attention?after=1.1.kit:A&after=1.1.kit:A', cookie)).statusCode).toBe(400);
    const beyond = await get('/desk/attention?after=0.99999999999999.staff', cookie);
    expect(beyond.statusCode).toBe(200);
    expect(headings(beyond.body)).toEqual([]);
    expect(beyond.body).toContain('None comes after these any more; 1 in all.');
    expect(beyond.body).toContain('href="/desk/attention">The most pressing<');
  });
});
