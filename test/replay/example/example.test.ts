import { beforeAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { bundleOf } from '../../support/bundle.js';
import { quietRuntime } from '../../support/temporal.js';
import { EXAMPLE, historiesIn } from '../histories.js';

/** The worked example of docs/changing-a-journey.md: one change of policy, and a history of before and after it. */
const histories = historiesIn(EXAMPLE);

async function replay(instead: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  const workflowBundle = await bundleOf('../replay/example/toy-journey.ts', instead);
  const outcomes: Record<string, string> = {};
  const each = histories.map(({ version, history }) => ({ workflowId: version, history }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, each))
    outcomes[workflowId] = error?.name ?? 'replays';
  return outcomes;
}

beforeAll(() => {
  quietRuntime();
});

test('a journey that began before a guarded change decides as it did, and one that began after it by the new rule', async () => {
  expect(await replay()).toEqual({ v1: 'replays', v2: 'replays' });
  const timers = histories.map(
    ({ history }) => (history.events ?? []).filter(({ timerStartedEventAttributes: timer }) => timer != null).length,
  );
  expect(timers).toEqual([1, 2]);
}, 90_000);

test('without its guard the change breaks the journeys that began before it', async () => {
  const unguarded = { '../../../workflows/temporal/rules.js$': '../replay/example/unguarded-rules.ts' };
  expect(await replay(unguarded)).toMatchObject({ v1: 'DeterminismViolationError' });
}, 90_000);
