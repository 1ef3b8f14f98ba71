import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SubjectProjection } from '../../src/domain/activities.js';
import { compile, type Sql } from '../../src/database/sql.js';
import type { Database } from '../../src/database/database.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { attentionCount, attentionPage } from '../../src/ledger/attention-list.js';
import { subjectsPage, type SubjectsQuery } from '../../src/ledger/subject-list.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { DAY, HOUR } from '../support/facts.js';
import { decision, newLedger, newSealing, T0, VIEW } from './support.js';

const QUERY: SubjectsQuery = { of: 'kit', attention: false, open: false, after: null, limit: 100 };

describe.each(KINDS)('the list of kits and orders on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let ledger: Ledger;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    ledger = newLedger(database, newSealing());
  });
  beforeEach(() => database.query('truncate notifications, decisions, subjects'));
  afterAll(() => databases.stop());

  const shows = (subject: string, at: number, over: Partial<SubjectProjection> = {}): Promise<void> =>
    ledger.record({ subject, projection: { ...VIEW, at, ...over }, decisions: [] }, at);
  const names = async (over: Partial<SubjectsQuery> = {}): Promise<string[]> =>
    (await ledger.listSubjects({ ...QUERY, ...over })).map(({ subject }) => subject);

  test('begins with those that have stood longest as they do, kits apart from orders', async () => {
    await shows('kit:A', T0);
    await shows('kit:B', T0 - 2 * DAY, { state: 'shipped' });
    await shows('kit:C', T0 - DAY, { state: 'results.available', closed: true });
    await shows('order:B', T0 - 3 * DAY, { state: 'shipped' });
    expect(await names()).toEqual(['kit:B', 'kit:C', 'kit:A']);
    expect(await names({ of: 'order' })).toEqual(['order:B']);
  });

  test('counts from the state’s beginning, and from the first need of a human where there is one', async () => {
    const since = async () => (await ledger.listSubjects(QUERY)).map((one) => Date.parse(one.since) - T0);
    await shows('kit:A', T0);
    await shows('kit:A', T0 + HOUR, { next: { what: 'reminder.return', at: T0 + 5 * DAY } });
    expect(await since()).toEqual([0]);
    await shows('kit:A', T0 + 2 * HOUR, { state: 'received_lab' });
    expect(await since()).toEqual([2 * HOUR]);
    const needs = [
      { code: 'bounced' as const, kind: 'kit.registered' as const, since: T0 + 5 * HOUR },
      { code: 'two_orders' as const, since: T0 + 4 * HOUR },
    ];
    await shows('kit:A', T0 + 5 * HOUR, { state: 'received_lab', attention: needs });
    expect(await since()).toEqual([4 * HOUR]);
    await shows('kit:A', T0 + 6 * HOUR, { state: 'received_lab' });
    expect(await since()).toEqual([2 * HOUR]);
  });

  test('takes filters that combine', async () => {
    const needs = (code: 'bounced' | 'no_contact', since: number) => [{ code, since }];
    await shows('kit:A', T0, { attention: needs('bounced', T0 - 5 * DAY) });
    await shows('kit:B', T0, { attention: [...needs('no_contact', T0 - DAY), ...needs('bounced', T0 - DAY)] });
    await shows('kit:C', T0, { attention: needs('no_contact', T0 - 9 * DAY), state: 'shipped', closed: true });
    await shows('kit:D', T0 - 9 * DAY);
    const until = new Date(T0 - 3 * DAY);
    expect(await names({ attention: true })).toEqual(['kit:C', 'kit:A', 'kit:B']);
    expect(await names({ attention: 'bounced' })).toEqual(['kit:A', 'kit:B']);
    expect(await names({ attention: 'bounced', until })).toEqual(['kit:A']);
    expect(await names({ attention: true, state: 'shipped' })).toEqual(['kit:C']);
    expect(await names({ attention: true, open: true })).toEqual(['kit:A', 'kit:B']);
    expect(await names({ until })).toEqual(['kit:C', 'kit:D', 'kit:A']);
    expect(await names({ state: 'registered', until })).toEqual(['kit:D', 'kit:A']);
    expect(await names({ attention: 'opted_out' })).toEqual([]);
  });

  test('finds by the kind of email that waits, failed, came back or got no answer, unless a newer one took its place', async () => {
    for (const [name, status] of [
      ['A', 'failed'],
      ['B', 'deferred'],
      ['C', 'not_sent'],
      ['D', 'unknown'],
    ] as const) {
      const subject = `kit:${name}`;
      const one = { ...decision({ subject, kind: 'results.available', verdict: 'not_send' as const }), status };
      await ledger.record({ subject, projection: VIEW, decisions: [one] }, T0);
    }
    const kind = 'results.available';
    expect(await names({ kind })).toEqual(['kit:A', 'kit:B', 'kit:D']);
    expect(await names({ kind: 'kit.registered' })).toEqual([]);
    expect(await names({ kind, state: 'shipped' })).toEqual([]);
    await ledger.claim({
      decision: decision({ subject: 'kit:A', kind, occurrence: 2 }),
      journey: 'kit:A',
      projection: VIEW,
      reopens: false,
    });
    expect(await names({ kind })).toEqual(['kit:B', 'kit:D']);
  });

  test('goes on behind the last of a page, whatever its filters, and meets each once', async () => {
    for (let n = 0; n < 9; n += 1)
      await shows(`kit:${String(n)}`, T0 + Math.floor(n / 3), {
        state: n % 2 === 0 ? 'registered' : 'shipped',
        attention: n % 3 === 0 ? [{ code: 'bounced', since: T0 }] : [],
      });
    for (const filter of [{}, { attention: true }, { state: 'shipped' }, { open: true }] as const) {
      const whole = await names(filter);
      const paged: string[] = [];
      for (let after: SubjectsQuery['after'] = null; ;) {
        const page = await ledger.listSubjects({ ...QUERY, ...filter, after, limit: 2 });
        paged.push(...page.map(({ subject }) => subject));
        const last = page.at(-1);
        if (last === undefined) break;
        after = { since: Date.parse(last.since), subject: last.subject };
      }
      expect(paged).toEqual(whole);
      expect(whole.length).toBeGreaterThan(0);
    }
  });
});

describe('a page of that list on PostgreSQL', () => {
  let databases: TestDatabases;
  let database: Database;

  beforeAll(async () => {
    databases = await startDatabases('postgres');
    database = await databases.fresh();
    // Nine of ten have ended long ago; of a thousand one needs a human, and one email waits.
    await database.query(
      `insert into subjects (subject, state, state_since, closed_at, attention)
       select 'kit:' || n, case when n % 10 = 0 then 'registered' else 'results.reviewed' end,
         timestamptz '2026-01-01' + n * interval '1 minute', case when n % 10 > 0 then now() end,
         case when n % 1000 = 0 then '[{"code": "bounced", "since": 1780000000000}]' else '[]' end::jsonb
       from generate_series(1, 20000) as n`,
    );
    // Without their evidence, which takes longest and isn't looked at.
    await database.query('alter table notifications disable trigger user');
    await database.query(
      `insert into notifications (subject, kind, occurrence, status, cause, rule, decided_at)
       select 'kit:' || n, 'results.available', 1, case when n % 1000 = 0 then 'failed' else 'sent' end, 'x', 'x', now()
       from generate_series(1, 20000) as n`,
    );
    await database.query('vacuum analyze subjects, notifications');
  });
  afterAll(() => databases.stop());

  const until = new Date(Date.UTC(2025, 0));
  const after = { since: Date.UTC(2026, 0, 5), subject: 'kit:5' };
  test.each<[string, Partial<SubjectsQuery>]>([
    ['everything', {}],
    ['everything, a later page', { after }],
    ['the orders, of which there are none', { of: 'order' }],
    ['what is older than anything there is', { until }],
    ['a state', { state: 'registered' }],
    ['a state that nothing is in', { state: 'failed' }],
    ['a state, older than anything', { state: 'results.reviewed', until, after }],
    ['what needs a human', { attention: true }],
    ['a need that nobody has', { attention: 'two_orders' }],
    ['what needs a human in a state', { attention: true, state: 'results.reviewed' }],
    ['what is open', { open: true, until }],
    ['a kind that waits', { kind: 'results.available' }],
    ['a kind that waits, in a state and of an age', { kind: 'results.available', state: 'registered', until, after }],
    ['a kind of which nothing waits', { kind: 'kit.failed' }],
    ['all of it', { attention: 'bounced', state: 'registered', kind: 'results.available', open: true, until, after }],
  ])('reads no table whole for %s', async (_what, over) => {
    await readsNoTableWhole(subjectsPage({ ...QUERY, limit: 51, ...over }));
  });

  test('reads no table whole for what needs a human, the most pressing first, nor to count it', async () => {
    const place = { results: true, ...after };
    for (const statement of [
      attentionPage({ after: null, limit: 51 }),
      attentionPage({ after: place, limit: 51 }),
      attentionCount(null),
      attentionCount(place),
    ])
      await readsNoTableWhole(statement);
  });

  async function readsNoTableWhole(statement: Sql): Promise<void> {
    const { text, params } = compile(statement);
    const rows = await database.query<{ 'QUERY PLAN': string }>(`explain (analyze, costs off) ${text}`, params);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).not.toMatch(/Seq Scan/);
    // Nor the whole of an index.
    const removed = [...plan.matchAll(/Rows Removed by Filter: (\d+)/g)].map(([, count]) => Number(count));
    expect(Math.max(0, ...removed)).toBeLessThan(2_500);
  }
});
