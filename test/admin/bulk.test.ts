import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import type { AskedPage, RehearsedBulkPage } from '../../src/admin/bulk.js';
import { createC4hxpWebhooks } from '../../src/c4hxp/webhook/source.js';
import type { Attention, RecordedDecision } from '../../src/domain/activities.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { decision, T0, VIEW } from '../ledger/support.js';
import { DAY, HOUR } from '../support/facts.js';
import { ADMIN, operatorsUnderTest, outlookOver, SUPPORT } from './support.js';

const readerOf = (sealing: Sealing) =>
  createC4hxpWebhooks({ secrets: [], hash: sealing.hash, defaultZone: 'UTC', revealFlags: false });

describe('a command over a selection', () => {
  let atOnce: number;
  /** What happens to an arrival instead of being kept; null: nothing. */
  let fault: ((arrival: Arrival) => Error | null) | null;
  const clock = (): number => T0 + HOUR;
  const { world } = operatorsUnderTest(({ database, ledger, intake }) => ({
    outlook: outlookOver({ database, ledger, clock }),
    keep(arrival) {
      const error = fault?.(arrival) ?? null;
      return error === null ? intake.keep(arrival) : Promise.reject(error);
    },
    clock,
    atOnce: () => atOnce,
  }));

  beforeEach(() => {
    atOnce = 50;
    fault = null;
  });

  const post = (path: string, payload: object, { token = ADMIN, run }: { token?: string; run?: string } = {}) =>
    world.app.inject({
      url: `/admin/${path}`,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...(run === undefined ? {} : { 'idempotency-key': run }) },
      payload,
    });
  const asked = (answer: LightMyRequestResponse): AskedPage => {
    expect(answer.statusCode).toBe(200);
    return answer.json<AskedPage>();
  };
  const subjectsOf = (page: AskedPage) => page.subjects.map(({ subject }) => subject);
  const commands = (): Promise<{ subject: string; event: string; command: object }[]> =>
    world.database.query(
      `select d.subject, i.event, d.facts -> 'command' as command from inbox i join deliveries d using (seq)
       where i.source = 'operator' order by seq`,
    );

  /** A registered kit, and where an email of its stands. */
  async function kit(n: number, standing: Partial<RecordedDecision>, attention: Attention[] = []): Promise<string> {
    const [subject, cause, at] = [`kit:KIT-000${String(n)}`, `wh_${String(n)}`, T0 + n];
    const patient = { first_name: 'Zoë', last_name: 'Müller', email: `p${String(n)}@example.com` };
    const meta = { webhook_id: cause, timestamp: new Date(at).toISOString() };
    const body = { event: 'kit.registered', meta, data: { kit_barcode: `KIT-000${String(n)}`, patient } };
    await world.intake.keep(readerOf(world.sealing).read(Buffer.from(JSON.stringify(body)), { receivedAt: at }));
    const [kept] = await world.database.query<{ seq: number }>(
      'update deliveries set relayed_at = now() where subject = $1 returning seq',
      [subject],
    );
    const sourceSeq = kept?.seq ?? null;
    const row = { ...decision({ subject, cause, sourceSeq, at, verdict: 'not_send' as const }), ...standing };
    await world.ledger.record({ subject, projection: { ...VIEW, at, attention }, decisions: [row] }, at);
    return subject;
  }
  const refused = (n: number) =>
    kit(n, { status: 'failed', reason: 'server_refused' }, [
      { code: 'server_refused', kind: 'kit.registered', since: T0 + n },
    ]);

  test('is rehearsed without changing anything: whom it applies to, which emails would go, and who is passed over', async () => {
    await refused(1);
    await kit(2, { status: 'not_sent', reason: 'superseded' });
    const optedOut = await refused(3);
    await world.ledger.suppress(world.ledger.addressOf('p3@example.com'), 'all', 'operator:1', T0);
    const answer = await post('kits/rehearse-retry', { state: 'registered' }, { token: SUPPORT });
    expect(answer.json<RehearsedBulkPage>()).toMatchObject({
      subjects: ['kit:KIT-0001', optedOut],
      passedOver: [{ subject: 'kit:KIT-0002', code: 'nothing_to_retry' }],
      emails: [
        { subject: 'kit:KIT-0001', kind: 'kit.registered', becomes: 'goes' },
        { subject: optedOut, kind: 'kit.registered', reason: 'opted_out' },
      ],
      next: null,
    });
    expect(await commands()).toEqual([]);
  });

  test('is asked of each who is selected and of nobody else, with a cause of its own, and written down before and for each', async () => {
    for (const n of [1, 2]) await refused(n);
    await kit(3, { status: 'failed', reason: 'server_refused' });
    const page = asked(await post('kits/retry', { attention: true, kind: 'kit.registered' }, { run: 'run-1' }));
    expect(page.subjects).toEqual([
      { subject: 'kit:KIT-0001', cause: 'operator:run-1:kit:KIT-0001', repeated: false },
      { subject: 'kit:KIT-0002', cause: 'operator:run-1:kit:KIT-0002', repeated: false },
    ]);
    expect(await commands()).toEqual([
      {
        subject: 'kit:KIT-0001',
        event: 'operator.retry',
        command: { subject: 'kit:KIT-0001', kind: 'kit.registered' },
      },
      {
        subject: 'kit:KIT-0002',
        event: 'operator.retry',
        command: { subject: 'kit:KIT-0002', kind: 'kit.registered' },
      },
    ]);
    const audited = await world.database.query<{ act: string; about: Buffer | null; outcome: string }>(
      'select act, about, outcome from audit order by id',
    );
    expect(audited).toEqual([
      { act: 'retry', about: null, outcome: 'asked' },
      ...['kit:KIT-0001', 'kit:KIT-0002'].map((subject) => ({
        act: 'retry',
        about: world.sealing.hash('subject', subject),
        outcome: 'done',
      })),
    ]);
  });

  test('goes page by page, small ones while webhooks come in, over those who were meant when it began', async () => {
    for (const n of [1, 2, 3]) await refused(n);
    atOnce = 2;
    const first = asked(await post('kits/retry', { attention: true }, { run: 'r' }));
    expect([subjectsOf(first), first.until]).toEqual([
      ['kit:KIT-0001', 'kit:KIT-0002'],
      new Date(T0 + HOUR).toISOString(),
    ]);
    // What failed again, or for the first time, since it began isn't met in the same run.
    await world.database.query(
      `update subjects set attention = jsonb_set(attention, '{0,since}', $1) where subject = 'kit:KIT-0001'`,
      [String(T0 + 2 * HOUR)],
    );
    const rest = { attention: true, until: first.until, after: first.next };
    const second = asked(await post('kits/retry', rest, { run: 'r' }));
    expect([subjectsOf(second), second.next]).toEqual([['kit:KIT-0003'], null]);
  });

  test('interrupted and asked again, by the same run or another, asks nobody twice', async () => {
    for (const n of [1, 2, 3]) await refused(n);
    atOnce = 2;
    asked(await post('kits/retry', { attention: true }, { run: 'r' }));
    atOnce = 50;
    // On their way: the same run, and another one.
    const again = asked(await post('kits/retry', { attention: true }, { run: 'r' }));
    expect([subjectsOf(again), again.passedOver.map(({ subject, code }) => [subject, code])]).toEqual([
      ['kit:KIT-0003'],
      [
        ['kit:KIT-0001', 'under_way'],
        ['kit:KIT-0002', 'under_way'],
      ],
    ]);
    expect(subjectsOf(asked(await post('kits/retry', { attention: true }, { run: 's' })))).toEqual([]);
    // Heard of, and not decided yet: the same run.
    await world.database.query('update deliveries set relayed_at = now()');
    const heard = asked(await post('kits/retry', { attention: true }, { run: 'r' }));
    expect(heard.subjects.map(({ repeated }) => repeated)).toEqual([true, true, true]);
    expect(await commands()).toHaveLength(3);
  });

  test('passes over what was told meanwhile', async () => {
    await refused(1);
    await world.database.query(`update notifications set status = 'sent', reason = null`);
    const page = asked(await post('kits/retry', { attention: true }));
    expect(page).toMatchObject({ subjects: [], passedOver: [{ subject: 'kit:KIT-0001', code: 'nothing_to_retry' }] });
    expect(await commands()).toEqual([]);
  });

  test('doesn’t try again what may have gone out, unless that is what is selected', async () => {
    const noAnswer = { code: 'no_answer', kind: 'kit.registered', since: T0 } as const;
    await kit(1, { status: 'unknown', reason: 'no_answer' }, [noAnswer]);
    const page = asked(await post('kits/retry', { attention: true }));
    expect(page).toMatchObject({ subjects: [], passedOver: [{ subject: 'kit:KIT-0001', code: 'may_have_gone' }] });
    const other = asked(await post('kits/retry', { attention: true, kind: 'kit.received_lab' }));
    expect(other.subjects).toEqual([]);
    expect(subjectsOf(asked(await post('kits/retry', { attention: 'no_answer' })))).toEqual(['kit:KIT-0001']);
  });

  test('acknowledges by a code only who needs nothing else', async () => {
    const two = { code: 'two_orders', since: T0 } as const;
    await kit(1, { status: 'not_sent', reason: 'superseded' }, [two]);
    await kit(2, { status: 'failed', reason: 'server_refused' }, [two, { code: 'server_refused', since: T0 }]);
    const body = { attention: 'two_orders', reason: 'the lab has mended its list' };
    expect(asked(await post('kits/acknowledge', body))).toMatchObject({
      subjects: [{ subject: 'kit:KIT-0001' }],
      passedOver: [{ subject: 'kit:KIT-0002', code: 'needs_more' }],
    });
  });

  test('skips and releases, and the same of orders', async () => {
    await kit(1, { status: 'deferred', verdict: 'wait', reason: 'too_late' });
    const rehearsed = (await post('kits/rehearse-release', { state: 'registered' })).json<RehearsedBulkPage>();
    expect(rehearsed.subjects).toEqual(['kit:KIT-0001']);
    expect(subjectsOf(asked(await post('kits/release', { state: 'registered' })))).toEqual(['kit:KIT-0001']);
    const subject = 'order:C4H-1';
    const row = {
      ...decision({ subject, kind: 'order.shipped', verdict: 'wait' as const }),
      status: 'deferred' as const,
    };
    await world.ledger.record({ subject, projection: { ...VIEW, state: 'shipped' }, decisions: [row] }, T0);
    const skipped = await post('orders/skip', { state: 'shipped', reason: 'told by phone', by: 'Ann' });
    expect(subjectsOf(asked(skipped))).toEqual([subject]);
    expect(JSON.stringify(await commands())).not.toMatch(/phone|Ann/);
  });

  test('goes on behind one that fails, and stops where nothing can be kept; what was asked before stays asked', async () => {
    for (const n of [1, 2, 3]) await refused(n);
    const failsFor = (subject: string, error: Error): void => {
      fault = ({ routed }) => (routed[0]?.subject === subject ? error : null);
    };
    failsFor('kit:KIT-0002', new Error('p2@example.com'));
    const gone = asked(await post('kits/retry', { attention: true }));
    expect(gone).toMatchObject({ failed: [{ subject: 'kit:KIT-0002', code: 'internal' }], next: null });
    expect(subjectsOf(gone)).toEqual(['kit:KIT-0001', 'kit:KIT-0003']);
    expect(JSON.stringify(gone)).not.toContain('p2@');
    await world.database.query(`delete from deliveries where facts ->> 'event' = 'operator.retry'`);
    for (const n of [4, 5]) await refused(n);
    fault = ({ routed }) => (routed[0]?.subject === 'kit:KIT-0001' ? null : new Error('the database is away'));
    const away = asked(await post('kits/retry', { attention: true }));
    expect([subjectsOf(away), away.failed.length, away.next]).toEqual([['kit:KIT-0001'], 3, null]);
    await world.database.query(`delete from deliveries where facts ->> 'event' = 'operator.retry'`);
    failsFor('kit:KIT-0002', Object.assign(new Error('away'), { name: 'IntakeUnavailable' }));
    atOnce = 2;
    const stopped = asked(await post('kits/retry', { attention: true }));
    expect(stopped).toMatchObject({ failed: [{ subject: 'kit:KIT-0002', code: 'could_not_commit' }], next: null });
    expect(subjectsOf(stopped)).toEqual(['kit:KIT-0001']);
  });

  test.each([
    ['no selection', 'kits/retry', {}, 'must select by attention, state, kind, until or open'],
    ['a skip without a reason', 'kits/skip', { attention: true }, 'reason'],
    ['a state of an order', 'kits/retry', { state: 'confirmed' }, 'registered'],
    ['a state of a kit', 'orders/retry', { state: 'registered' }, 'confirmed'],
    [
      'a need that there is none of',
      'kits/retry',
      { attention: 'boredom' },
      'must be true, false or one of no_contact,',
    ],
    ['a kind that there is none of', 'kits/retry', { kind: 'kit.lost' }, 'kit.failed'],
    ['a moment that is none', 'kits/retry', { until: 'yesterday' }, 'until'],
    ['a cursor made up', 'kits/retry', { attention: true, after: "1'--" }, 'must be `next` of the page before'],
    ['a barcode among the filters', 'kits/retry', { barcode: '1' }, 'barcode'],
    ['what is asked of one only', 'kits/retry', { attention: true, lift: true }, 'lift'],
  ])('refuses %s, and says what is allowed', async (_what, path, body, word) => {
    const answer = await post(path, body);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'invalid_request']);
    expect(answer.json<{ detail: string }>().detail).toContain(word);
  });

  test('is for those who may act; to see what it would come to, reading is enough', async () => {
    await refused(1);
    expect((await post('kits/retry', { attention: true }, { token: SUPPORT })).statusCode).toBe(403);
    expect((await post('kits/rehearse-retry', { attention: true }, { token: SUPPORT })).statusCode).toBe(200);
    expect(await commands()).toEqual([]);
  });

  test('selects what the list shows, by the same filters', async () => {
    await refused(1);
    await kit(2, { status: 'not_sent', reason: 'superseded' });
    const get = (query: string) =>
      world.app.inject({ url: `/admin/kits?${query}`, headers: { authorization: `Bearer ${ADMIN}` } });
    const listed = async (query: string) =>
      (await get(query)).json<{ subjects: { subject: string }[] }>().subjects.map(({ subject }) => subject);
    expect(await listed('attention=server_refused&kind=kit.registered&state=registered')).toEqual(['kit:KIT-0001']);
    expect(await listed('attention=true')).toEqual(['kit:KIT-0001']);
    expect(await listed('attention=false')).toEqual(['kit:KIT-0001', 'kit:KIT-0002']);
    expect(await listed(`until=${new Date(T0 - DAY).toISOString()}`)).toEqual([]);
    for (const [query, word] of [
      ['attention=boredom', 'must be true, false or one of no_contact,'],
      ['state=confirmed', 'registered'],
      ['kind=x', 'results.available'],
      ['until=3d', 'until'],
      ['after=1', 'must be `next` of the page before'],
    ] as const) {
      const answer = await get(query);
      expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
        400,
        expect.stringContaining(word),
      ]);
    }
  });

  test('is described for whoever writes a client', async () => {
    const answer = await world.app.inject({
      url: '/admin/openapi.json',
      headers: { authorization: `Bearer ${ADMIN}` },
    });
    const { paths } = answer.json<{ paths: Record<string, { post: { requestBody: unknown } }> }>();
    expect(JSON.stringify(paths['/admin/orders/rehearse-skip']?.post.requestBody)).toContain('two_orders');
    expect(paths).toHaveProperty(['/admin/kits/acknowledge']);
  });
});
