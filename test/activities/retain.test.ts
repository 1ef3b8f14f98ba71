import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createRetain, type RetainPorts } from '../../activities/retain.js';

const NOTHING = { bodies: 0, journeys: 0, alarmed: 0, auditRows: 0 };

describe('deleting by age', () => {
  const run = (ports: Partial<RetainPorts>, environment = new MockActivityEnvironment()): Promise<unknown> =>
    environment.run(
      createRetain({
        retention: {
          async run(pause) {
            for (let batch = 0; batch < 3; batch += 1) await pause();
            return NOTHING;
          },
        },
        load: () => 0,
        log: () => undefined,
        rest: () => Promise.resolve(),
        ...ports,
      }),
    );

  test('rests between batches, and makes way for as long as webhooks come in', async () => {
    const rests: number[] = [];
    const loads = [0, 5, 5, 0, 0];
    await run({ load: () => loads.shift() ?? 0, rest: (ms) => Promise.resolve(rests.push(ms)) });
    expect(rests).toEqual([100, 100, 1_000, 1_000, 100]);
  });

  test('stops between two batches when it is told to, also while webhooks come in', async () => {
    const environment = new MockActivityEnvironment();
    let rests = 0;
    const rest = (): Promise<void> => {
      rests += 1;
      if (rests === 3) environment.cancel();
      return Promise.resolve();
    };
    await expect(run({ load: () => 1, rest }, environment)).rejects.toThrow(/cancelled/i);
    expect(rests).toBe(3);
  });
});
