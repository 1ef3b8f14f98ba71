import { beforeEach, describe, expect, test } from '@jest/globals';
import { storyOf as seenAt } from '../../support/simulated.js';
import type { NotificationState } from '../../../src/domain/notifications.js';
import type { Fact } from '../../../src/domain/facts.js';
import { begin } from '../../../workflows/core/knowledge.js';
import { stateOf } from '../../../src/domain/own-facts.js';
import type { Story } from '../../../workflows/core/story.js';
import { wentOut } from '../../../workflows/core/story.js';
import { createFacts, DAY, HOUR, recipient, SETTINGS, START, told } from '../../support/facts.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});
const NOW = START + 30 * DAY;
const storyOf = (
  facts: readonly Fact[],
  notifications: readonly NotificationState[] = [],
  subject = 'kit:1',
): Story => {
  const known = begin(subject, { facts: [], notifications: notifications }, SETTINGS);
  return seenAt({ ...known, facts }, NOW);
};

describe('what happened', () => {
  test('is told in the order of arrival, whatever the order in which it became known', () => {
    const [first, second, third] = [
      make.fact('kit.received_lab', 2),
      make.fact('kit.registered', 1),
      make.fact('kit.received_lab', 3),
    ] as const;
    const story = storyOf([third, second, first]);
    expect(story.all('kit.received_lab').map(({ seq }) => seq)).toEqual([1, 3]);
    expect(story.all('kit.registered', 'kit.received_lab').map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(story.first('kit.registered', 'kit.received_lab')?.seq).toBe(1);
    expect(story.first('kit.failed')).toBeUndefined();
    expect([story.has('kit.failed'), story.has('kit.failed', 'kit.registered')]).toEqual([false, true]);
  });

  test('an answer of the partner’s adds what no webhook had told before it, at its own time', () => {
    const webhook = make.fact('kit.registered', 1);
    const answer = make.fact('partner.answered', 5, {
      learned: [
        { event: 'kit.registered', at: START },
        { event: 'kit.failed', at: START + 4 * DAY },
      ],
    });
    const late = make.fact('kit.failed', 6);
    const story = storyOf([webhook, answer, late]);
    expect(story.all('kit.registered').map(({ seq }) => seq)).toEqual([1]);
    expect(story.all('kit.failed').map(({ seq, at }) => [seq, at])).toEqual([
      [2, START + 4 * DAY],
      [3, START + 6 * DAY],
    ]);
    expect(story.news.map(({ name }) => name)).toEqual(['kit.registered', 'kit.failed', 'kit.failed']);
    expect(story.state).toBe('failed');
    expect(stateOf('kit:1', [answer])).toBe('failed');
    expect(stateOf('kit:1', [make.fact('partner.answered', 7)])).toBe('unknown');
    expect(stateOf('order:1', [make.fact('order.confirmed', 7), make.fact('order.created', 8)])).toBe('confirmed');
    expect(stateOf('order:1', [make.fact('order.cancelled', 7)])).toBe('cancelled');
  });

  test.each(['mail.bounced', 'operator.skip', 'partner.answered'] as const)('%s is no news', (event) => {
    expect(storyOf([make.fact(event, 1)]).news).toEqual([]);
  });
});

describe('commands', () => {
  test('count after a moment, for the email they name or for all that they can apply to', () => {
    const about = { subject: 'kit:1', kind: 'results.updated', occurrence: 2 } as const;
    const story = storyOf([
      make.command('operator.skip', 1),
      make.command('operator.skip', 2),
      make.command('operator.skip', 3, { kind: 'results.updated' }),
      make.command('operator.skip', 4, { kind: 'results.updated', occurrence: 2 }),
      make.command('operator.skip', 5, { kind: 'results.updated', occurrence: 1 }),
      make.command('operator.skip', 6, { kind: 'kit.failed' }),
      make.command('operator.retry', 7),
    ]);
    expect(story.commands('operator.skip', 1, about).map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect([1, 2].map((seq) => story.skippedSince(seq))).toEqual([true, false]);
  });

  test('for an order are about its own emails and reminders, never about those of its kits', () => {
    const command = { subject: 'order:A' };
    const story = storyOf([make.command('operator.skip', 1, command), make.command('operator.erase', 2, command)]);
    const results = { subject: 'kit:1', kind: 'results.available', occurrence: 1 } as const;
    const reminder = { subject: 'order:A', kind: 'reminder.register', occurrence: 1 } as const;
    expect(story.commands('operator.skip', 0, results)).toEqual([]);
    expect(story.commands('operator.skip', 0, reminder)).toHaveLength(1);
    expect(story.skippedSince(0)).toBe(false);
    expect(story.erased).toBe(false);
  });
});

describe('its order', () => {
  const parcel = (days: number, order: string, barcodes?: string[]) =>
    make.fact('order.shipped', days, { order, ...(barcodes === undefined ? {} : { barcodes }) });

  test('is the one that was named last by its own time; an order’s is itself', () => {
    const story = storyOf([parcel(0, 'A'), parcel(1, 'B'), parcel(2, 'A'), make.fact('kit.registered', 3)]);
    expect([story.orders, story.order, story.orderSubject]).toEqual([['A', 'B'], 'A', 'order:A']);
    const late = storyOf([parcel(1, 'B'), parcel(0, 'A')]);
    expect([late.order, late.orderSubject]).toEqual(['B', 'order:B']);
    const none = storyOf([make.fact('kit.registered', 0)]);
    expect([none.order, none.orderSubject]).toEqual([null, null]);
    const order = storyOf([parcel(0, 'A')], [], 'order:C');
    expect([order.order, order.orderSubject]).toEqual(['C', 'order:C']);
  });

  test('holds siblings where a parcel names another kit', () => {
    expect(storyOf([parcel(0, 'A', ['1'])]).hasSiblings).toBe(false);
    expect(storyOf([parcel(0, 'A')]).hasSiblings).toBe(false);
    expect(storyOf([parcel(0, 'A', ['1', '2'])]).hasSiblings).toBe(true);
    // Another parcel's kits have reminders of their own.
    expect(storyOf([parcel(0, 'A', ['1']), parcel(1, 'A', ['2'])]).hasSiblings).toBe(false);
  });
});

test('of the times that facts tell, the newest by the fact’s own time counts, then the one that arrived later', () => {
  const tells = (days: number, day: number) => make.fact('order.shipped', days, { delivery: day });
  const delivery = (fact: Fact) => fact.delivery ?? null;
  expect(storyOf([tells(2, 20), tells(1, 10)]).newest(delivery)).toBe(20);
  expect(storyOf([tells(1, 10), tells(2, 20), make.fact('order.shipped', 3)]).newest(delivery)).toBe(20);
  const [earlier, later] = [tells(1, 10), tells(1, 20)];
  expect(storyOf([later, earlier]).newest(delivery)).toBe(20);
  expect(storyOf([later]).newest(() => null)).toBeNull();
});

describe('the last email', () => {
  test('is the latest that has left, whatever became of it; one that is leaving counts as now; none is none', () => {
    const last = (...notifications: readonly NotificationState[]) => storyOf([], notifications).lastEmailAt;
    expect(last()).toBeNull();
    expect(last(told('kit.registered', 1), told('kit.received_lab', 3), told('kit.failed', 2))).toBe(START + 3 * DAY);
    expect(last(told('kit.registered', 1, { status: 'not_sent', reason: 'superseded' }))).toBeNull();
    expect(last(told('kit.registered', 1), told('kit.failed', 2, { status: 'sending' }))).toBe(NOW);
    expect(last(told('kit.registered', 1), told('kit.failed', 2, { status: 'deferred' }))).toBe(START + DAY);
  });

  test.each([
    ['sent', true],
    ['delivered', true],
    ['bounced', true],
    ['complained', true],
    ['unknown', true],
    ['failed', false],
    ['not_sent', false],
    ['deferred', false],
  ] as const)('%s: has left us: %s', (status, left) => {
    const [notification] = storyOf([], [told('kit.registered', 0, { status })]).notifications;
    expect(notification !== undefined && wentOut(notification)).toBe(left);
    const [by] = storyOf([], [told('kit.registered', 0, { status, reason: 'already_told' })]).notifications;
    expect(by !== undefined && wentOut(by)).toBe(true);
  });
});

test('the rows of a kind are told by their number', () => {
  const notifications = [
    told('results.updated', 0, { occurrence: 2 }),
    told('kit.failed', 0),
    told('results.updated', 0, { occurrence: 1 }),
    told('results.available', 0, { occurrence: 3 }),
  ];
  const story = storyOf([make.fact('order.created', 0, { person: recipient('buyer'), late: HOUR })], notifications);
  expect(story.notificationsOf('results.updated').map(({ occurrence }) => occurrence)).toEqual([1, 2]);
  expect(story.notificationsOf('results.updated', 'results.available').map(({ occurrence }) => occurrence)).toEqual([
    1, 2, 3,
  ]);
});
