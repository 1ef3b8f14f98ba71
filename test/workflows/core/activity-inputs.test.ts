import { beforeEach, describe, expect, test } from '@jest/globals';
import type { NotificationState } from '../../../src/domain/notifications.js';
import type { NotifyInput } from '../../../src/domain/activities.js';
import type { Fact } from '../../../src/domain/facts.js';
import { decide } from '../../../workflows/core/decide.js';
import { begin } from '../../../workflows/core/knowledge.js';
import { notifyInput } from '../../../workflows/core/activity-inputs.js';
import type { World } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, HOUR, patient, recipient, SETTINGS, START, told } from '../../support/facts.js';
import { livesUnder, nextAt, storyOf, WITHOUT_CLOCKS } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

/** What the sender is given to do by a run that starts with this, by kind. */
function orders(
  facts: readonly Fact[],
  before: readonly NotificationState[],
  now = START + HOUR,
): Record<string, NotifyInput> {
  const known = begin('kit:1', { facts, notifications: before }, SETTINGS);
  const story = storyOf(known, now);
  const { projection } = nextAt(known, now);
  return Object.fromEntries(
    decide(story, [])
      .filter(({ effect }) => effect === 'send')
      .map((decision) => [decision.candidate.kind, notifyInput(decision, story, projection)]),
  );
}
const registered = (days = 0) => make.fact('kit.registered', days, { person: patient('jane') });
const results = (days: number) => make.fact('results.available', days, { person: patient('jane') });
const live = livesUnder(WITHOUT_CLOCKS, 20);

describe('the sender is asked what became of an email that a former run left in the middle', () => {
  const left = told('kit.registered', 0, { status: 'sending', cause: 'wh_1' });

  test('to send it, where it still holds', () => {
    const input = orders([registered()], [left])['kit.registered'];
    expect(input).toMatchObject({ verdict: 'send', cause: 'wh_1', firstWord: false });
    expect(input).not.toHaveProperty('overtaken');
    expect(input).not.toHaveProperty('reopen');
  });

  test.each([
    ['superseded', () => make.fact('kit.received_lab', 0.01)],
    ['operator_skipped', () => make.command('operator.skip', 0.01)],
    ['erased', () => make.command('operator.erase', 0.01)],
    ['contact_conflict', () => make.fact('kit.registered', 0.01, { person: patient('john') })],
  ] as const)('and not to send it, where it is %s', (overtaken, fact) => {
    const input = orders([registered(), fact()], [left])['kit.registered'];
    expect(input).toMatchObject({ overtaken });
    expect(input?.verdict).not.toBe('send');
  });
});

describe('the sender is told', () => {
  test('which results are the first word, and of nothing else that it is', () => {
    const facts = () => [registered(), make.fact('results.available', 0.01)];
    expect(orders(facts(), [])['results.available']).toMatchObject({ firstWord: true });
    make = createFacts();
    const reviewed = () => [...facts(), make.fact('results.reviewed', 0.02)];
    expect(orders(reviewed(), [])['results.reviewed']).toMatchObject({ firstWord: true });
    make = createFacts();
    const first = told('results.available', 0, { cause: 'wh_2', status: 'sent' });
    expect(orders(reviewed(), [first])['results.reviewed']).toMatchObject({ firstWord: false });
    make = createFacts();
    expect(orders([registered()], [])['kit.registered']).toMatchObject({ firstWord: false });
  });

  test.each(['order.shipped', 'kit.shipped'] as const)('when the kit was shipped, by %s', (event) => {
    const shipped = make.fact(event, -2, { person: recipient('buyer') });
    expect(orders([shipped, registered()], [])['kit.registered']).toMatchObject({ shippedAt: START - 2 * DAY });
    make = createFacts();
    expect(orders([registered()], [])['kit.registered']).toMatchObject({ shippedAt: null });
  });
});

describe('the sender is told, when it is sent,', () => {
  const input = (facts: readonly Fact[], kind: string, more: Partial<World> = {}) =>
    live(facts, more).sent.find((one) => one.input.kind === kind)?.input;

  test('the fact whose details the email may show, and the times that its wording may', () => {
    const parcel = (days: number, more = {}) =>
      make.fact('order.shipped', days, { order: 'A', barcodes: ['1'], ...more });
    const facts = [
      parcel(0, { delivery: START + 2 * DAY, person: recipient('buyer') }),
      registered(3),
      make.fact('kit.received_lab', 4, { completion: START + 9 * DAY }),
    ];
    expect(input(facts, 'kit.received_lab')).toMatchObject({
      subject: 'kit:1',
      journey: 'kit:1',
      audience: 'patient',
      sourceSeq: 3,
      shippedAt: START,
      expectedDelivery: START + 2 * DAY,
      expectedCompletion: START + 9 * DAY,
      tooLateAt: START + 7 * DAY,
      tooLateMeans: 'not_sent',
      firstWord: false,
    });
    make = createFacts();
    const two = [parcel(0, { delivery: START + 2 * DAY, person: recipient('buyer') }), parcel(1, { barcodes: ['2'] })];
    const order = live(two, { subject: 'order:A' }).sent.map((one) => one.input);
    expect(order.map(({ expectedDelivery }) => expectedDelivery)).toEqual([START + 2 * DAY, START + 2 * DAY]);
    make = createFacts();
    expect(input([results(0)], 'results.available')).toMatchObject({
      shippedAt: null,
      expectedDelivery: null,
      expectedCompletion: null,
      tooLateMeans: 'defer',
      tooLateAt: START + 30 * DAY,
    });
    make = createFacts();
    expect(input([results(0)], 'results.available', { settings: { ...WITHOUT_CLOCKS, tooLate: false } })).toMatchObject(
      {
        tooLateAt: null,
        tooLateMeans: 'not_sent',
      },
    );
  });

  test('each parcel’s own delivery day before any other', () => {
    const parcels = [
      make.fact('order.shipped', 0, { order: 'A', barcodes: ['1'], person: recipient('buyer'), delivery: START + DAY }),
      make.fact('order.shipped', 1, { order: 'A', barcodes: ['2'], delivery: START + 4 * DAY }),
    ];
    const days = live(parcels, { subject: 'order:A' }).sent.map((one) => one.input.expectedDelivery);
    expect(days).toEqual([START + DAY, START + 4 * DAY]);
  });
});
