import { beforeEach, describe, expect, test } from '@jest/globals';
import { comesBack, decision, T0, VIEW } from '../ledger/support.js';
import { DAY } from '../support/facts.js';
import { deskUnderTest } from './support.js';

describe('what came back', () => {
  const { world, get, signIn, acts } = deskUnderTest();
  const PATH = '/desk/came-back';

  beforeEach(async () => {
    const { ledger, intake } = world;
    await ledger.record(
      {
        subject: 'kit:LATELY',
        projection: { ...VIEW, attention: [{ code: 'bounced', kind: 'results.available', since: T0 - DAY }] },
        decisions: [],
      },
      T0,
    );
    await comesBack(intake, { subject: 'kit:LATELY', kind: 'results.available', at: T0 - DAY });
    await comesBack(intake, { subject: 'order:SPAM', kind: 'order.shipped', at: T0 - 2 * DAY, what: 'complained' });
    await ledger.record(
      {
        subject: 'kit:REFUSED',
        projection: VIEW,
        decisions: [
          {
            ...decision({ subject: 'kit:REFUSED', at: T0 - 3 * DAY, verdict: 'not_send' }),
            status: 'failed',
            reason: 'address_refused',
          },
        ],
      },
      T0 - 3 * DAY,
    );
    await comesBack(intake, { subject: 'kit:LONGAGO', kind: 'kit.registered', at: T0 - 20 * DAY });
  });
  const found = (body: string): string[] =>
    [...body.matchAll(/<a href="\/desk\/(?:kits|orders)\/([^"]+)">/g)].map(([, name = '']) => name);

  test('in the last seven days is one click away, the newest first, with why and whether somebody has to look', async () => {
    const cookie = await signIn('jane');
    expect((await get('/desk', cookie)).body).toContain(`<a href="${PATH}">Came back</a>`);
    const { body } = await get(PATH, cookie);
    expect(found(body)).toEqual(['LATELY', 'SPAM', 'REFUSED']);
    expect(body.replace(/\s+/g, ' ')).toMatch(
      /Kit LATELY<\/a>: Results are ready <div class="muted"> came back: it can not be delivered\. <strong>Needs a human\.<\/strong>/,
    );
    expect(body).toContain('refused at once: the mail server refused the address');
    expect(body).not.toMatch(/@example|Zo[eë]/);
    expect(await acts()).toEqual(['jane sign_in done', 'jane list done']);
  });

  test('is found by day and by what became of it', async () => {
    const cookie = await signIn('rea');
    const of = async (query: string): Promise<string[]> => found((await get(`${PATH}?${query}`, cookie)).body);
    expect(await of('fate=bounced&since=2026-11-01&until=')).toEqual(['LATELY', 'LONGAGO']);
    expect(await of('fate=complained')).toEqual(['SPAM']);
    expect(await of('fate=&since=2026-11-01&until=2026-11-21')).toEqual(['REFUSED', 'LONGAGO']);
    expect((await get(`${PATH}?since=2026-11-24`, cookie)).body).toContain('No email did.');
  });

  test('comes page by page, and a page’s link keeps what was asked for', async () => {
    for (let n = 0; n < 60; n += 1)
      await comesBack(world.intake, { subject: `kit:N${String(n)}`, kind: 'kit.registered', at: T0 - n });
    const cookie = await signIn('rea');
    const first = await get(`${PATH}?fate=bounced&since=2026-11-20`, cookie);
    const [, next = ''] = /href="(\/desk\/came-back\?[^"]*after=[^"]*)"/.exec(first.body) ?? [];
    expect(next).toMatch(/fate=bounced&amp;since=2026-11-20/);
    const second = await get(next.replaceAll('&amp;', '&'), cookie);
    expect([found(first.body).length, found(second.body).length]).toEqual([50, 11]);
    expect(second.body).not.toContain('after=');
  });

  test.each([
    'fate=delivered',
    'since=2026-02-30',
    'since=0000-01-01',
    "until=' or 1=1",
    'after=x',
    'after=99999999999999.i1',
    'after=1.x1',
    `after=1.i${'1'.repeat(10_000)}`,
    'after=1.i1%00',
    'since=2026-11-01&since=2026-11-02',
  ])('is asked for with nonsense (%.40s): that is said, or nothing is there', async (query) => {
    const { statusCode, body } = await get(`${PATH}?${query}`, await signIn('jane'));
    expect([200, 400]).toContain(statusCode);
    if (statusCode === 400) expect(found(body)).toEqual([]);
  });

  test('is shown to nobody who isn’t signed in', async () => {
    expect((await get(PATH)).statusCode).toBe(401);
  });
});
