import { describe, expect, test } from '@jest/globals';
import { logLimits } from '../../src/inbox/capacity.js';
import { createIntake } from '../../src/inbox/intake.js';
import { until } from '../support/until.js';
import { kitArrival, testSealing } from './support.js';

describe('the limits of the intake', () => {
  test('are told by how much of each is used, and are free again once all is answered', async () => {
    let answer: () => void = () => undefined;
    const query = () =>
      new Promise<never[]>((resolve) => {
        answer = () => {
          resolve([]);
        };
      });
    const intake = createIntake({
      database: { priority: { query } } as never,
      sealing: testSealing(),
      queueLimit: 4,
      queueBytes: 1_000,
      deadline: 100,
      disk: { isLow: () => false, used: () => 0.25, stop: () => undefined },
    });
    const used = () => Object.fromEntries(intake.limits().map((limit) => [limit.name, limit.used]));
    expect(used()).toEqual({ intake_queue: 0, intake_bytes: 0, commit_time: 0, disk: 0.25 });

    const arrival = { ...kitArrival('X', 'kit.registered'), raw: Buffer.alloc(200) };
    const kept = [intake.keep(arrival), intake.keep(arrival), intake.keep(arrival)].map((one) =>
      one.catch(() => undefined),
    );
    expect(used()).toMatchObject({ intake_queue: 0.75, intake_bytes: 0.6 });
    // The statement hangs: whoever waits is refused after the deadline, and nothing more can be committed.
    await until('the commit to take too long', () => (used()['commit_time'] ?? 0) >= 1, { everyMs: 5 });
    await Promise.all(kept);
    answer();
    await until('all to be given back', () => used()['intake_queue'] === 0, { everyMs: 5 });
    expect(used()).toMatchObject({ intake_bytes: 0, commit_time: 0 });
  });

  test('are logged when they come near, are reached and are far again, and not while they waver', async () => {
    const said: string[] = [];
    let used = 0;
    const line = (fields: object, message: string) => said.push(`${message} ${JSON.stringify(fields)}`);
    const stop = logLimits({
      limits: () => [{ name: 'bodies', used }],
      log: { info: line, warn: line },
      lookEvery: 2,
      sayEvery: 0,
    });
    const becomes = async (value: number, lines: number) => {
      used = value;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(said).toHaveLength(lines);
    };
    await becomes(0.79, 0);
    await becomes(0.8, 1);
    await becomes(0.7, 1);
    await becomes(0.9, 1);
    await becomes(1, 2);
    await becomes(0.9, 3);
    await becomes(0.5, 4);
    stop();
    await becomes(1, 4);
    expect(said).toEqual([
      'a limit of the intake is near {"limit":"bodies","used":0.8}',
      'a limit of the intake is reached {"limit":"bodies","used":1}',
      'a limit of the intake is near {"limit":"bodies","used":0.9}',
      'a limit of the intake is far again {"limit":"bodies","used":0.5}',
    ]);
  });

  test('are logged at most so often', async () => {
    let lines = 0;
    let used = 0;
    const log = { info: () => (lines += 1), warn: () => (lines += 1) };
    const stop = logLimits({
      limits: () => [{ name: 'bodies', used: (used = 1 - used) }],
      log,
      lookEvery: 1,
      sayEvery: 60_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop();
    expect(lines).toBe(1);
  });
});
