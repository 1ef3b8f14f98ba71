import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FactEvent } from '../../../src/domain/events.js';
import { attentionSentence } from '../../../src/domain/attention.js';
import type { LocalActivities } from '../../../src/domain/activities.js';
import { impatientBundle } from '../../support/bundle.js';
import { createFacts, HOUR, patient, SETTINGS } from '../../support/facts.js';
import {
  type Attempt,
  type DevBench,
  LiveJourney,
  Outside,
  sent,
  startDevBench,
  withWorkers,
} from '../../support/journey-bench.js';
import { until } from '../../support/until.js';

/** Every way in which Temporal lets a send die, on a real server: each parks that email, and the kit goes on. */
let bench: DevBench;
let bundle: WorkflowBundleWithSourceMap;
let number = 300_000_000_000;
beforeAll(async () => {
  bench = await startDevBench();
  bundle = await impatientBundle();
}, 90_000);
afterAll(() => bench.close());

/** Never ends by itself; a worker that stops ends it. */
const silent = (): Promise<never> => Context.current().cancelled;
const beating = async (): Promise<never> => {
  const context = Context.current();
  const beat = setInterval(() => {
    context.heartbeat();
  }, 100);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beat);
  }
};
const failing =
  (nonRetryable: boolean, type = 'server_refused'): Attempt =>
  () =>
    Promise.reject(ApplicationFailure.create({ type, message: type, nonRetryable }));

interface Shape {
  readonly name: string;
  readonly attempt: Attempt | null;
  readonly becomes: 'retries_exhausted' | 'no_answer';
  readonly event?: FactEvent;
  readonly attempts?: number;
}

const SHAPES: readonly Shape[] = [
  { name: 'no worker takes it (schedule to start)', attempt: null, becomes: 'retries_exhausted', attempts: 0 },
  { name: 'an attempt falls silent (heartbeat)', attempt: silent, becomes: 'no_answer' },
  { name: 'an attempt does not end (start to close)', attempt: beating, becomes: 'no_answer' },
  { name: 'the retries end (schedule to close)', attempt: failing(false), becomes: 'retries_exhausted' },
  { name: 'a failure is final (non-retryable)', attempt: failing(true), becomes: 'retries_exhausted', attempts: 1 },
  { name: 'a final failure without an answer', attempt: failing(true, 'no_answer'), becomes: 'no_answer', attempts: 1 },
  {
    name: 'the attempts are used up (maximum attempts)',
    attempt: failing(false),
    becomes: 'retries_exhausted',
    event: 'kit.failed',
    attempts: 3,
  },
  {
    name: 'a worker gives up although nobody called it back (cancelled)',
    attempt: () => Promise.reject(new CancelledFailure('cancelled')),
    becomes: 'retries_exhausted',
  },
];

function kit(outside: Outside) {
  const { fact } = createFacts();
  number += 1;
  const journey = new LiveJourney(bench.temporal.client, `kit:${String(number)}`, outside);
  const tell = (event: FactEvent, more = {}) =>
    journey.tell({ ...fact(event, 0), at: Date.now(), receivedAt: Date.now(), ...more });
  return { journey, tell };
}

test.each(SHAPES)('$name', async ({ attempt, becomes, event = 'results.available', attempts }) => {
  const outside = new Outside({ ...SETTINGS, partner: false });
  if (attempt !== null) outside.attempt = attempt;
  const { journey, tell } = kit(outside);
  await withWorkers(
    bench.connection,
    outside,
    async () => {
      await tell(event, { person: patient('jane') });
      await until('attention', () => outside.recorded.at(-1)?.projection.attention[0]?.code === becomes);
      // What a person reads in Temporal's UI.
      const page = await journey.handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      expect(page.currentDetails).toContain(attentionSentence(becomes, outside.settled[0]?.kind));
    },
    { workflowBundle: bundle, withoutEmail: attempt === null },
  );
  expect(outside.settled).toMatchObject([{ kind: event, ending: becomes }]);
  if (attempts !== undefined) expect(outside.notified).toHaveLength(attempts);
  expect((await journey.handle.describe()).status.name).toBe('RUNNING');

  // It does not loop: nothing is to be done soon.
  const { events } = await journey.handle.fetchHistory();
  const timer = events?.findLast(({ timerStartedEventAttributes: started }) => started)?.timerStartedEventAttributes;
  expect(Number(timer?.startToFireTimeout?.seconds ?? Infinity) * 1_000).toBeGreaterThan(HOUR);

  // The journey goes on: an operator has it sent again.
  const before = outside.notified.length;
  outside.attempt = (input) => Promise.resolve(sent(input));
  await withWorkers(
    bench.connection,
    outside,
    async () => {
      await tell('operator.retry', { cause: 'operator:9', command: { subject: journey.subject } });
      await until('the retry', () => outside.notified.at(-1)?.reopen === true);
      expect(outside.notified).toHaveLength(before + 1);
    },
    { workflowBundle: bundle },
  );
});

/** Lets the workflow task that calls an email back go on only when that email has ended. */
class Holding extends Outside {
  hold: () => Promise<unknown> = () => Promise.resolve();

  override get local(): LocalActivities {
    const local = super.local;
    return {
      ...local,
      record: async (input) => {
        await local.record(input);
        if (input.projection.state === 'received_lab') await this.hold();
      },
    };
  }
}

test('an email that ends in the middle of the task that calls it back went out, and the next one goes', async () => {
  const outside = new Holding({ ...SETTINGS, partner: false });
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  outside.attempt = async (input) => {
    if (input.kind === 'kit.registered') await ended;
    return sent(input);
  };
  const { journey, tell } = kit(outside);
  outside.hold = () => {
    end();
    return until('its end', async () => ((await journey.handle.describe()).raw.pendingActivities ?? []).length === 0);
  };
  await withWorkers(bench.connection, outside, async () => {
    await tell('kit.registered', { person: patient('jane') });
    await until('an attempt', () => outside.notified.length === 1);
    await tell('kit.received_lab');
    await until('the next email', () => outside.kinds.includes('kit.received_lab'));
  });
  const { events } = await journey.handle.fetchHistory();
  const ends = events?.filter((event) => event.activityTaskCompletedEventAttributes);
  expect(ends?.length).toBeGreaterThanOrEqual(1);
  expect(events?.filter((event) => event.activityTaskCancelRequestedEventAttributes)).toHaveLength(1);
  expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  expect(outside.settled).toEqual([]);
});
