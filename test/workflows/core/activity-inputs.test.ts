import { beforeEach, describe, expect, test } from '@jest/globals';
import type { NotificationState } from '../../../src/domain/notifications.js';
import type { NotifyInput } from '../../../src/domain/activities.js';
import type { Fact } from '../../../src/domain/facts.js';
import { decide } from '../../../workflows/core/decide.js';
import { begin } from '../../../workflows/core/knowledge.js';
import { notifyInput, recordedDecision, settleInput } from '../../../workflows/core/activity-inputs.js';
import type { World } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, HOUR, patient, recipient, SECOND, SETTINGS, START, told } from '../../support/facts.js';
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
        // What comes to nothing is a human's, at any age.
        tooLateMeans: 'defer',
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

describe('whether a patient was told of the cancellation as its recipient is the sender’s to find out', () => {
  const kept = { subject: 'order:A', kind: 'order.cancelled', occurrence: 1 };
  const cancelled = (who: Partial<Fact>, switchedOff: readonly 'order.cancelled'[] = []) => {
    make = createFacts();
    const facts = [
      make.fact('order.created', 0, { order: 'A', ...who }),
      make.fact('order.shipped', 1, { order: 'A', barcodes: ['1'] }),
      make.fact('kit.registered', 2, { person: patient('jane'), order: 'A' }),
      make.fact('order.cancelled', 3, { order: 'A' }),
    ];
    const settings = { ...WITHOUT_CLOCKS, switchedOff };
    const asked: NotifyInput[] = [];
    const send: World['send'] = (input, now) => {
      asked.push(input);
      return {
        after: SECOND,
        outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: 'jane@home' },
      };
    };
    live(facts, { settings, send });
    return asked.find(({ kind }) => kind === 'kit.cancelled');
  };

  test('where both are at one address', () => {
    expect(cancelled({ person: recipient('jane') })?.unlessTold).toEqual(kept);
  });

  test.each([
    ['it is another’s address', { person: recipient('buyer') }],
    ['nobody knows the recipient', {}],
    ['neither has an address', { person: recipient('jane', null) }],
  ] as const)('but not where %s', (_why, who) => {
    expect(cancelled(who)).toMatchObject({ kind: 'kit.cancelled' });
    expect(cancelled(who)).not.toHaveProperty('unlessTold');
  });

  test('nor where that email is switched off, nor of any other email', () => {
    expect(cancelled({ person: recipient('jane') }, ['order.cancelled'])).not.toHaveProperty('unlessTold');
    make = createFacts();
    const facts = [make.fact('order.created', 0, { order: 'A', person: recipient('jane') }), registered(1)];
    for (const { input } of live(facts).sent) expect(input).not.toHaveProperty('unlessTold');
  });
});

test('results that are sent once more, before any review, are the first word again', () => {
  const again = make.command('operator.correct_contact', 2, { resend: true }, { person: patient('jane', 'new@home') });
  const facts = [
    { ...registered(), seq: 0 },
    { ...results(0.5), seq: 1 },
    { ...again, seq: 2 },
  ];
  const sent = live(facts).sent.filter(({ input }) => input.kind === 'results.available');
  expect(sent.map(({ input }) => [input.occurrence, input.firstWord])).toEqual([
    [1, true],
    [2, true],
  ]);
});

describe('what is recorded of a reminder that is kept under the order', () => {
  const decisionsOf = (barcodes: readonly string[]) => {
    make = createFacts();
    const parcel = make.fact('order.shipped', 0, { order: 'A', barcodes, person: recipient('buyer') });
    const known = begin('kit:1', { facts: [parcel, registered(1)], notifications: [] }, SETTINGS);
    const story = storyOf(known, START + DAY + HOUR);
    return decide(story, [])
      .filter(({ candidate }) => candidate.kind === 'reminder.register')
      .map((decision) => recordedDecision(decision, story));
  };

  test('is settled by a kit that is alone in its parcel, and only noted by one of several', () => {
    expect(decisionsOf(['1'])).toMatchObject([{ subject: 'order:A', status: 'not_sent' }]);
    const [shared] = decisionsOf(['1', '2']);
    expect(shared).toMatchObject({ subject: 'order:A', kind: 'reminder.register' });
    expect(shared).not.toHaveProperty('status');
  });
});

describe('a send that ended without an outcome is settled', () => {
  const sentBy = () => {
    const known = begin('kit:1', { facts: [registered()], notifications: [] }, SETTINGS);
    const story = storyOf(known, START + HOUR);
    const { projection } = nextAt(known, START + HOUR);
    const [decision] = decide(story, []);
    if (decision === undefined) throw new Error('nothing is sent');
    return { known, input: notifyInput(decision, story, projection) };
  };
  const calledBack = (reason: 'superseded' | 'operator_skipped' | 'cancelled') => {
    const { known, input } = sentBy();
    const [row] = begin(
      'kit:1',
      { facts: known.facts, notifications: [told('kit.registered', 0)] },
      SETTINGS,
    ).notifications;
    if (row === undefined) throw new Error('it is not remembered');
    const calledBackBy = { reason, cause: 'wh_9', rule: 'a rule' };
    return { input, known: { ...known, notifications: [{ ...row, flight: 'called_back' as const, calledBackBy }] } };
  };

  test('as it died, where nobody called it back', () => {
    const { known, input } = sentBy();
    for (const death of ['retries_exhausted', 'no_answer'] as const)
      expect(settleInput(known, input, death, 7)).toMatchObject({
        subject: 'kit:1',
        journey: 'kit:1',
        kind: 'kit.registered',
        occurrence: 1,
        ending: death,
        cause: input.cause,
        rule: input.rule,
        projection: input.projection,
        at: 7,
      });
    expect(settleInput(known, input, null, 7).ending).toBe('superseded');
    const projected = { ...input.projection, closed: true };
    expect(settleInput({ ...known, projected }, input, null, 7).projection).toBe(projected);
  });

  test('as overtaken by what called it back, however it died then', () => {
    const { known, input } = calledBack('operator_skipped');
    for (const death of ['retries_exhausted', null] as const)
      expect(settleInput(known, input, death, 7)).toMatchObject({
        ending: 'operator_skipped',
        cause: 'wh_9',
        rule: 'a rule',
      });
  });

  test('as overtaken, where a former run had called it back, or where why is none of an email’s own endings', () => {
    const { known, input } = sentBy();
    const former = { ...input, overtaken: 'erased' as const };
    expect(settleInput(known, former, 'retries_exhausted', 7)).toMatchObject({ ending: 'erased', cause: input.cause });
  });
});
