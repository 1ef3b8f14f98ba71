import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { MINUTE, START } from '../../support/facts.js';
import { startTimeSkipping } from '../../support/journey-bench.js';
import { playOnServer } from '../../support/scenario-server.js';
import { playOnCore, type Outcome } from '../../support/scenario-world.js';
import { readScenario, type Expectation } from '../../support/scenario.js';

const JOURNEYS = new URL('../../../journeys/', import.meta.url);
const files = readdirSync(JOURNEYS).sort();
const scenarios = files.map((file) => readScenario(new URL(file, JOURNEYS)));

/** A journey's timer rings up to a thousandth of its wait late (`workflows/temporal/background.ts`): 20 minutes in 14 days. */
const ALARM_TOLERANCE = 20 * MINUTE;

type Said = Readonly<Record<string, Expectation>>;
interface Timed {
  readonly at: number;
}

/** What happened, told as the file tells it: a time that is near enough is the time that the file says. */
function asSaid(outcomes: Readonly<Record<string, Outcome>>, said: Said, tolerance: number): Said {
  const near = <T extends Timed>(one: T, other: Timed | undefined): T =>
    other !== undefined && Math.abs(one.at - other.at) <= tolerance ? { ...one, at: other.at } : one;
  return Object.fromEntries(
    Object.entries(outcomes).map(([name, { sent, human, ...rest }]) => {
      const expected = said[name];
      return [
        name,
        {
          ...rest,
          sent: sent.map(({ key: _, first_word, ...email }, index) => {
            const other = expected?.sent[index];
            return { ...near(email, other), ...(other?.first_word === undefined ? {} : { first_word }) };
          }),
          human: human.map((one, index) => near(one, expected?.human[index])),
        } as Expectation,
      ];
    }),
  );
}

test('there are thirty scenarios or more, and each says what it is about', () => {
  expect(files.length).toBeGreaterThanOrEqual(30);
  expect(new Set(scenarios.map(({ journey }) => journey)).size).toBeGreaterThanOrEqual(30);
});

describe('on the pure core', () => {
  test.each(files.map((file, index) => [file, index] as const))('%s', (_, index) => {
    const { expect: said, ...scenario } = scenarios[index] as (typeof scenarios)[number];
    expect(asSaid(playOnCore({ ...scenario, expect: said }, START), said, MINUTE)).toEqual(said);
  });
});

describe('on a real Temporal server that skips time', () => {
  let env: TestWorkflowEnvironment;
  let outcomes: Record<string, Outcome>[];

  beforeAll(async () => {
    env = await startTimeSkipping();
    outcomes = await playOnServer(env, scenarios);
  }, 120_000);
  afterAll(() => env.teardown());

  test.each(files.map((file, index) => [file, index] as const))('%s', (_, index) => {
    const said = scenarios[index]?.expect ?? {};
    expect(asSaid(outcomes[index] ?? {}, said, ALARM_TOLERANCE)).toEqual(said);
  });
});
