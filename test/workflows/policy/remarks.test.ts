import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Fact } from '../../../src/domain/facts.js';
import type { NotificationState } from '../../../src/domain/notifications.js';
import { decide } from '../../../workflows/core/decide.js';
import { begin } from '../../../workflows/core/knowledge.js';
import { createFacts, DAY, patient, recipient, START, told } from '../../support/facts.js';
import { livesUnder, storyOf, WITHOUT_CLOCKS } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

/** What is noted about a fact that was just learned, by what was known and told before it. */
function notedOf(before: readonly Fact[], notifications: readonly NotificationState[], fresh: Fact) {
  const story = storyOf(begin('kit:1', { facts: [...before, fresh], notifications }, WITHOUT_CLOCKS), START + 9 * DAY);
  return decide(story, [fresh])
    .filter(({ effect, cause }) => effect === 'note' && cause === fresh.cause)
    .map(({ candidate, reason }) => [candidate.kind, reason]);
}
const life = (): Fact[] => [
  make.fact('kit.registered', 0, { person: patient('jane') }),
  make.fact('kit.received_lab', 1),
  make.fact('results.available', 2, { summary: 'a' }),
];
/** The laboratory's news went last, since a human sent it again. */
const all = (): NotificationState[] => [
  told('kit.registered', 0.1, { cause: 'wh_1', source: 1 }),
  told('kit.received_lab', 6, { cause: 'wh_2', source: 2 }),
  told('results.available', 5, { cause: 'wh_3', source: 3 }),
];

describe('a command that nothing answers to is noted', () => {
  test.each(['operator.retry', 'operator.skip', 'operator.release'] as const)(
    '%s: with the email that was decided last',
    (event) => {
      const facts = life();
      expect(notedOf(facts, all(), make.command(event, 8))).toEqual([['kit.received_lab', 'superseded']]);
    },
  );

  test('with the one that it names, and with none where it names one that there isn’t', () => {
    const facts = life();
    const named = make.command('operator.retry', 8, { kind: 'kit.registered' });
    expect(notedOf(facts, all(), named)).toEqual([['kit.registered', 'superseded']]);
    const second = make.command('operator.retry', 8, { kind: 'kit.registered', occurrence: 2 });
    expect(notedOf(facts, all(), second)).toEqual([]);
    const another = make.command('operator.retry', 8, { subject: 'order:A' });
    expect(notedOf(facts, all(), another)).toEqual([]);
  });

  test('with results, that they were told', () => {
    const facts = life();
    const last = all().map((one) => (one.kind === 'results.available' ? { ...one, at: START + 7 * DAY } : one));
    expect(notedOf(facts, last, make.command('operator.retry', 8))).toEqual([['results.available', 'already_told']]);
  });
});

describe('a fact that changes nothing is noted', () => {
  test('where it repeats what was told', () => {
    const facts = life();
    expect(notedOf(facts, all(), make.fact('kit.registered', 8, { person: patient('jane') }))).toEqual([
      ['kit.registered', 'already_told'],
    ]);
  });

  test('where it names whom a human ruled out: with the patient’s email that was decided last, not the recipient’s', () => {
    const parcel = make.fact('order.shipped', -2, { order: 'A', barcodes: ['1'], person: recipient('buyer') });
    const facts = [
      parcel,
      ...life(),
      make.fact('kit.processing_started', 2.5, { person: patient('john') }),
      make.command('operator.correct_contact', 3, {}, { person: patient('jane', 'new@home') }),
    ];
    const notifications = [
      told('reminder.register', 7, { subject: 'order:A', status: 'not_sent', reason: 'superseded' }),
      ...all().map((one) => ({ ...one, source: (one.source ?? 0) + 1, cause: `wh_${String((one.source ?? 0) + 1)}` })),
    ];
    expect(notedOf(facts, notifications, make.fact('kit.received_lab', 8, { person: patient('john') }))).toEqual([
      ['kit.received_lab', 'contact_conflict'],
      ['kit.received_lab', 'already_told'],
    ]);
  });
});

describe('after corrected results were told, a review is told again', () => {
  const live = livesUnder(WITHOUT_CLOCKS, 30);
  const reviews = (days: number, late = 0) => {
    make = createFacts();
    const facts = [
      make.fact('kit.registered', 0, { person: patient('jane') }),
      make.fact('results.available', 1, { summary: 'a' }),
      make.fact('results.reviewed', 2),
      make.fact('results.available', 3, { summary: 'b' }),
      make.fact('results.reviewed', days, { late }),
    ];
    return live(facts).sent.flatMap(({ input }) => (input.kind === 'results.reviewed' ? [input.occurrence] : []));
  };

  test('where it is later than the correction by its own time', () => {
    expect(reviews(4)).toEqual([1, 2]);
  });

  test('not where it is older, or of the same moment, and only came later', () => {
    expect(reviews(2.5, 2 * DAY)).toEqual([1]);
    expect(reviews(3, 2 * DAY)).toEqual([1]);
  });
});
