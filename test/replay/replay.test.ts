import { beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../support/bundle.js';
import { quietRuntime } from '../support/temporal.js';
import { committedHistories, withWord, type Committed } from './histories.js';
import { LIVES } from './lives.js';

const all = committedHistories();
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

  const patchesIn = (version: string, name: string): number =>
    (of(version, name)?.history.events ?? []).filter(
      (event) => event.markerRecordedEventAttributes?.markerName === 'core_patch',
    ).length;

  const calls = (version: string, name: string): boolean =>
    JSON.stringify(of(version, name)?.history).includes('alertStaff');

  test('a delivery reported after a permanent bounce undid it under v1, and still does for who lived through it', () => {
    expect(['v1', 'v2'].map((version) => patchesIn(version, 'bounced-then-delivered'))).toEqual([0, 1]);
    expect(patchesIn('v2', 'smooth-kit')).toBe(0);
  });

  test('a bounced registration called nobody under v2', () => {
    expect(['v2', 'v3'].map((version) => patchesIn(version, 'registration-bounced'))).toEqual([0, 1]);
    expect(['v2', 'v3'].map((version) => calls(version, 'registration-bounced'))).toEqual([false, true]);
    expect(patchesIn('v3', 'smooth-kit')).toBe(0);
  });

  test('a lab that is silent was asked about by a new question each week under v3', () => {
    expect(['v3', 'v4'].map((version) => patchesIn(version, 'silent-at-the-lab'))).toEqual([0, 1]);
    expect(patchesIn('v4', 'smooth-kit')).toBe(0);
  });

  test('a bounce that came before the word that the email went out was forgotten under v4, and is for who lived it', () => {
    expect(['v4', 'v5'].map((version) => patchesIn(version, 'bounced-before-the-word'))).toEqual([0, 1]);
    expect(['v4', 'v5'].map((version) => calls(version, 'bounced-before-the-word'))).toEqual([false, true]);
  });
});
