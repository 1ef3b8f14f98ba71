import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Queryable } from '../../src/database/sql.js';
import { hostRule } from '../../src/http/hosts.js';
import { createIntake } from '../../src/inbox/intake.js';
import { watchAttention, watchAway, watchKeys, watchOpenEmails } from '../../src/process/gauges.js';
import { createMetrics, type Metrics } from '../../src/process/metrics.js';
import { kitArrival, testSealing } from '../inbox/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';

const FOR_US = { host: 'localhost:9464' };

test('the metrics tell how much of each limit of the intake is used, what the operators’ app refused, and where words stood that nobody knows', async () => {
  const metrics = createMetrics();
  metrics.limits(() => [
    { name: 'intake_queue', used: 0.25 },
    { name: 'bodies', used: 1 },
  ]);
  metrics.count('admin_refused', { code: 'wrong_token' });
  metrics.count('partner_unknown_words', { place: 'transit' });
  const app = metrics.app([], hostRule('127.0.0.1'));
  const { body, headers } = await app.inject({ url: '/metrics', headers: FOR_US });
  expect(body).toContain('kit_herald_intake_limit_used_ratio{limit="intake_queue"} 0.25');
  expect(body).toContain('kit_herald_intake_limit_used_ratio{limit="bodies"} 1');
  expect(body).toContain('kit_herald_admin_refused_total{code="wrong_token"} 1');
  expect(body).toContain('kit_herald_partner_unknown_words_total{place="transit"} 1');
  expect(headers['cache-control']).toBe('no-store');
  await app.close();
});

test.each([{ host: 'evil.example:9464' }, { host: 'localhost', origin: 'https://evil.example' }])(
  'a page of another host gets no metrics: %j',
  async (headers) => {
    const app = createMetrics().app([], hostRule('localhost'));
    for (const url of ['/metrics', '/nothing']) {
      const answer = await app.inject({ url, headers });
      expect([answer.statusCode, answer.body]).not.toContain('kit_herald');
      expect(answer.statusCode).toBe(403);
    }
    await app.close();
  },
);

const bodyOf = async (metrics: Metrics, others: readonly (() => Promise<string>)[] = []): Promise<string> => {
  const app = metrics.app(others, hostRule('127.0.0.1'));
  const { body } = await app.inject({ url: '/metrics', headers: FOR_US });
  await app.close();
  return body;
};
const never = <T>(): Promise<T> => new Promise(() => undefined);

test('a scrape at the start answers, with what alerts look at: counters at 0', async () => {
  const body = await bodyOf(createMetrics());
  expect(body).toContain('kit_herald_webhooks_refused_total{code="not_committed"} 0');
  expect(body).toContain('kit_herald_webhooks_acknowledged_total{verdict="accepted",event="results.available"} 0');
});

test('what does not answer, or fails, leaves a gap, and everything else is served', async () => {
  const metrics = createMetrics(20);
  metrics.gauge('hangs', 'It never answers.', never);
  metrics.gauge('works', 'It does.', () => 7);
  metrics.gauges({ name: 'things', help: 'They fail.', labels: ['thing'] }, () => Promise.reject(new Error('away')));
  const body = await bodyOf(metrics, [never, () => Promise.reject(new Error('away')), () => Promise.resolve('sdk 1')]);
  expect(body).toContain('kit_herald_hangs Nan');
  expect(body).toContain('kit_herald_works 7');
  expect(body).toContain('sdk 1');
  expect(body).not.toContain('kit_herald_things{');
});

test('of several things those are told that there are, and none that there was before', async () => {
  const metrics = createMetrics();
  let things = ['a', 'b'];
  metrics.gauges({ name: 'things', help: 'Some.', labels: ['thing'] }, () =>
    things.map((thing) => ({ labels: { thing }, value: 1 })),
  );
  expect(await bodyOf(metrics)).toContain('kit_herald_things{thing="a"} 1');
  things = ['b'];
  const body = await bodyOf(metrics);
  expect(body).not.toContain('thing="a"');
  expect(body).toContain('kit_herald_things{thing="b"} 1');
});

test('what is away is 1, and what answers is 0', async () => {
  const metrics = createMetrics();
  watchAway(metrics, ['database', 'smtp'], () => ['smtp']);
  const body = await bodyOf(metrics);
  expect(body).toContain('kit_herald_away{part="smtp"} 1');
  expect(body).toContain('kit_herald_away{part="database"} 0');
});

describe('gauges of the database', () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await startDatabases('pglite');
  });
  afterAll(() => databases.stop());

  test('tell who needs a human by why and whether it is pressing, and look once however often they are scraped', async () => {
    const database = await databases.fresh();
    await database.query('insert into subjects (subject, attention) values ($1, $2::jsonb)', [
      'kit:1',
      JSON.stringify([
        { code: 'bounced', kind: 'results.available', since: Date.now() - 7_200_000 },
        { code: 'bounced', kind: 'kit.registered', since: Date.now() - 60_000 },
      ]),
    ]);
    let looks = 0;
    const counting: Queryable = {
      query: (statement, params) => {
        looks += 1;
        return database.query(statement, params);
      },
    };
    const metrics = createMetrics();
    watchAttention(metrics, counting);
    const body = await bodyOf(metrics);
    expect(await bodyOf(metrics)).toContain('kit_herald_attention');
    expect(looks).toBe(1);
    expect(body).toContain('kit_herald_attention{code="bounced",pressing="yes"} 1');
    expect(body).toContain('kit_herald_attention{code="bounced",pressing="no"} 1');
    expect(body).toContain('kit_herald_attention{code="complained",pressing="no"} 0');
    expect(body).toMatch(/kit_herald_attention_age_seconds\{code="bounced",pressing="yes"\} 720\d/);
    expect(body).not.toContain('kit:1');
  });

  test('tell which emails wait and for what, and whether a rotation of keys has ended', async () => {
    const database = await databases.fresh();
    await database.query(
      `insert into notifications (subject, kind, occurrence, status, reason, cause, rule, decided_at)
       values ('kit:1', 'results.available', 1, 'deferred', 'server_refused', 'wh_1', 'r', now() - interval '5 minutes'),
         ('kit:2', 'results.available', 1, 'sending', null, 'wh_1', 'r', now())`,
    );
    const sealing = testSealing();
    await createIntake({ database, sealing }).keep(kitArrival('123456789012', 'kit.registered'));
    const metrics = createMetrics();
    watchOpenEmails(metrics, database);
    watchKeys(metrics, database, ['newer', ...sealing.keyIds.encryption]);
    const body = await bodyOf(metrics);
    expect(body).toContain('kit_herald_open_emails{kind="results.available",status="sending",reason=""} 1');
    expect(body).toMatch(
      /kit_herald_open_email_age_seconds\{kind="results.available",status="deferred",reason="server_refused"\} 30\d/,
    );
    expect(body).toContain('kit_herald_encryption_keys{state="newest"} 0');
    expect(body).toContain('kit_herald_encryption_keys{state="former"} 1');
    expect(body).toContain('kit_herald_encryption_keys{state="lost"} 0');
  });
});
