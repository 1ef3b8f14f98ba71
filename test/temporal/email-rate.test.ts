import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kitSubject } from '../../src/domain/subjects.js';
import { createFacts, patient, SETTINGS } from '../support/facts.js';
import { LiveJourney, Outside, sent } from '../support/journey-bench.js';
import { startTwoWorkers, type TwoWorkers } from '../support/two-workers.js';
import { until } from '../support/until.js';

const RATE = 4;
const EMAILS = 24;
/** The server's bucket holds a second's worth, and another is filled while it empties. */
const BURST = 2 * RATE;

describe('EMAIL_MAX_PER_SECOND', () => {
  let bench: TwoWorkers;
  const outside = new Outside({ ...SETTINGS });
  /** When each email was handed over, and by which of the workers. */
  const handedOver: { readonly at: number; readonly by: string }[] = [];

  beforeAll(async () => {
    bench = await startTwoWorkers(
      (identity) => ({
        local: outside.local,
        partner: outside.partner,
        upkeep: outside.upkeep,
        email: {
          ...outside.email,
          notifyPatient: (input) => {
            handedOver.push({ at: performance.now(), by: identity });
            return Promise.resolve(sent(input));
          },
        },
      }),
      { emailMaxPerSecond: RATE, partnerMaxPerSecond: 10 },
    );
  }, 90_000);
  afterAll(() => bench.close());

  test('is kept across workers by the server: so many emails take as long as they must, and none is lost', async () => {
    const { fact } = createFacts();
    await Promise.all(
      Array.from({ length: EMAILS }, async (_, number) => {
        const now = Date.now();
        const registered = fact('kit.registered', 0, { person: patient('jane') });
        const subject = kitSubject(`2000000000${String(10 + number)}`);
        await new LiveJourney(bench.temporal.client, subject, outside).tell({
          ...registered,
          at: now,
          receivedAt: now,
        });
      }),
    );
    await until('every email', () => handedOver.length >= EMAILS);

    expect(handedOver).toHaveLength(EMAILS);
    expect(new Set(handedOver.map(({ by }) => by))).toEqual(new Set(['one', 'two']));
    const times = handedOver.map(({ at }) => at).sort((a, b) => a - b);
    const took = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
    expect(took).toBeGreaterThanOrEqual((EMAILS - BURST) / RATE);
  }, 90_000);
});
