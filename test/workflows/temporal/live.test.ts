import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Fact } from '../../../src/domain/facts.js';
import { workflowBundle } from '../../support/bundle.js';
import { createFacts, DAY, HOUR, patient, recipient, SETTINGS } from '../../support/facts.js';
import {
  greylisted,
  inMidSmtp,
  LiveJourney,
  Outside,
  sent,
  startTimeSkipping,
  untilCalledBack,
  withWorkers,
} from '../../support/journey-bench.js';
import { until } from '../../support/until.js';

let env: TestWorkflowEnvironment;
let outside: Outside;
let now: number;
let make: ReturnType<typeof createFacts>;
let number = 100_000_000_000;
const journeys: string[] = [];

beforeAll(async () => {
  env = await startTimeSkipping();
}, 90_000);
afterAll(() => env.teardown());
afterEach(async () => {
  // An open journey would go on in the next test, whose workers serve the same queues.
  const last = journeys.at(-1);
  if (last !== undefined)
    await env.client.workflow
      .getHandle(last)
      .terminate()
      .catch(() => undefined);
});
beforeEach(async () => {
  outside = new Outside({ ...SETTINGS, partner: false });
  make = createFacts();
  number += 1;
  now = await env.currentTimeMs();
});

function kit(start: ConstructorParameters<typeof LiveJourney>[3] = {}): LiveJourney {
  const journey = new LiveJourney(env.client, `kit:${String(number)}`, outside, start);
  journeys.push(journey.subject);
  return journey;
}
/** A fact that happens now, by the server's clock. */
const fact = (...[event, , more]: Parameters<ReturnType<typeof createFacts>['fact']>): Fact => ({
  ...make.fact(event, 0, more),
  at: now,
  receivedAt: now,
});
const here = (event: Fact['event'], more = {}) => fact(event, 0, more);
const registered = () => here('kit.registered', { person: patient('jane') });
const run = (test: () => Promise<void>) => withWorkers(env.nativeConnection, outside, test);
const tick = async (ms: number) => {
  await env.sleep(ms);
  now = await env.currentTimeMs();
};
const reasons = () =>
  Object.fromEntries(outside.recorded.flatMap(({ decisions }) => decisions.map((d) => [d.kind, d.reason])));

describe('a journey on a real Temporal server', () => {
  test('tells each step once, records what it does not send, shows itself, and ends', async () => {
    await run(async () => {
      const journey = kit();
      await journey.tell(
        here('order.created', { order: 'C4H-1', person: recipient('buyer') }),
        here('order.shipped', { order: 'C4H-1', barcodes: [String(number)] }),
      );
      for (const step of [registered, () => here('kit.received_lab'), () => here('kit.processing_started')]) {
        const before = outside.notified.length;
        const told = step();
        await journey.tell(told);
        await journey.tell(told);
        await until('its email', () => outside.notified.length > before);
        await tick(HOUR);
      }
      const attributes = await until('a description', async () => {
        const { typedSearchAttributes: all } = await journey.handle.describe();
        return all.get(defineSearchAttributeKey('KitState', 'KEYWORD')) === 'processing' ? all : null;
      });
      expect(attributes.get(defineSearchAttributeKey('OrderNumber', 'KEYWORD'))).toBe('C4H-1');
      expect(attributes.get(defineSearchAttributeKey('NeedsAttention', 'KEYWORD'))).toBeUndefined();
      await journey.tell(here('results.available', { summary: 'a' }));
      await journey.handle.result();
    });
    expect(outside.kinds).toEqual([
      'kit.registered',
      'kit.received_lab',
      'kit.processing_started',
      'results.available',
    ]);
    expect(reasons()).toEqual({
      'reminder.register': 'superseded',
      'reminder.return': 'superseded',
      'notice.delay': 'superseded',
    });
    expect(outside.recorded.at(-1)?.projection).toMatchObject({
      state: 'results.available',
      closed: true,
      attention: [],
      because: null,
    });
  });

  test.each([
    ['that is still being retried is called back by a newer one, which waits for that only', greylisted],
    ['whose attempt hears of a newer one stops at once', untilCalledBack],
  ])('an email %s', async (_, attempt) => {
    outside.attempt = (input) => (input.kind === 'kit.registered' ? attempt(input) : Promise.resolve(sent(input)));
    await run(async () => {
      const journey = kit();
      await journey.tell(registered());
      await until('an attempt', () => outside.notified.length > 0);
      await journey.tell(here('kit.received_lab'));
      await until('the newer email', () => outside.kinds.includes('kit.received_lab'));
    });
    expect(outside.settled).toMatchObject([{ kind: 'kit.registered', ending: 'superseded' }]);
  });

  test('what was in mid-SMTP went out: the review that came meanwhile is the second word', async () => {
    let end = (): void => undefined;
    let reached = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const started = new Promise<void>((resolve) => (reached = resolve));
    const slow = inMidSmtp(ended, () => {
      reached();
    });
    outside.attempt = (input) => (input.kind === 'results.available' ? slow(input) : Promise.resolve(sent(input)));
    await run(async () => {
      const journey = kit();
      await journey.tell(here('results.available', { person: patient('jane') }));
      await started;
      await journey.tell(here('results.reviewed'));
      await until('the cancellation', async () => {
        const { events } = await journey.handle.fetchHistory();
        return events?.some((event) => event.activityTaskCancelRequestedEventAttributes);
      });
      expect(outside.kinds).toEqual(['results.available']);
      end();
      await until('the second word', () => outside.kinds.includes('results.reviewed'));
    });
    expect(outside.notified.map(({ firstWord }) => firstWord)).toEqual([true, false]);
    expect(outside.settled).toEqual([]);
  });

  test('a send whose retries end is parked, the next goes on, and an operator opens it again', async () => {
    outside.attempt = greylisted;
    await run(async () => {
      const journey = kit();
      await journey.tell(here('results.available', { person: patient('jane') }));
      await tick(73 * HOUR);
      await until('settling', () => outside.settled.length > 0);
      expect(outside.settled).toMatchObject([{ kind: 'results.available', ending: 'retries_exhausted' }]);
      await until('attention', () => outside.recorded.at(-1)?.projection.attention[0]?.code === 'retries_exhausted');
      await until('a call to staff', () => outside.alerted.length > 0);
      outside.attempt = (input) => Promise.resolve(sent(input));
      await journey.tell(here('operator.retry', { cause: 'operator:7', command: { subject: journey.subject } }));
      await until('the retry', () => outside.notified.at(-1)?.reopen === true);
    });
    expect(outside.notified.at(-1)).toMatchObject({
      occurrence: 1,
      cause: 'operator:7',
      projection: { attention: [] },
    });
    expect(outside.alerted).toMatchObject([{ code: 'retries_exhausted', kind: 'results.available' }]);
  });

  test('quiet hours: looked at again when they end, and by the settings of that time', async () => {
    outside.attempt = (input) =>
      Promise.resolve({ ...sent(input), status: 'deferred', reason: 'quiet_hours', until: now + 9 * HOUR });
    await run(async () => {
      const journey = kit();
      await journey.tell(here('kit.received_lab', { person: patient('jane') }));
      await until('the first attempt', () => outside.notified.length === 1);
      await tick(8 * HOUR);
      expect(outside.notified).toHaveLength(1);
      outside.settings = { ...outside.settings, switchedOff: ['kit.received_lab'] };
      await tick(2 * HOUR);
      await until('a decision', () => outside.recorded.some(({ decisions }) => decisions.length > 0));
    });
    expect(outside.notified).toHaveLength(1);
    expect(reasons()).toMatchObject({ 'kit.received_lab': 'switched_off' });
  });

  test('a click on “cancel” in Temporal’s UI ends nobody’s story: neither what is being sent nor what waits', async () => {
    let end: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    await run(async () => {
      const journey = kit();
      let isSending = false;
      outside.attempt = inMidSmtp(held, () => (isSending = true));
      await journey.tell(registered());
      await until('a send', () => isSending);
      await journey.handle.cancel();
      await until('the request', async () =>
        (await journey.handle.fetchHistory()).events?.some(
          (one) => one.workflowExecutionCancelRequestedEventAttributes,
        ),
      );
      end();
      outside.attempt = (input) => Promise.resolve(sent(input));
      await tick(6 * DAY);
      await until('the reminder', () => outside.kinds.includes('reminder.return'));
      await journey.tell(here('results.available'));
      await until('word of results', () => outside.kinds.includes('results.available'));
      expect((await journey.handle.describe()).status.name).toBe('RUNNING');
    });
    expect(outside.kinds).toEqual(['kit.registered', 'reminder.return', 'results.available']);
    expect(outside.settled).toEqual([]);
  });

  test('a long history is handed over to a new run, which knows everything', async () => {
    await run(async () => {
      const journey = kit({ handOverAfter: 10 });
      await journey.tell(registered());
      const first = (await journey.handle.describe()).runId;
      await until('the first email', () => outside.notified.length === 1);
      await tick(HOUR);
      await journey.tell(here('kit.received_lab'));
      await until('the second email', () => outside.notified.length === 2);
      await tick(HOUR);
      await until('a new run', async () => (await journey.handle.describe()).runId !== first);
      await journey.tell(
        { ...here('kit.registered', { person: patient('jane') }), cause: 'wh_again' },
        here('results.available'),
      );
      await until('the third email', () => outside.notified.length === 3);
      await journey.handle.result();
    });
    expect(outside.kinds).toEqual(['kit.registered', 'kit.received_lab', 'results.available']);
    expect(outside.recalled).toEqual([]);
    expect(reasons()).toMatchObject({ 'kit.registered': 'already_told' });
  });

  test('a run that comes after a lost one tells nothing twice, sends what waited, and lets the sender settle orphans', async () => {
    const facts = [registered(), here('kit.received_lab'), here('results.available')];
    const notification = { subject: `kit:${String(number)}`, occurrence: 1, reason: null, at: now };
    await run(async () => {
      const journey = kit({
        prior: {
          facts,
          notifications: [
            { ...notification, kind: 'kit.registered', status: 'sent', cause: 'wh_1' },
            { ...notification, kind: 'kit.received_lab', status: 'sending', cause: 'wh_2' },
            { ...notification, kind: 'results.available', status: 'deferred', reason: 'quiet_hours', cause: 'wh_3' },
          ],
        },
      });
      await journey.tell();
      await until('what waited', () => outside.notified.length === 2);
    });
    expect(outside.notified.map(({ kind, overtaken }) => [kind, overtaken])).toEqual([
      ['kit.received_lab', 'superseded'],
      ['results.available', undefined],
    ]);
  });

  test('a run that was set back reads what it lost', async () => {
    const lost = registered();
    outside.prior = {
      facts: [lost],
      notifications: [
        {
          subject: `kit:${String(number)}`,
          kind: 'kit.registered',
          occurrence: 1,
          status: 'sent',
          reason: null,
          at: now,
          cause: lost.cause,
        },
      ],
    };
    await run(async () => {
      const journey = kit();
      const later = here('kit.received_lab');
      await env.client.workflow.signalWithStart('kitJourney', {
        workflowId: journey.subject,
        taskQueue: 'kit-herald',
        args: [{ name: String(number), prior: { facts: [], notifications: [] }, settings: outside.settings }],
        signal: later.event,
        signalArgs: [{ facts: [later], before: 1, settings: outside.settings }],
      });
      await until('its email', () => outside.notified.length === 1);
    });
    expect(outside.recalled).toEqual([`kit:${String(number)}`]);
    expect(outside.kinds).toEqual(['kit.received_lab']);
  });

  test('every history of this suite replays', async () => {
    expect(journeys.length).toBeGreaterThan(5);
    for (const subject of journeys) {
      const history = await env.client.workflow.getHandle(subject).fetchHistory();
      await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, subject);
    }
  });
});
