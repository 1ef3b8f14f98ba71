import { beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../support/bundle.js';
import { quietRuntime } from '../support/temporal.js';
import { HISTORIES, historiesIn, withWord, type Committed } from './histories.js';
import { LIVES } from './lives.js';

const all = historiesIn(HISTORIES);
const of = (version: string, name: string) => all.find((each) => each.version === version && each.name === name);

async function replay(histories: readonly Committed[]): Promise<Record<string, string>> {
  const faults: Record<string, string> = {};
  const each = histories.map(({ version, name, history }) => ({ workflowId: `${version}/${name}`, history }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, each))
    if (error !== undefined) faults[workflowId] = error.name;
  return faults;
}

beforeAll(async () => {
  quietRuntime();
  await workflowBundle();
}, 90_000);

describe('a journey that began under a former version goes on under this one', () => {
  test('the histories of every version replay', async () => {
    expect(all.length).toBeGreaterThanOrEqual(Object.keys(LIVES).length);
    expect(await replay(all)).toEqual({});
  });

  test('each version holds every life', () => {
    const versions = [...new Set(all.map(({ version }) => version))];
    for (const version of versions)
      expect(
        Object.entries(LIVES)
          .filter(
            ([name, { since = 'v1' }]) => Number(version.slice(1)) >= Number(since.slice(1)) && !of(version, name),
          )
          .map(([name]) => name),
      ).toEqual([]);
  });

  test('a history that this code would not have made is noticed', async () => {
    const smooth = of('v1', 'smooth-kit');
    if (smooth === undefined) throw new Error('not recorded');
    const renamed = withWord(smooth.history, 'notifyPatient', 'notifyPerson');
    expect(await replay([{ ...smooth, history: renamed }])).toEqual({ 'v1/smooth-kit': 'DeterminismViolationError' });
  });
});
