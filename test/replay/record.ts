import { afterAll, beforeAll, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { SETTINGS } from '../support/facts.js';
import { Outside, startTimeSkipping, withWorkers } from '../support/journey-bench.js';
import { HISTORIES, writeHistory, type History } from './histories.js';
import { live, LIVES } from './lives.js';

/**
 * `npm run histories`, with VERSION=v3: writes the histories that today's code makes, as a new version. Former versions
 * stay as they are: journeys that began under them are still running somewhere.
 */
const version = process.env['VERSION'] ?? '';
let env: TestWorkflowEnvironment;

beforeAll(async () => {
  if (!/^v\d+$/.test(version)) throw new Error('Say which version is recorded: VERSION=v3 npm run histories');
  env = await startTimeSkipping();
}, 90_000);
afterAll(() => env.teardown());

test.each(Object.entries(LIVES))('%s', async (name, life) => {
  const outside = new Outside({ ...SETTINGS });
  await withWorkers(env.nativeConnection, outside, async () => {
    const { handle } = await live(life, env, outside);
    for (const [index, history] of (await runsOf(life.subject)).entries())
      writeHistory(HISTORIES, version, index === 0 ? name : `${name}-${String(index + 1)}`, history);
    await handle.terminate().catch(() => undefined);
  });
});

/** The histories of all runs of a journey, the first one first. */
async function runsOf(subject: string): Promise<History[]> {
  const histories: History[] = [];
  let runId: string | null | undefined = (await env.client.workflow.getHandle(subject).describe()).runId;
  while (runId !== undefined && runId !== null && runId !== '') {
    const history: History = await env.client.workflow.getHandle(subject, runId).fetchHistory();
    histories.unshift(history);
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return histories;
}
