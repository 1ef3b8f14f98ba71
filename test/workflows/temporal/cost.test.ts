import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workflowBundle } from '../../support/bundle.js';
import { createFacts, patient, SETTINGS } from '../../support/facts.js';
import { type DevBench, LiveJourney, Outside, startDevBench, withWorkers } from '../../support/journey-bench.js';
import { until } from '../../support/until.js';

const MOST_EVENTS = 75;
const MOST_TRANSITIONS = 40;
/** As Temporal Cloud counts them: a start with its signal is one. */
const MOST_ACTIONS = 22;

let bench: DevBench;
beforeAll(async () => {
  bench = await startDevBench();
  await workflowBundle();
}, 90_000);
afterAll(() => bench.close());

test('a smooth kit of five webhooks and five emails, with its clocks and its end, costs no more than was agreed', async () => {
  const outside = new Outside({ ...SETTINGS, kitLinger: 1_500, partner: true });
  const { fact } = createFacts();
  const now = (told: ReturnType<typeof fact>) => ({ ...told, at: Date.now(), receivedAt: Date.now() });
  await withWorkers(bench.connection, outside, async () => {
    const kit = new LiveJourney(bench.temporal.client, 'kit:123456789012', outside);
    const steps = [
      fact('kit.registered', 0, { order: 'C4H-1', person: patient('jane') }),
      fact('kit.received_lab', 0),
      fact('kit.processing_started', 0),
      fact('results.available', 0, { summary: 'a' }),
      fact('results.reviewed', 0),
    ];
    for (const [index, step] of steps.entries()) {
      await kit.tell(now(step));
      await until('its email', () => outside.notified.length === index + 1);
      await until('its outcome', async () => {
        const events = (await kit.handle.fetchHistory()).events ?? [];
        const outcomes = events.filter((event) => event.activityTaskCompletedEventAttributes);
        const after = events.slice(events.findLastIndex((event) => event.activityTaskCompletedEventAttributes));
        return outcomes.length > index && after.some((event) => event.workflowTaskCompletedEventAttributes);
      });
    }
    await kit.handle.result();
    const { raw } = await kit.handle.describe();
    const events = Number(raw.workflowExecutionInfo?.historyLength);
    const transitions = Number(raw.workflowExecutionInfo?.stateTransitionCount);
    const { events: history } = await kit.handle.fetchHistory();
    const billable = (history ?? []).filter(
      (event) =>
        event.activityTaskScheduledEventAttributes ??
        event.workflowExecutionSignaledEventAttributes ??
        event.timerStartedEventAttributes ??
        event.upsertWorkflowSearchAttributesEventAttributes ??
        event.markerRecordedEventAttributes,
    ).length;
    console.info(
      `a smooth kit: ${String(events)} events, ${String(transitions)} transitions, ${String(billable)} billable actions`,
    );
    expect(events).toBeLessThanOrEqual(MOST_EVENTS);
    expect(transitions).toBeLessThanOrEqual(MOST_TRANSITIONS);
    expect(billable).toBeLessThanOrEqual(MOST_ACTIONS);
  });
});
