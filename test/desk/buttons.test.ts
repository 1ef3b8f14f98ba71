import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordedDecision } from '../../src/domain/activities.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import { COMMANDS } from '../../src/admin/schemas.js';
import { decision, KIT, T0, VIEW } from '../ledger/support.js';
import { ADMIN } from '../admin/support.js';
import { deskUnderTest, unreadable } from './support.js';

describe('the buttons at the desk', () => {
  const { world, get, post, signIn, fieldsOf, acts, needsSkip } = deskUnderTest();

  const row = (over: Partial<RecordedDecision>, attention: readonly object[] = []): Promise<void> =>
    world.ledger.record(
      {
        subject: KIT,
        projection: { ...VIEW, attention: attention as never },
        decisions: [{ ...decision({ verdict: 'not_send' }), ...over }],
      },
      T0,
    );
  const buttonsIn = (body: string, subject = 'kits/123456789012'): string[] =>
    [...body.matchAll(new RegExp(`href="/desk/${subject}/([a-z-]+)"`, 'g'))].map(([, action = '']) => action).sort();

  const CASES: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['nothing has been decided', () => Promise.resolve()],
    ['results wait for a review', needsSkip],
    ['an email failed', () => row({ status: 'failed', reason: 'server_refused' })],
    [
      'an email may have gone',
      () => row({ status: 'unknown', reason: 'no_answer' }, [{ code: 'no_answer', since: T0 }]),
    ],
    ['an email was not sent', () => row({ status: 'not_sent', reason: 'too_late' })],
    [
      'the address is stopped',
      () => world.ledger.suppress(world.ledger.addressOf('zoe@example.com'), 'all', 'operator:1', T0),
    ],
    ['nobody is known', () => world.database.query('delete from contacts')],
    ['the patient was forgotten', () => world.database.query('update subjects set erased_at = now()')],
  ];

  test.each(CASES)('on a kit’s page are those that the API takes, where %s', async (_what, given) => {
    await given();
    const bodies: Record<string, object> = {
      skip: { reason: 'told by phone' },
      acknowledge: { reason: 'the lab knows' },
      'correct-contact': { email: 'new@example.com' },
    };
    const taken: string[] = [];
    const shown = buttonsIn((await get('/desk/kits/123456789012', await signIn('jane'))).body);
    for (const action of Object.keys(COMMANDS)) {
      const ask = (more: object) =>
        world.app.inject({
          url: `/admin/kits/123456789012/${action}`,
          method: 'POST',
          headers: { authorization: `Bearer ${ADMIN}` },
          payload: { ...bodies[action], ...more },
        });
      // What each changes must not open or close the way for the next.
      const answer = await ask({});
      const lifting = action === 'retry' && answer.statusCode === 409 ? await ask({ lift: true }) : answer;
      if (lifting.statusCode === 202) taken.push(action);
    }
    expect(shown).toEqual(taken.sort());
  });

  test('on the list of what needs a human are the same as on the kit’s page, for each role', async () => {
    await needsSkip();
    for (const [name, own] of [
      ['jane', ['acknowledge', 'correct-contact', 'opt-out', 'release', 'skip']],
      ['pia', ['erase', 'unmask']],
      ['rea', []],
    ] as const) {
      const cookie = await signIn(name);
      const [list, story] = [await get('/desk/attention', cookie), await get('/desk/kits/123456789012', cookie)];
      expect(list.body).toContain('Results wait for a review that has not come. Ask the lab, or release them.');
      expect(buttonsIn(list.body)).toEqual(own);
      expect(buttonsIn(story.body)).toEqual(own);
    }
  });

  describe('for what can’t be read', () => {
    const ODD = unreadable(KIT);
    const mended = (): Arrival => unreadable(KIT, { verdict: 'accepted', reason: null, event: 'results.available' });
    const PATH = `/desk/webhooks/${encodeURIComponent(ODD.externalId ?? '')}`;

    beforeEach(async () => {
      await world.intake.keep(ODD);
      await row({ status: 'not_sent', reason: 'too_late' }, [{ code: 'unreadable_webhook', since: T0 }]);
      world.readAgain = () => ODD;
    });

    test('stand in the kit’s story and on the list, and lead to why, and to what a replay would come to', async () => {
      const jane = await signIn('jane');
      for (const path of ['/desk/kits/123456789012', '/desk/attention'])
        expect((await get(path, jane)).body).toContain(`href="${PATH}"`);
      const page = await get(PATH, jane);
      expect(page.body).toContain('it probably means results.available');
      expect(page.body).toContain('It still couldn’t be read');
      expect(page.body).not.toContain('<button>Replay</button>');
      expect(await acts()).toContain('jane webhook done');
    });

    test('replay it, once what hindered is mended, by the rehearsal that was shown', async () => {
      world.readAgain = mended;
      const [jane, rea] = [await signIn('jane'), await signIn('rea')];
      expect((await get(PATH, rea)).body).not.toContain('<button>Replay</button>');
      const page = await get(PATH, jane);
      expect(page.body).toContain('“Results are ready” is sent.');
      const form = fieldsOf(page);
      const done = await post(`${PATH}/replay`, form, jane);
      expect(done.body).toContain('It could be read, and is on its way');
      expect(done.body).toContain('href="/desk/kits/123456789012"');
      expect(await world.database.query('select verdict from inbox where external_id = $1', [ODD.externalId])).toEqual([
        { verdict: 'accepted' },
      ]);
      expect((await acts()).filter((act) => act.includes('replay'))).toEqual(['jane replay asked', 'jane replay done']);
      expect((await get(PATH, jane)).body).not.toContain('<button>Replay</button>');
    });

    test('replay nothing for who may only look, without the form’s token, or when its body is gone', async () => {
      world.readAgain = mended;
      const [jane, rea] = [await signIn('jane'), await signIn('rea')];
      const form = fieldsOf(await get(PATH, jane));
      expect((await post(`${PATH}/replay`, fieldsOf(await get('/desk', rea)), rea)).statusCode).toBe(403);
      expect((await post(`${PATH}/replay`, { seq: form['seq'] ?? '' }, jane)).statusCode).toBe(403);
      await world.database.query('delete from inbox_bodies');
      expect((await get(PATH, jane)).body).toContain('what it said isn’t kept any more');
      expect((await post(`${PATH}/replay`, form, jane)).statusCode).toBe(410);
    });

    test('that names nobody, are the team’s, who acknowledge it', async () => {
      await world.intake.keep(unreadable('staff', { externalId: 'wh_nobody' }));
      await world.ledger.alerts.projectStaff();
      const jane = await signIn('jane');
      const list = await get('/desk/attention', jane);
      expect(list.body).toContain('href="/desk/webhooks/wh_nobody"');
      expect(buttonsIn(list.body, 'staff')).toEqual(['acknowledge']);
      const team = await get('/desk/staff', jane);
      expect(team.body).toContain('href="/desk/webhooks/wh_nobody"');
      world.outlook = [];
      const form = fieldsOf(await get('/desk/staff/acknowledge', jane));
      const look = await post('/desk/staff/acknowledge/look', { ...form, reason: 'it was a test' }, jane);
      const done = await post('/desk/staff/acknowledge', fieldsOf(look), jane);
      expect(done.body).toContain('It is on its way');
      expect((await get('/desk/staff/skip', jane)).statusCode).toBe(404);
    });
  });
});
