import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kitSubject } from '../../src/domain/subjects.js';
import type { QuestionRank } from '../../src/domain/partner-calls.js';
import { createFacts, DAY, patient, SETTINGS } from '../support/facts.js';
import { LiveJourney, Outside } from '../support/journey-bench.js';
import { startTwoWorkers, type TwoWorkers } from '../support/two-workers.js';
import { until } from '../support/until.js';

describe('questions to the partner, of two processes', () => {
  let bench: TwoWorkers;
  const outside = new Outside({ ...SETTINGS, silenceAfter: DAY });
  const asked: { readonly at: number; readonly rank: QuestionRank }[] = [];

  beforeAll(async () => {
    bench = await startTwoWorkers(
      () => ({
        local: outside.local,
        email: outside.email,
        upkeep: outside.upkeep,
        partner: {
          askPartner: ({ rank }) => {
            asked.push({ at: performance.now(), rank });
            return Promise.resolve({ outcome: 'unchanged' });
          },
        },
      }),
      { emailMaxPerSecond: 100, partnerMaxPerSecond: 2 },
    );
  }, 90_000);
  afterAll(() => bench.close());

  test('a missing address overtakes all that wait in the queue', async () => {
    const { fact } = createFacts();
    const ago = Date.now() - 2 * DAY;
    const journey = (number: number) =>
      new LiveJourney(bench.temporal.client, kitSubject(`3000000000${String(10 + number)}`), outside);
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
