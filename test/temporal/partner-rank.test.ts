import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorkers, type Workers } from '../../src/temporal/workers.js';
import { kitSubject } from '../../src/domain/subjects.js';
import type { QuestionRank } from '../../src/domain/partner-calls.js';
import { workflowBundle } from '../support/bundle.js';
import { createFacts, DAY, patient, SETTINGS } from '../support/facts.js';
import { LiveJourney, Outside } from '../support/journey-bench.js';
import { startTestTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

describe('questions to the partner, of two processes', () => {
  let temporal: TestTemporal;
  const outside = new Outside({ ...SETTINGS, silenceAfter: DAY });
  const asked: { readonly at: number; readonly rank: QuestionRank }[] = [];
  let workers: readonly Workers[];
  let running: readonly Promise<void>[];

  beforeAll(async () => {
    temporal = await startTestTemporal();
    const { code } = await workflowBundle();
    workers = ['one', 'two'].map((identity) =>
      createWorkers({
        connect: () => temporal.connectWorker(),
        namespace: temporal.namespace,
        identity,
        version: null,
        bundle: { code },
        activities: {
          local: outside.local,
          email: outside.email,
          partner: {
            askPartner: ({ rank }) => {
              asked.push({ at: performance.now(), rank });
              return Promise.resolve({ outcome: 'unchanged' });
            },
          },
        },
        load: () => 0,
        emailMaxPerSecond: 100,
        partnerMaxPerSecond: 2,
        grace: 1_000,
        log: () => undefined,
      }),
    );
    running = workers.map((each) => each.run());
  }, 90_000);
  afterAll(async () => {
    await Promise.all(workers.map((each) => each.shutdown()));
    await Promise.all(running);
    await temporal.close();
  });

  test('a missing address overtakes all that wait in the queue', async () => {
    const { fact } = createFacts();
    const ago = Date.now() - 2 * DAY;
    const journey = (number: number) =>
      new LiveJourney(temporal.client, kitSubject(`3000000000${String(10 + number)}`), outside);
    const silent = Array.from({ length: 20 }, (_, number) => journey(number));
    await Promise.all(
      silent.map((kit) =>
        kit.tell(
          { ...fact('kit.registered', 0, { person: patient('jane') }), at: ago, receivedAt: ago },
          { ...fact('kit.received_lab', 0), at: ago, receivedAt: ago },
        ),
      ),
    );
    await until('the silent ones to be asked about', () => asked.length >= 2);
    const before = asked.length;
    const now = Date.now();
    await journey(50).tell({ ...fact('results.available', 0), at: now, receivedAt: now });
    await until('all of them', () => asked.length >= 21);

    expect(asked).toHaveLength(21);
    const place = asked.findIndex(({ rank }) => rank === 'first');
    expect(place).toBeGreaterThanOrEqual(before);
    // Some were handed out already.
    expect(place).toBeLessThan(before + 8);
  }, 90_000);
});
