import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hostRule } from '../../src/http/hosts.js';
import { IntakeUnavailable, type Intake } from '../../src/inbox/intake.js';
import type { Claim, Ledger } from '../../src/ledger/ledger.js';
import type { PartnerAnswer, PartnerQuestions } from '../../src/domain/partner-questions.js';
import { measureArrivals, measureEmails, measureQuestions, measureRelay } from '../../src/process/measures.js';
import { createMetrics, type Metrics } from '../../src/process/metrics.js';
import { kitArrival, unreadable } from '../inbox/support.js';
import { decision, newLedger, newSealing, request } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { until } from '../support/until.js';

async function scraped(metrics: Metrics): Promise<string[]> {
  const app = metrics.app([], hostRule('localhost'));
  const { body } = await app.inject({ url: '/metrics', headers: { host: 'localhost:9464' } });
  await app.close();
  return body.split('\n');
}

const KEY = { subject: 'kit:123456789012', kind: 'results.available', occurrence: 1 } as const;

describe('arrivals', () => {
  const intakeThat = (keep: Intake['keep']): Intake => ({ keep }) as unknown as Intake;

  test('are counted by source, repetitions apart; what can not be read by the code of its reason alone', async () => {
    const metrics = createMetrics();
    let fresh = true;
    const intake = measureArrivals(
      intakeThat(() => Promise.resolve({ fresh })),
      metrics,
    );
    await intake.keep(kitArrival('123456789012', 'kit.registered'));
    await intake.keep({ ...unreadable('{}'), reason: 'invalid_data:data.kit.barcode' });
    await intake.keep({ ...unreadable('{}'), reason: 'something a stranger wrote' });
    fresh = false;
    await intake.keep({ ...unreadable('{}'), reason: 'invalid_data:data.kit.barcode' });
    const lines = await scraped(metrics);
    expect(lines).toContain('kit_herald_arrivals_total{source="c4hxp",verdict="accepted",repeated="no"} 1');
    expect(lines).toContain('kit_herald_arrivals_total{source="c4hxp",verdict="quarantined",repeated="yes"} 1');
    expect(lines).toContain('kit_herald_webhooks_quarantined_total{reason="invalid_data"} 1');
    expect(lines).toContain('kit_herald_webhooks_quarantined_total{reason="other"} 1');
    expect(lines).toContain('kit_herald_webhooks_quarantined_total{reason="not_json"} 0');
    expect(lines.join('\n')).not.toMatch(/stranger|barcode/);
  });

  test('that can not be committed are counted by why, and still refused', async () => {
    const metrics = createMetrics();
    const intake = measureArrivals(
      intakeThat(() => Promise.reject(new IntakeUnavailable('queue_full'))),
      metrics,
    );
    await expect(intake.keep(kitArrival('123456789012', 'kit.registered'))).rejects.toThrow('queue_full');
    expect(await scraped(metrics)).toContain('kit_herald_arrivals_not_committed_total{why="queue_full"} 1');
  });

  test('that tell of a bounce or a complaint are counted by the kind of email, the first time only', async () => {
    const metrics = createMetrics();
    let fresh = true;
    const intake = measureArrivals(
      intakeThat(() => Promise.resolve({ fresh })),
      metrics,
    );
    const report = kitArrival('123456789012', 'mail.bounced');
    const routed = report.routed.map((one) => ({
      ...one,
      fact: { ...one.fact, mail: { kind: 'results.available' as const, occurrence: 1, permanent: true } },
    }));
    await intake.keep({ ...report, source: 'mail', routed });
    await intake.keep({ ...report, source: 'mail', routed: [], event: 'mail.complained' });
    fresh = false;
    await intake.keep({ ...report, source: 'mail', routed });
    const lines = await scraped(metrics);
    expect(lines).toContain('kit_herald_email_outcomes_total{outcome="bounced",kind="results.available"} 1');
    expect(lines).toContain('kit_herald_email_outcomes_total{outcome="complained",kind="staff.alert"} 1');
  });
});

describe('emails', () => {
  const claim = { ...KEY, attempt: 1, lastReason: null } as unknown as Claim;
  const ledgerThat = (held: boolean, of: Claim = claim): Ledger =>
    ({
      claim: () => Promise.resolve({ outcome: 'claimed', claim: of }),
      settle: () => Promise.resolve(held),
      settleAbandoned: () => Promise.resolve({ ...KEY, status: 'failed', reason: 'retries_exhausted', at: 0 }),
      record: () => Promise.resolve(),
    }) as unknown as Ledger;
  const origin = () => Promise.resolve({ receivedAt: new Date(0), quietUntil: null, happenedAt: new Date(-600_000) });

  test('are measured when a mail server took them: since their webhook, and since what they tell of', async () => {
    const metrics = createMetrics();
    const ledger = measureEmails(ledgerThat(true), metrics, origin);
    await ledger.claim(request({ ...KEY, sourceSeq: 1 }));
    await ledger.settle(claim, { status: 'deferred', reason: 'server_refused', at: 1_000 });
    await ledger.settle(claim, { status: 'sent', reason: null, at: 59_000 });
    const lines = await until('the measure', async () => {
      const now = await scraped(metrics);
      return now.includes('kit_herald_email_after_event_seconds_count{kind="results.available"} 1') && now;
    });
    expect(lines).toContain('kit_herald_email_after_webhook_seconds_bucket{le="30",kind="results.available"} 0');
    expect(lines).toContain('kit_herald_email_after_webhook_seconds_bucket{le="60",kind="results.available"} 1');
    expect(lines).toContain('kit_herald_email_after_event_seconds_bucket{le="900",kind="results.available"} 1');
    expect(lines).toContain('kit_herald_emails_total{kind="results.available",status="sent"} 1');
    expect(lines).toContain('kit_herald_emails_total{kind="results.available",status="deferred"} 1');
    expect(lines).toContain('kit_herald_email_reasons_total{status="deferred",reason="server_refused"} 1');
  });

  test('that quiet hours held back are measured from their end', async () => {
    const metrics = createMetrics();
    const ledger = measureEmails(ledgerThat(true), metrics, () =>
      Promise.resolve({ receivedAt: new Date(0), quietUntil: new Date(28_800_000), happenedAt: null }),
    );
    await ledger.claim(request({ ...KEY, sourceSeq: 1 }));
    await ledger.settle(claim, { status: 'sent', reason: null, at: 28_801_000 });
    await until('the measure', async () =>
      (await scraped(metrics)).includes(
        'kit_herald_email_after_webhook_seconds_bucket{le="1",kind="results.available"} 1',
      ),
    );
  });

  test('go out also where their origin can’t be read: they are counted, and not measured', async () => {
    const metrics = createMetrics();
    const ledger = measureEmails(ledgerThat(true), metrics, () => Promise.reject(new Error('away')));
    await ledger.claim(request({ ...KEY, sourceSeq: 1 }));
    expect(await ledger.settle(claim, { status: 'sent', reason: null, at: 0 })).toBe(true);
    const lines = await scraped(metrics);
    expect(lines).toContain('kit_herald_emails_total{kind="results.available",status="sent"} 1');
    expect(lines).toContain('kit_herald_email_after_webhook_seconds_count{kind="results.available"} 0');
  });

  test('that another attempt holds by now are that one’s to count', async () => {
    const metrics = createMetrics();
    await measureEmails(ledgerThat(false), metrics, origin).settle(claim, { status: 'sent', reason: null, at: 0 });
    expect(await scraped(metrics)).toContain('kit_herald_emails_total{kind="results.available",status="sent"} 0');
  });

  test('that are decided without an attempt, or given up, are counted by what they are since', async () => {
    const metrics = createMetrics();
    const ledger = measureEmails(ledgerThat(true), metrics, origin);
    const projection = { state: 'registered', attention: [], because: null, next: null, closed: false };
    await ledger.record(
      {
        subject: KEY.subject,
        projection,
        decisions: [
          decision({ kind: 'results.available' }),
          { ...decision({ kind: 'results.available' }), verdict: 'wait', reason: 'held_for_review' },
        ],
      },
      0,
    );
    await ledger.settleAbandoned({ ...KEY, ending: 'retries_exhausted', cause: 'wh_8', rule: 'r', projection, at: 0 });
    const lines = await scraped(metrics);
    expect(lines).toContain('kit_herald_emails_total{kind="results.available",status="sending"} 0');
    expect(lines).toContain('kit_herald_emails_total{kind="results.available",status="deferred"} 1');
    expect(lines).toContain('kit_herald_emails_total{kind="results.available",status="failed"} 1');
  });
});

describe('claims', () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await startDatabases('pglite');
  });
  afterAll(() => databases.stop());

  test('count as taken over where an attempt had left its email without a word, and only there', async () => {
    const database = await databases.fresh();
    const metrics = createMetrics();
    const ledger = measureEmails(newLedger(database, newSealing()), metrics, () =>
      Promise.resolve({ receivedAt: null, quietUntil: null, happenedAt: null }),
    );
    const claim = async (): Promise<Claim> => {
      const claimed = await ledger.claim(request());
      if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
      return claimed.claim;
    };
    const count = async (): Promise<string | undefined> =>
      (await scraped(metrics)).find((line) => line.startsWith('kit_herald_claims_taken_over_total '));
    const first = await claim();
    await ledger.settle(first, { status: 'deferred', reason: 'server_refused', at: Date.now() });
    await claim();
    expect(await count()).toMatch(/ 0$/);
    ledger.letGo({ ...first, attempt: 2 });
    await claim();
    expect(await count()).toMatch(/ 1$/);
  });
});

test('questions to the partner are counted by what came of them, and rejected as before', async () => {
  const metrics = createMetrics();
  const answers: (PartnerAnswer | null)[] = [
    { outcome: 'not_found' },
    { outcome: 'ask_again', why: 'rate_limited', note: null, retryAfterMs: null, meanwhile: null },
    null,
  ];
  const ask = (): Promise<PartnerAnswer> => {
    const answer = answers.shift();
    return answer == null ? Promise.reject(new Error('stopped')) : Promise.resolve(answer);
  };
  const questions = measureQuestions({ ask, close: () => Promise.resolve() }, metrics);
  const question = {} as Parameters<PartnerQuestions['ask']>[0];
  expect(await questions.ask(question)).toEqual({ outcome: 'not_found' });
  await questions.ask(question);
  await expect(questions.ask(question)).rejects.toThrow('stopped');
  const lines = await scraped(metrics);
  for (const outcome of ['not_found', 'rate_limited', 'given_up'])
    expect(lines).toContain(`kit_herald_partner_questions_total{outcome="${outcome}"} 1`);
});

test('a relay’s lag is measured for what is new, and not for an order’s past that a kit is told', async () => {
  const metrics = createMetrics();
  const relayed = measureRelay(metrics);
  const fact = { cause: 'wh_1', at: 0, seq: 1, receivedAt: Date.now() - 2_000 };
  relayed({ subject: 'kit:1', facts: [{ ...fact, event: 'kit.registered' }] });
  relayed({ subject: 'kit:1', facts: [{ ...fact, event: 'order.confirmed', receivedAt: 0 }] });
  const lines = await scraped(metrics);
  expect(lines).toContain('kit_herald_relay_lag_seconds_count 1');
  expect(lines).toContain('kit_herald_relay_lag_seconds_bucket{le="1"} 0');
  expect(lines).toContain('kit_herald_relay_lag_seconds_bucket{le="300"} 1');
});
