import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { createAskPartner } from '../../activities/ask-partner.js';
import { createC4hxpClient } from '../../src/c4hxp/api/client.js';
import { createC4hxpQuestions } from '../../src/c4hxp/api/questions.js';
import { createPartnerSim, type PartnerSim } from '../../src/sandbox/partner-sim/sim.js';
import { ensureRetention } from '../../src/temporal/schedules.js';
import { createWorkers, type Workers } from '../../src/temporal/workers.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import type { PartnerQuestions } from '../../src/domain/partner-questions.js';
import { workflowBundle } from '../support/bundle.js';
import { createFacts } from '../support/facts.js';
import { LiveJourney, Outside } from '../support/journey-bench.js';
import { SETTINGS } from '../support/policy-settings.js';
import { startTestTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let temporal: TestTemporal;
let sim: PartnerSim;
let questions: PartnerQuestions;
let workers: Workers;
let retained = 0;

beforeAll(async () => {
  temporal = await startTestTemporal();
  sim = await createPartnerSim();
  questions = createC4hxpQuestions({
    client: createC4hxpClient({ origin: sim.url, apiKey: sim.apiKey, timeoutMs: 5_000, clock: Date.now }),
    hash: (purpose, value) => createHmac('sha256', 'key').update(purpose).update(value).digest(),
    revealFlags: false,
    clock: Date.now,
    logger: { info: () => undefined, warn: () => undefined },
  });
});
afterAll(async () => {
  await workers.shutdown();
  await questions.close();
  await sim.close();
  await temporal.close();
});

test('a question in the partner’s maintenance says in Temporal until when, and is asked when the window ends', async () => {
  const { number } = sim.business.order();
  // The window is open until some seconds after the first look at it, however long the workers took to start.
  let ends: number | null = null;
  const kept: Arrival[] = [];
  const outside = new Outside({ ...SETTINGS, partner: true });
  // The email's sender finds nobody to write to, so that the journey asks.
  outside.attempt = ({ at }) =>
    Promise.resolve({ status: 'deferred', reason: 'no_contact', until: null, settledAt: at, address: null });
  workers = createWorkers({
    connect: () => temporal.connectWorker(),
    namespace: 'default',
    identity: 'test',
    version: null,
    bundle: await workflowBundle(),
    activities: {
      local: outside.local,
      email: outside.email,
      upkeep: { retain: () => Promise.resolve(void (retained += 1)) },
      partner: {
        askPartner: createAskPartner({
          questions,
          keep: (arrival) => {
            kept.push(arrival);
            return Promise.resolve({ fresh: true });
          },
          isErased: () => Promise.resolve(false),
          maintenance: () => {
            ends ??= Date.now() + 6_000;
            return Promise.resolve(Date.now() < ends ? { until: ends } : null);
          },
          clock: Date.now,
          log: () => undefined,
        }),
      },
    },
    load: () => 0,
    emailMaxPerSecond: 100,
    partnerMaxPerSecond: 100,
    grace: 1_000,
    log: () => undefined,
  });
  void workers.run();

  const journey = new LiveJourney(temporal.client, `order:${number}`, outside);
  const { fact } = createFacts();
  const now = { at: Date.now(), receivedAt: Date.now() };
  await journey.tell({ ...fact('order.shipped', 0, { order: number, barcodes: ['123456789012'] }), ...now });
  const failure = await until('the question to be put off', async () => {
    const { raw } = await journey.handle.describe();
    return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'askPartner')?.lastFailure;
  });
  expect(failure.message).toBe(`partner_maintenance: until ${new Date(Number(ends)).toISOString()}`);
  expect(kept).toEqual([]);

  await until('the answer', () => kept.length > 0);
  expect(Date.now()).toBeGreaterThanOrEqual(Number(ends));
  expect(kept[0]).toMatchObject({ source: 'partner', event: 'partner.answered', verdict: 'accepted' });
}, 60_000);

test('retention is on a schedule once, whoever looks after it, runs at once, and stays paused where it was paused', async () => {
  const { client } = temporal;
  await Promise.all([ensureRetention(client), ensureRetention(client)]);
  await until('its first run', () => Promise.resolve(retained === 1));
  const schedule = client.schedule.getHandle('retention');
  await schedule.pause('an audit');
  await ensureRetention(client);
  const { state, spec, policies } = await schedule.describe();
  expect(state).toMatchObject({ paused: true, note: 'an audit' });
  expect(spec.intervals).toMatchObject([{ every: 6 * 3_600_000 }]);
  expect(policies.overlap).toBe('SKIP');
  expect(retained).toBe(1);
});
