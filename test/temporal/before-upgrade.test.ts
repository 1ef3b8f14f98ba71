import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lookAtJourneys } from '../../src/temporal/troubles.js';
import { createWorkers, type Workers } from '../../src/temporal/workers.js';
import { TASK_QUEUES } from '../../src/domain/activities.js';
import { workflowBundle } from '../support/bundle.js';
import { SETTINGS } from '../support/facts.js';
import { removeDataDir, spawnHerald, temporaryDataDir } from '../support/app.js';
import { Outside } from '../support/journey-bench.js';
import { startTestTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let temporal: TestTemporal;
let workers: Workers;
const dataDir = temporaryDataDir();

beforeAll(async () => {
  temporal = await startTestTemporal();
  workers = createWorkers({
    connect: () => temporal.connectWorker(),
    namespace: 'default',
    identity: 'worker',
    version: null,
    bundle: await workflowBundle(),
    activities: new Outside(SETTINGS),
    load: () => 0,
    emailMaxPerSecond: 100,
    partnerMaxPerSecond: 100,
    grace: 1_000,
    log: () => undefined,
  });
  void workers.run();
});
afterAll(async () => {
  await workers.shutdown();
  await temporal.close();
  removeDataDir(dataDir);
});

interface Findings {
  readonly findings: readonly { readonly what: string; readonly good: boolean; readonly said: string }[];
}

async function doctor(): Promise<{ code: number | null; of: (what: string) => { good: boolean; said: string } }> {
  const { exited, output } = spawnHerald(['doctor', '--before-upgrade', '--json'], {
    DATA_DIR: dataDir,
    TEMPORAL_ADDRESS: temporal.server.address,
  });
  const code = await exited;
  const { findings } = JSON.parse(output()) as Findings;
  return {
    code,
    of: (what) => {
      const found = findings.find((finding) => finding.what === what);
      if (found === undefined) throw new Error(`nothing about ${what}: ${output()}`);
      return found;
    },
  };
}

test('an upgrade may begin while all is well, and not while a journey’s task fails again and again', async () => {
  await until('a worker to be at work', async () => (await doctor()).of('workers').good);
  const before = await doctor();
  expect(before.of('migrations').said).toMatch('kit-herald migrate will apply 001-inbox');
  expect(before.of('journeys')).toMatchObject({ good: true, said: '0 are open; none stands still' });
  expect(before.code).toBe(0);

  // As a journey that the code can't go on with: its task fails, and is tried again with growing pauses.
  await temporal.client.workflow.start('noSuchJourney', { workflowId: 'kit:STUCK', taskQueue: TASK_QUEUES.journeys });
  await until('its task to have failed often', async () =>
    (await lookAtJourneys(temporal.client, 10)).stuck.includes('kit:STUCK'),
  );
  const after = await doctor();
  expect(after.of('journeys')).toMatchObject({ good: false, said: expect.stringContaining('kit:STUCK') as unknown });
  expect(after.code).toBe(1);
}, 240_000);
