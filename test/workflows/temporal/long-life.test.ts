import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { nameOf, type Subject } from '../../../src/domain/subjects.js';
import type { Fact } from '../../../src/domain/facts.js';
import { createFacts, DAY, HOUR, patient, recipient, SETTINGS } from '../../support/facts.js';
import { LiveJourney, Outside, sent, startTimeSkipping, withWorkers } from '../../support/journey-bench.js';
import type { History } from '../../replay/histories.js';
import { until } from '../../support/until.js';

/** "A kit that lived a year with all reminders stays under 500 events", in all its runs. */
const MOST_EVENTS = 500;
/** "A silent kit of 180 days stays under 120." */
const MOST_EVENTS_IN_SILENCE = 120;

// A server for each life: what was under way when a worker stopped now and then holds its server's time for good.
let env: TestWorkflowEnvironment;
beforeEach(async () => {
  env = await startTimeSkipping();
}, 90_000);
afterEach(() => env.teardown());

/** The events of all runs that carried one journey. */
async function eventsOf(handle: WorkflowHandle): Promise<number> {
  let count = 0;
  let runId: string | null | undefined = (await handle.describe()).runId;
  while (runId !== undefined && runId !== null && runId !== '') {
    const { events }: History = await env.client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
    count += events?.length ?? 0;
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return count;
}

interface Life {
  readonly outside: Outside;
  readonly journey: LiveJourney;
  readonly barcode: string;
  readonly tell: (event: Fact['event'], more?: Partial<Fact>) => Promise<void>;
}

/** @returns how many events it cost. */
async function eventsOfLife(subject: Subject, outside: Outside, story: (life: Life) => Promise<void>): Promise<number> {
  const { fact } = createFacts();
  const journey = new LiveJourney(env.client, subject, outside);
  const life: Life = {
    outside,
    journey,
    barcode: nameOf(subject),
    async tell(event, more = {}) {
      const now = await env.currentTimeMs();
      await journey.tell({ ...fact(event, 0), at: now, receivedAt: now, ...more });
    },
  };
  await withWorkers(env.nativeConnection, outside, async () => {
    await story(life);
  });
  return eventsOf(journey.handle);
}

test('a kit that lives for a year, with every reminder and a silent lab, stays under the agreed number of events', async () => {
  const outside = new Outside(SETTINGS);
  const events = await eventsOfLife('kit:200000000001', outside, async ({ tell, journey, barcode }) => {
    await tell('order.created', { order: 'C4H-1', person: recipient('buyer') });
    await tell('order.shipped', { order: 'C4H-1', barcodes: [barcode] });
    await env.sleep(30 * DAY);
    await tell('kit.registered', { person: patient('jane') });
    await env.sleep(10 * DAY);
    await tell('kit.received_lab');
    await env.sleep(DAY / 2);
    await tell('kit.processing_started');
    await env.sleep(324 * DAY);
    await tell('results.available', { summary: 'a' });
    await env.sleep(DAY / 2);
    await tell('results.reviewed');
    await journey.handle.result();
  });
  expect(outside.kinds).toEqual([
    'reminder.register',
    'reminder.register',
    'kit.registered',
    'reminder.return',
    'kit.received_lab',
    'kit.processing_started',
    'notice.delay',
    'results.available',
    'results.reviewed',
  ]);
  // SILENCE_AFTER, then at doubling intervals up to seven days: not one of these weeks is left out.
  expect(outside.asked.filter(({ why }) => why === 'silence').length).toBeGreaterThanOrEqual(324 / 7);
  console.info(`a kit that lived a year: ${String(events)} events`);
  expect(events).toBeLessThan(MOST_EVENTS);
});

test('results that nobody can be sent wait for a year for a human, and cost no more', async () => {
  const outside = new Outside(SETTINGS);
  outside.attempt = (input) =>
    Promise.resolve({ ...sent(input), status: 'deferred', reason: 'address_suppressed', address: null });
  const events = await eventsOfLife('kit:200000000002', outside, async ({ tell, journey }) => {
    await tell('results.available', { person: patient('jane'), summary: 'a' });
    await env.sleep(365 * DAY);
    const looks = outside.notified.length;
    outside.attempt = (input) => Promise.resolve(sent(input));
    // Older than a machine sends by itself.
    await tell('operator.release', { cause: 'operator:2', command: { subject: journey.subject } });
    await until('its email', () => outside.notified.length > looks);
    await until(
      'its outcome',
      async () => ((await journey.handle.describe()).raw.pendingActivities ?? []).length === 0,
    );
  });
  expect(outside.recorded.some(({ projection }) => projection.attention[0]?.code === 'address_suppressed')).toBe(true);
  console.info(`results that waited a year for a human: ${String(events)} events`);
  expect(events).toBeLessThan(MOST_EVENTS);
});

test('a question that asks until there is news ends with it, whoever brings it', async () => {
  const outside = new Outside({ ...SETTINGS, processingDelayAfter: null });
  await eventsOfLife('kit:200000000003', outside, async ({ tell, journey }) => {
    await tell('kit.received_lab', { person: patient('jane') });
    await env.sleep(60 * DAY);
    const pending = async () => ((await journey.handle.describe()).raw.pendingActivities ?? []).length;
    expect(await pending()).toBe(1);
    await tell('kit.processing_started');
    await until('the end of the question', async () => (await pending()) === 0);
    const asked = outside.asked.length;
    // The clock of silence begins anew.
    await env.sleep(DAY + HOUR);
    expect(outside.asked).toHaveLength(asked + 1);
    expect(outside.asked.at(-1)).not.toHaveProperty('again');
  });
});

test('a kit of which nothing is heard after its registration is asked about for half a year, and ends', async () => {
  const outside = new Outside(SETTINGS);
  const subject = 'kit:200000000004';
  const events = await eventsOfLife(subject, outside, async ({ tell, journey, barcode }) => {
    await tell('order.created', { order: 'C4H-1', person: recipient('buyer') });
    await tell('order.shipped', { order: 'C4H-1', barcodes: [barcode] });
    await env.sleep(3 * DAY);
    await tell('kit.registered', { person: patient('jane') });
    await journey.handle.result();
  });
  expect(outside.kinds).toEqual(['kit.registered', 'reminder.return']);
  // When the reminder falls due, 7, 14 and 28 days later, and then once a month.
  expect(outside.asked.map(({ why }) => why)).toEqual(['before_reminder', ...Array<string>(7).fill('silence')]);
  expect(outside.recorded.at(-1)).toMatchObject({
    projection: { state: 'registered', closed: true },
    decisions: [{ cause: 'timer:silence' }],
  });
  console.info(`a kit that was silent for half a year: ${String(events)} events`);
  expect(events).toBeLessThan(MOST_EVENTS_IN_SILENCE);
});
