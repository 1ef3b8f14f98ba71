import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FactEvent } from '../../../src/domain/events.js';
import { createJourneys } from '../../../src/relay/journeys.js';
import { SEARCH_ATTRIBUTES } from '../../../src/temporal/namespace.js';
import { workflowBundle } from '../../support/bundle.js';
import { createFacts, patient, SETTINGS } from '../../support/facts.js';
import { type DevBench, LiveJourney, Outside, sent, startDevBench, withWorkers } from '../../support/journey-bench.js';
import { until } from '../../support/until.js';

let bench: DevBench;
beforeAll(async () => {
  bench = await startDevBench();
  await workflowBundle();
}, 90_000);
afterAll(() => bench.close());

test('a run that is handed over takes along what operators see, its timer, and no email in the middle', async () => {
  const outside = new Outside({ ...SETTINGS, partner: false });
  const { fact } = createFacts();
  const subject = 'kit:400000000001';
  const kit = new LiveJourney(bench.temporal.client, subject, outside, { handOverAfter: 15 });
  const tell = (event: FactEvent, more = {}) =>
    kit.tell({ ...fact(event, 0), at: Date.now(), receivedAt: Date.now(), ...more });
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  outside.attempt = async (input) => {
    if (input.kind === 'kit.received_lab') await ended;
    return sent(input);
  };
  await withWorkers(bench.connection, outside, async () => {
    await tell('kit.registered', { order: 'C4H-1', person: patient('jane') });
    await until('its email', () => outside.kinds.includes('kit.registered'));
    const first = await kit.handle.describe();
    await tell('kit.received_lab');
    await until('the next email', () => outside.kinds.includes('kit.received_lab'));
    // Long enough to be handed over, but an email is under way.
    await tell('order.confirmed');
    await tell('mail.delivered', { mail: { kind: 'kit.registered', occurrence: 1 } });
    const { historyLength } = await until('a long history', async () => {
      const now = await kit.handle.describe();
      return now.historyLength > 15 && (now.raw.pendingWorkflowTask ?? null) === null ? now : null;
    });
    expect(historyLength).toBeGreaterThan(15);
    expect((await kit.handle.describe()).runId).toBe(first.runId);
    end();
    const second = await until('a new run', async () => {
      const now = await kit.handle.describe();
      return now.runId === first.runId || now.historyLength < 5 ? null : now;
    });
    // Temporal gives these to the first run only, so that the page of a later one begins with them.
    expect(await first.staticSummary()).toBe('Kit 400000000001');
    expect(await second.staticSummary()).toBeUndefined();
    expect(second.typedSearchAttributes.get(SEARCH_ATTRIBUTES.state)).toBe('received_lab');
    expect(second.typedSearchAttributes.get(SEARCH_ATTRIBUTES.order)).toBe('C4H-1');
    expect(second.typedSearchAttributes.get(SEARCH_ATTRIBUTES.lastEvent)).toBeInstanceOf(Date);
    const page = await kit.handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(page.currentDetails).toMatch(/^### Kit 400000000001\n/);
    expect(page.currentDetails).toContain(await first.staticDetails());
    expect(page.currentDetails).toMatch(/State:\*\* received_lab/);
    expect(page.currentDetails).toMatch(/Next:\*\* notice\.delay/);

    const { events: former } = await bench.temporal.client.workflow.getHandle(subject, first.runId).fetchHistory();
    const { events } = await kit.handle.fetchHistory();
    type Events = typeof events;
    const deadlines = (all: Events) =>
      (all ?? []).flatMap(({ timerStartedEventAttributes: timer, eventTime }) =>
        timer === undefined || timer === null
          ? []
          : [Number(eventTime?.seconds) + Number(timer.startToFireTimeout?.seconds)],
      );
    // The next is due when it was: the delay notice, seven days after the last email.
    expect(deadlines(events)).toHaveLength(1);
    expect(Math.abs(Number(deadlines(events)[0]) - Number(deadlines(former).at(-1)))).toBeLessThan(15 * 60);

    await createJourneys(bench.temporal.client).signal(subject, 'results.available', {
      facts: [{ ...fact('results.available', 0), at: Date.now(), receivedAt: Date.now() }],
      before: 0,
      settings: outside.settings,
    });
    await until('the last email', () => outside.kinds.includes('results.available'));
  });
  expect(outside.kinds).toEqual(['kit.registered', 'kit.received_lab', 'results.available']);
  expect(outside.recalled).toEqual([]);
});
