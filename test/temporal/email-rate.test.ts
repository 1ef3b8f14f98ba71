import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorkers, type Workers } from '../../src/temporal/workers.js';
import { kitSubject } from '../../src/domain/subjects.js';
import { workflowBundle } from '../support/bundle.js';
import { createFacts, patient, SETTINGS } from '../support/facts.js';
import { LiveJourney, Outside, sent } from '../support/journey-bench.js';
import { startTestTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const RATE = 4;
const EMAILS = 24;
/** The server's bucket holds a second's worth, and another is filled while it empties. */
const BURST = 2 * RATE;

describe('EMAIL_MAX_PER_SECOND', () => {
  let temporal: TestTemporal;
  const outside = new Outside({ ...SETTINGS });
  /** When each email was handed over, and by which of the workers. */
  const handedOver: { readonly at: number; readonly by: string }[] = [];
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
          partner: outside.partner,
          email: {
            ...outside.email,
            notifyPatient: (input) => {
              handedOver.push({ at: performance.now(), by: identity });
              return Promise.resolve(sent(input));
            },
          },
        },
        load: () => 0,
        emailMaxPerSecond: RATE,
        partnerMaxPerSecond: 10,
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

  test('is kept across workers by the server: so many emails take as long as they must, and none is lost', async () => {
    const { fact } = createFacts();
    await Promise.all(
      Array.from({ length: EMAILS }, async (_, number) => {
        const now = Date.now();
        const registered = fact('kit.registered', 0, { person: patient('jane') });
        const subject = kitSubject(`2000000000${String(10 + number)}`);
        await new LiveJourney(temporal.client, subject, outside).tell({ ...registered, at: now, receivedAt: now });
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
