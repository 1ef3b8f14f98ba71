import { afterAll, beforeAll, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { startTimeSkipping } from '../../support/journey-bench.js';
import { bundleOf } from '../../support/bundle.js';
import { EXAMPLE, writeHistory } from '../histories.js';

/** `npm run histories -- --testMatch '**\/example/record.ts'`: how the two histories of the example were recorded. */
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTimeSkipping();
}, 90_000);
afterAll(() => env.teardown());

test.each([
  ['v1', { '../../../workflows/temporal/rules.js$': '../replay/example/former-rules.ts' }],
  ['v2', {}],
] as const)('%s', async (version, instead) => {
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: version,
    workflowBundle: await bundleOf('../replay/example/toy-journey.ts', instead),
  });
  await worker.runUntil(async () => {
    const workflowId = `toy-${version}`;
    await env.client.workflow.execute('toyJourney', { workflowId, taskQueue: version });
    writeHistory(EXAMPLE, version, 'toy', await env.client.workflow.getHandle(workflowId).fetchHistory());
  });
});
