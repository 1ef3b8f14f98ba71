import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Reason, Status } from '../../../src/domain/notifications.js';
import type { NotifyInput } from '../../../src/domain/activities.js';
import type { Fact } from '../../../src/domain/facts.js';
import { escalations } from '../../../workflows/policy/attention.js';
import { candidates } from '../../../workflows/core/decide.js';
import { type Played, type Sending, type World } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, patient, recipient, SECOND, START } from '../../support/facts.js';
import { livesUnder, nextOf, storyOf, WITHOUT_CLOCKS } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const live = livesUnder(WITHOUT_CLOCKS, 100);
/** When a human was asked for what, in days. */
const asked = ({ attention }: Played) => attention.map(({ at, code }) => [code, (at - START) / DAY]);
/** What a human should know in the end, and whether staff were called for it. */
const worries = (played: Played) => nextOf(played).escalations.map(({ code, kind, alerts }) => [code, kind, alerts]);
const registered = (days = 0) => make.fact('kit.registered', days, { person: patient('jane') });
const results = (days: number, more = {}) => make.fact('results.available', days, more);
const acknowledge = (days: number, command = {}) => make.command('operator.skip', days, command);
const coming =
  (fate: (input: NotifyInput) => readonly [Exclude<Status, 'sending'>, Reason | null]): NonNullable<World['send']> =>
  (input, now): Sending => {
    const [status, reason] = fate(input);
    return { after: SECOND, outcome: { status, reason, until: null, settledAt: now, address: 'a' } };
  };

describe('facts that don’t go together', () => {
  test('results of a cancelled or failed kit: staff are called, in either order of arrival', () => {
    for (const end of ['order.cancelled', 'kit.cancelled', 'kit.failed'] as const) {
      make = createFacts();
      const later = live([registered(), make.fact(end, 1), results(2)]);
      expect(asked(later)).toEqual([['results_after_end', 2]]);
      expect(worries(later)).toEqual([['results_after_end', undefined, true]]);
      make = createFacts();
      expect(asked(live([registered(), make.fact('results.reviewed', 1), make.fact(end, 2)]))).toContainEqual([
        'results_after_end',
        2,
      ]);
    }
  });

  test('an order cancelled while its sample is at the lab is for the desk; a failed kit is not strange there', () => {
    const kit = live([registered(), make.fact('kit.received_lab', 1), make.fact('order.cancelled', 2)]);
    expect(worries(kit)).toEqual([['cancelled_at_lab', undefined, false]]);
    make = createFacts();
    expect(asked(live([registered(), make.fact('kit.received_lab', 1), make.fact('kit.failed', 2)]))).toEqual([]);
    make = createFacts();
    expect(asked(live([registered(), make.fact('kit.cancelled', 2)]))).toEqual([]);
  });

  test('a review without results is for the desk until the results come', () => {
    const kit = live([registered(), make.fact('results.reviewed', 1)], { until: START + 2 * DAY });
    expect(worries(kit)).toEqual([['review_without_results', undefined, false]]);
    make = createFacts();
    expect(asked(live([registered(), make.fact('results.reviewed', 1), results(2)]))).toEqual([
      ['review_without_results', 1],
      [null, 2],
    ]);
  });

  test('a word of the partner’s that nobody knows calls staff; an answer with known words doesn’t', () => {
    const answer = (days: number, more = {}) => make.fact('partner.answered', days, more);
    const kit = live([registered(), answer(1, { unknownStatus: true })]);
    expect(worries(kit)).toEqual([['unknown_status', undefined, true]]);
    make = createFacts();
    // The partner's own word clears a doubt that is gone.
    expect(asked(live([registered(), answer(1, { unknownStatus: true }), answer(2)]))).toEqual([
      ['unknown_status', 1],
      [null, 2],
    ]);
    make = createFacts();
    expect(asked(live([registered(), answer(1)]))).toEqual([]);
  });

  test('a barcode in two orders is for the desk', () => {
    const parcel = (days: number, order: string) => make.fact('order.shipped', days, { order, barcodes: ['1'] });
    const kit = live([parcel(0, 'A'), parcel(1, 'A'), parcel(2, 'B')]);
    expect(asked(kit)).toEqual([['two_orders', 2]]);
    expect(worries(kit)).toEqual([['two_orders', undefined, false]]);
  });

  test('none of this is an order’s own concern', () => {
    const facts = [make.fact('order.cancelled', 0), results(1), make.fact('kit.received_lab', 1)];
    expect(
      asked(live(facts, { subject: 'order:A', settings: { ...WITHOUT_CLOCKS, switchedOff: ['order.cancelled'] } })),
    ).toEqual([]);
  });

  test('an operator acknowledges what was known then, by a skip of the whole subject and not of one email', () => {
    const strange = () => [registered(), make.fact('kit.cancelled', 1), results(2)];
    expect(asked(live([...strange(), acknowledge(3)]))).toEqual([
      ['results_after_end', 2],
      [null, 3],
    ]);
    make = createFacts();
    expect(asked(live([...strange(), acknowledge(3, { kind: 'results.reviewed' })]))).toEqual([
      ['results_after_end', 2],
    ]);
    make = createFacts();
    expect(asked(live([registered(), make.fact('kit.cancelled', 1), acknowledge(1.5), results(2)]))).toEqual([
      ['results_after_end', 2],
    ]);
    make = createFacts();
    const twice = (word: string) => {
      make = createFacts();
      return [
        registered(),
        make.fact('partner.answered', 1, { unknownStatus: true, unknownWords: 'odd' }),
        acknowledge(2),
        make.fact('partner.answered', 3, { unknownStatus: true, unknownWords: word }),
      ];
    };
    const seen = [
      ['unknown_status', 1],
      [null, 2],
    ];
    // The same in a fresh answer is nothing new; another word is.
    expect(asked(live(twice('odd')))).toEqual(seen);
    expect(asked(live(twice('odder')))).toEqual([...seen, ['unknown_status', 3]]);
  });
});

describe('acknowledge', () => {
  const seen = (days: number) => make.command('operator.acknowledge', days);

  test('clears all that the kit is shown to need, whatever it is, until something new raises it', () => {
    const lives: readonly (readonly [string, () => Fact[]])[] = [
      ['results_after_end', () => [registered(), make.fact('kit.cancelled', 1), results(2)]],
      ['cancelled_at_lab', () => [registered(), make.fact('kit.received_lab', 1), make.fact('order.cancelled', 2)]],
      ['unknown_status', () => [registered(), make.fact('partner.answered', 2, { unknownStatus: true })]],
      ['review_without_results', () => [registered(), make.fact('results.reviewed', 2)]],
      [
        'two_orders',
        () => [
          make.fact('kit.registered', 0, { person: patient('jane'), order: 'A' }),
          make.fact('kit.received_lab', 2, { order: 'B' }),
        ],
      ],
      [
        'unreadable_webhook',
        () => [registered(), make.fact('webhook.unreadable', 2, { unreadable: { event: null, aboutResults: true } })],
      ],
      ['complained', () => [registered(), make.report('mail.complained', 2, 'kit.registered')]],
      ['contact_conflict', () => [registered(), make.fact('kit.received_lab', 2, { person: patient('john') })]],
    ];
    for (const [code, facts] of lives) {
      make = createFacts();
      expect([code, asked(live(facts()))]).toEqual([code, [[code, 2]]]);
      make = createFacts();
      expect([code, asked(live([...facts(), seen(3)]))]).toEqual([
        code,
        [
          [code, 2],
          [null, 3],
        ],
      ]);
      make = createFacts();
      const before = seen(1.5);
      expect([code, asked(live([...facts(), before]))]).toEqual([code, [[code, 2]]]);
    }
  });

  test('of what is no longer so it says nothing, either: the same need is one again when it comes back', () => {
    const answer = (days: number, more = {}) => make.fact('partner.answered', days, more);
    const odd = (days: number) => answer(days, { unknownStatus: true, unknownWords: 'odd' });
    const until = START + 8 * DAY;
    expect(asked(live([registered(), odd(2), answer(3), seen(4), odd(5)], { until }))).toEqual([
      ['unknown_status', 2],
      [null, 3],
      ['unknown_status', 5],
    ]);
  });

  test('of what is not shown yet it says nothing', () => {
    const arrived = make.fact('kit.received_lab', 1);
    expect(asked(live([arrived, seen(1.5)], { until: START + 3 * DAY }))).toEqual([['unregistered_at_lab', 2]]);
    make = createFacts();
    const again = [registered(), make.report('mail.bounced', 1, 'kit.registered'), seen(2)];
    expect(asked(live([...again, make.report('mail.complained', 3, 'kit.registered')]))).toEqual([
      ['bounced', 1],
      [null, 2],
      ['complained', 3],
    ]);
    make = createFacts();
    const early = [registered(), seen(0.5), make.report('mail.bounced', 1, 'kit.registered')];
    expect(asked(live(early))).toEqual([['bounced', 1]]);
  });

  test('of an email that came back it holds, whatever is reported of another', () => {
    const kit = [registered(), make.report('mail.bounced', 1, 'kit.registered'), seen(2)];
    const other = [make.fact('kit.received_lab', 3), make.report('mail.complained', 4, 'kit.received_lab')];
    expect(worries(live([...kit, ...other]))).toEqual([['complained', 'kit.received_lab', false]]);
    make = createFacts('order:A');
    const shipped = (days: number, barcode: string) =>
      make.fact('order.shipped', days, { order: 'A', barcodes: [barcode], person: recipient('buyer') });
    const order = [
      ...[shipped(0, '1'), make.report('mail.bounced', 1, 'order.shipped'), seen(2)],
      ...[shipped(3, '2'), make.report('mail.complained', 4, 'order.shipped', 2)],
    ];
    expect(worries(live(order, { subject: 'order:A' })).map(([code]) => code)).toEqual(['complained']);
  });

  test('of an email that came back or was complained of it holds, when its delivery is reported late', () => {
    for (const report of ['mail.bounced', 'mail.complained'] as const) {
      make = createFacts();
      const kit = [registered(), make.report(report, 1, 'kit.registered'), seen(2)];
      expect(worries(live([...kit, make.report('mail.delivered', 3, 'kit.registered')]))).toEqual([]);
    }
  });

  test('of two patients it says nothing of a third', () => {
    const named = (days: number, name: string) => make.fact('kit.registered', days, { person: patient(name) });
    expect(asked(live([named(0, 'jane'), named(1, 'john'), seen(2), named(3, 'mary')]))).toEqual([
      ['contact_conflict', 1],
      [null, 2],
      ['contact_conflict', 3],
    ]);
  });
});

describe('a webhook that can’t be read', () => {
  const unread = (days: number, more = {}) =>
    make.fact('webhook.unreadable', days, { unreadable: { event: null, aboutResults: true }, ...more });
  const calls = [['unreadable_webhook', undefined, true]];
  const forTheDesk = [['unreadable_webhook', undefined, false]];

  test('calls staff where it may be about results; else it is for the desk', () => {
    expect(worries(live([registered(), unread(1)]))).toEqual(calls);
    make = createFacts();
    expect(worries(live([registered(), unread(1, { unreadable: { event: null, aboutResults: false } })]))).toEqual(
      forTheDesk,
    );
  });

  test('about an order stands in its story, not in those of its kits; so does one of its kits that can’t be read', () => {
    const facts: readonly (readonly [unknown, () => Fact])[] = [
      [calls, () => unread(1, { order: 'A' })],
      ...(['order.shipped', 'order.cancelled'] as const).map((event) => {
        const unreadable = { event, aboutResults: false };
        return [forTheDesk, () => make.fact(event, 1, { order: 'A', barcodes: ['1'], unreadable })] as const;
      }),
      [[], () => make.fact('order.shipped', 1, { order: 'A', barcodes: ['1'] })],
    ];
    for (const [expected, fact] of facts) {
      make = createFacts('order:A');
      const ordered = make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
      const known = [ordered, make.fact('order.shipped', 0, { order: 'A', barcodes: ['1', '2'] }), fact()];
      expect(worries(live(known, { subject: 'order:A' }))).toEqual(expected);
      const kit = live([...known, registered(2)]);
      expect(worries(kit).map(([code]) => code)).not.toContain('unreadable_webhook');
    }
  });

  test('is no concern once it was read after all, by a replay, which says nothing of another', () => {
    const kit = [registered(), unread(1, { cause: 'wh_unread' })];
    const later = (cause: string) => make.fact('kit.received_lab', 2, { cause });
    expect(asked(live([...kit, later('wh_unread')]))).toEqual([
      ['unreadable_webhook', 1],
      [null, 2],
    ]);
    expect(worries(live([...kit, later('wh_other')]))).toEqual(calls);
  });

  test('of several the newest counts, until somebody has seen it', () => {
    const two = () => [registered(), unread(1), unread(3)];
    expect(worries(live(two()))).toEqual(calls);
    make = createFacts();
    expect(worries(live([...two(), acknowledge(4)]))).toEqual([]);
    make = createFacts();
    expect(worries(live([registered(), unread(1), acknowledge(2), unread(3)]))).toEqual(calls);
    make = createFacts('order:A');
    const unreadable = { event: 'order.shipped', aboutResults: false } as const;
    const order = [
      make.fact('order.shipped', 0, { order: 'A', barcodes: ['1'], unreadable, person: recipient('buyer') }),
      make.command('operator.acknowledge', 1),
    ];
    expect(worries(live(order, { subject: 'order:A' }))).toEqual([]);
    expect(worries(live([...order, unread(2, { order: 'A' })], { subject: 'order:A' }))).toEqual(calls);
  });
});

describe('a parcel in trouble', () => {
  test('on either way calls staff, until they have seen it', () => {
    for (const [event, code] of [
      ['kit.not_delivered', 'not_delivered'],
      ['kit.lost_in_transit', 'lost_in_transit'],
    ] as const) {
      const kit = (...more: (() => Fact)[]) => {
        make = createFacts();
        const parcel = make.fact('order.shipped', 0, { order: 'A', barcodes: ['1'] });
        return worries(live([parcel, make.fact(event, 1), ...more.map((fact) => fact())]));
      };
      const called = [[code, undefined, true]];
      expect(kit()).toEqual(called);
      expect(kit(() => acknowledge(2))).toEqual([]);
      expect(kit(() => acknowledge(2, { kind: 'kit.registered' }))).toEqual(called);
    }
  });
});

test('a kit that the partner calls completed without results is a human’s after two days, unless results come', () => {
  const answer = (days: number, more = {}) =>
    make.fact('partner.answered', days, { completedWithoutResults: true, ...more });
  const kit = () => [registered(), make.fact('kit.processing_started', 1)];
  const completed = live([...kit(), answer(2), answer(3)]);
  expect(asked(completed)).toEqual([['completed_without_results', 4]]);
  expect(worries(completed)).toEqual([['completed_without_results', undefined, true]]);
  make = createFacts();
  expect(asked(live([...kit(), answer(2), results(3)]))).toEqual([]);
  make = createFacts();
  expect(asked(live([...kit(), answer(2), make.fact('partner.answered', 3)]))).toEqual([]);
});

test('results that were completed anew without another summary are a human’s; what is still held is only newer', () => {
  const version = (days: number, completed: number, more = {}) =>
    results(days, { summary: 'a', completedAt: START + completed * DAY, ...more });
  const amended = live([registered(), version(1, 1), version(2, 2)]);
  expect(asked(amended)).toEqual([['maybe_amended', 2]]);
  expect(worries(amended)).toEqual([['maybe_amended', undefined, true]]);
  make = createFacts();
  expect(asked(live([registered(), version(1, 1), version(2, 2, { summary: undefined })]))).toEqual([
    ['maybe_amended', 2],
  ]);
  // What was told first gave no time; what was told last was completed later than this.
  make = createFacts();
  expect(asked(live([registered(), version(1, 1, { completedAt: undefined }), version(2, 2)]))).toEqual([]);
  make = createFacts();
  const told = () => [registered(), version(1, 1), version(2, 3, { summary: 'b' })];
  expect(asked(live([...told(), version(4, 2, { summary: 'b' })]))).toEqual([]);
  for (const more of [{ completedAt: START + DAY + 30 * SECOND }, { completedAt: START }, { summary: 'b' }]) {
    make = createFacts();
    expect([more, asked(live([registered(), version(1, 1), version(2, 2, more)]))]).toEqual([more, []]);
  }
  make = createFacts();
  const held = { settings: { ...WITHOUT_CLOCKS, resultsRelease: 'reviewed' as const }, until: START + 2.2 * DAY };
  expect(asked(live([registered(), version(1, 1), version(2, 2)], held))).toEqual([]);
});

test('nobody is asked about the emails of a patient who was forgotten', () => {
  const facts = [registered(), make.command('operator.erase', 1), make.report('mail.bounced', 2, 'kit.registered')];
  expect(asked(live(facts))).toEqual([]);
});

describe('a sample that nobody registered', () => {
  const arrival = (days: number) => make.fact('kit.received_lab', days);

  test('staff are called a day after it arrived, unless it is registered, acknowledged, or has results by then', () => {
    const kit = live([arrival(1)], { until: START + 3 * DAY });
    expect(asked(kit)).toEqual([['unregistered_at_lab', 2]]);
    expect(worries(kit)).toEqual([['unregistered_at_lab', undefined, true]]);
    make = createFacts();
    expect(asked(live([arrival(1), registered(1.5)]))).toEqual([]);
    make = createFacts();
    expect(asked(live([arrival(1), acknowledge(1.5)]))).toEqual([]);
    make = createFacts();
    expect(asked(live([arrival(1), acknowledge(1.5, { kind: 'results.reviewed' })]))).toEqual([
      ['unregistered_at_lab', 2],
    ]);
    make = createFacts();
    const told = live([arrival(1), results(1.5)], { until: START + 3 * DAY });
    expect(asked(told)).toEqual([['no_contact', 1.5 + 1 / 24]]);
  });
});

describe('what became of an email', () => {
  test('what waits for a human is tried again by itself a few times, not every hour', () => {
    const waits = coming(() => ['deferred', 'opted_out']);
    const kit = live([results(0, { person: patient('jane') })], { send: waits });
    expect(kit.decisions.filter(({ verdict }) => verdict === 'send').length).toBeLessThan(6);
    expect(worries(kit)).toEqual([['too_late', 'results.available', true]]);
  });

  const parked: readonly (readonly [Exclude<Status, 'sending'>, Reason, string])[] = [
    ['failed', 'address_refused', 'address_refused'],
    ['failed', 'server_refused', 'server_refused'],
    ['failed', 'retries_exhausted', 'retries_exhausted'],
    ['unknown', 'no_answer', 'no_answer'],
    ['bounced', 'bounced_permanent', 'bounced'],
    ['bounced', 'bounced_temporary', 'bounced'],
    ['complained', 'complained', 'complained'],
    ['deferred', 'address_suppressed', 'address_suppressed'],
    ['not_sent', 'address_suppressed', 'address_suppressed'],
    ['deferred', 'opted_out', 'opted_out'],
    ['not_sent', 'opted_out', 'opted_out'],
  ];
  test.each(parked)('results that are %s/%s call staff: %s', (status, reason, code) => {
    const until = START + 6 * DAY;
    const kit = live([results(0, { person: patient('jane') })], { send: coming(() => [status, reason]), until });
    expect(worries(kit)).toEqual([[code, 'results.available', true]]);
    expect(asked(kit)).toEqual([[code, SECOND / DAY]]);
  });

  test('of progress it is for the desk, and who asked for no email is no concern there', () => {
    const fate = (reason: Reason) => {
      make = createFacts();
      const facts = [registered(), make.fact('kit.received_lab', 1)];
      const send = coming(({ kind }) => (kind === 'kit.registered' ? ['sent', null] : ['failed', reason]));
      return worries(live(facts, { send }));
    };
    expect(fate('address_refused')).toEqual([['address_refused', 'kit.received_lab', false]]);
    expect(fate('opted_out')).toEqual([]);
    expect(fate('superseded')).toEqual([]);
  });

  test('a later email that reached the person ends the concern about progress, never one about results', () => {
    const refuse = (kind: string) =>
      coming((input) => (input.kind === kind ? ['failed', 'server_refused'] : ['sent', null]));
    const progress = live([registered(), make.fact('kit.received_lab', 2)], { send: refuse('kit.registered') });
    expect(asked(progress)).toEqual([
      ['server_refused', SECOND / DAY],
      [null, expect.closeTo(2, 3)],
    ]);
    make = createFacts();
    const facts = [registered(), results(1), make.fact('results.reviewed', 2)];
    const kit = live(facts, { send: refuse('results.available') });
    expect(asked(kit)).toEqual([['server_refused', expect.closeTo(1, 3)]]);
    make = createFacts();
    const earlier = live([registered(), make.fact('kit.received_lab', 2)], { send: refuse('kit.received_lab') });
    expect(asked(earlier)).toEqual([['server_refused', expect.closeTo(2, 3)]]);
  });

  test('while it is sent again, nobody is asked', () => {
    const facts = [results(0, { person: patient('jane') }), make.command('operator.retry', 1)];
    const kit = live(facts, {
      send: ({ reopen }, now) => ({
        after: reopen === true ? DAY : SECOND,
        outcome: { status: 'failed', reason: 'address_refused', until: null, settledAt: now, address: null },
      }),
    });
    expect(asked(kit)).toEqual([
      ['address_refused', SECOND / DAY],
      [null, 1],
      ['address_refused', 2],
    ]);
  });

  test('results without an address: staff are called within the hour, the sample’s failure at once, progress never', () => {
    const nobody = live([results(0)], { until: START + 2 * DAY });
    expect(asked(nobody)).toEqual([['no_contact', 1 / 24]]);
    expect(worries(nobody)).toEqual([['no_contact', 'results.available', true]]);
    make = createFacts();
    const failed = live([make.fact('kit.failed', 0)], { until: START + 2 * DAY });
    expect(asked(failed)).toEqual([['no_contact', 0]]);
    make = createFacts();
    const only = [make.fact('order.created', 0, { person: recipient('buyer') }), make.fact('kit.failed', 0)];
    expect(asked(live(only, { until: START + 2 * DAY }))).toEqual([['not_the_patient', 0]]);
    make = createFacts();
    expect(asked(live([make.fact('kit.processing_started', 0)], { until: START + 0.9 * DAY }))).toEqual([]);
  });

  test('a cancelled kit without an address is a concern only where the sample may have been posted', () => {
    const nobody = patient('jane', null);
    const cancel = () => make.fact('kit.cancelled', 1);
    const early = (...facts: readonly Fact[]) => asked(live(facts, { until: START + 3 * DAY }));
    expect(early(cancel())).toEqual([]);
    make = createFacts();
    expect(early(make.fact('kit.registered', 0, { person: nobody }), cancel())).toEqual([['no_contact', 1]]);
    make = createFacts();
    const atLab = [make.fact('kit.received_lab', 0, { person: nobody }), cancel()];
    expect(worries(live(atLab, { until: START + 3 * DAY }))).toContainEqual(['no_contact', 'kit.cancelled', true]);
  });

  test('what is held for review is for the desk from half the hold on, and no concern once it is released', () => {
    const settings = { ...WITHOUT_CLOCKS, resultsRelease: 'reviewed' } as const;
    const held = live([results(0, { person: patient('jane') })], { settings, until: START + 2 * DAY });
    expect(asked(held)).toEqual([['held_for_review', 1.5]]);
    expect(worries(held)).toEqual([['held_for_review', 'results.available', false]]);
  });
});

describe('the first email of a patient, which comes to nothing', () => {
  test.each([
    'address_refused',
    'server_refused',
    'retries_exhausted',
    'bounced_permanent',
    'bounced_temporary',
    'address_suppressed',
  ] as const)('%s: staff are called while there is time, because results won’t arrive either', (reason) => {
    const kit = live([registered()], { send: coming(() => ['failed', reason]) });
    expect(nextOf(kit).escalations.map(({ alerts }) => alerts)).toEqual([true]);
  });

  test.each(['no_answer', 'complained'] as const)('%s: doesn’t say so', (reason) => {
    const kit = live([registered()], { send: coming(() => ['failed', reason]) });
    expect(nextOf(kit).escalations.map(({ alerts }) => alerts)).toEqual([false]);
  });
});

describe('nobody is asked, now or later,', () => {
  /** Also what would need attention in time. */
  const everything = (facts: readonly Fact[], more: Partial<World> = {}) => {
    const until = START + 2 * DAY;
    const story = storyOf(live(facts, { until, ...more }).known, until);
    return escalations(candidates(story), story);
  };

  test('about what was told, overtaken, waits for the night, or for an address of no great weight', () => {
    expect(everything([registered(), make.fact('kit.received_lab', 1)])).toEqual([]);
    make = createFacts();
    expect(everything([registered(), results(0)])).toEqual([]);
    make = createFacts();
    const night: World['send'] = (_, now) => ({
      after: SECOND,
      outcome: { status: 'deferred', reason: 'quiet_hours', until: START + 3 * DAY, settledAt: now, address: null },
    });
    expect(everything([registered()], { send: night })).toEqual([]);
    make = createFacts();
    expect(everything([make.fact('kit.registered', 1.5, { person: patient('jane', null) })])).toEqual([]);
  });

  test('about an order’s first email, or progress for who wants no email', () => {
    const order = [make.fact('order.confirmed', 0, { order: 'A', person: recipient('buyer') })];
    const send = coming(() => ['failed', 'address_refused']);
    expect(everything(order, { subject: 'order:A', send })).toEqual([]);
    make = createFacts();
    expect(everything([registered()], { send: coming(() => ['not_sent', 'opted_out']) })).toEqual([]);
    make = createFacts();
    expect(everything([registered()], { send: coming(() => ['not_sent', 'switched_off']) })).toEqual([]);
  });

  test('once an operator has seen to it', () => {
    expect(
      everything([make.fact('kit.received_lab', 0), make.fact('results.reviewed', 0.1), registered(0.2)]).map(
        ({ code }) => code,
      ),
    ).toEqual(['review_without_results']);
    make = createFacts();
    expect(everything([make.fact('kit.received_lab', 1.5), acknowledge(1.6)])).toEqual([]);
    make = createFacts();
    const both = [make.fact('results.reviewed', 0, { person: patient('jane') }), acknowledge(1)];
    expect(everything(both)).toEqual([]);
    make = createFacts();
    const review = [make.fact('kit.received_lab', 1.8), make.fact('results.reviewed', 1.9), acknowledge(1.95)];
    expect(everything(review)).toEqual([]);
  });
});

test('an email that arrived counts as much as one that was sent, for the concern about an earlier one', () => {
  const send = coming(({ kind }) => (kind === 'kit.registered' ? ['failed', 'server_refused'] : ['delivered', null]));
  const kit = live([registered(), make.fact('kit.received_lab', 2)], { send });
  expect(nextOf(kit).escalations).toEqual([]);
});

test('results of a kit that was cancelled at the lab are one concern, not two', () => {
  const kit = live([registered(), make.fact('kit.received_lab', 1), make.fact('kit.cancelled', 2), results(3)]);
  expect(worries(kit)).toEqual([['results_after_end', undefined, true]]);
});

test('an operator who has spoken before the second order came has not seen it', () => {
  const parcel = (days: number, order: string) => make.fact('order.shipped', days, { order, barcodes: ['1'] });
  expect(asked(live([parcel(0, 'A'), acknowledge(1), parcel(2, 'B')]))).toEqual([['two_orders', 2]]);
  make = createFacts();
  expect(asked(live([parcel(0, 'A'), parcel(1, 'B'), parcel(2, 'A'), acknowledge(3)]))).toEqual([
    ['two_orders', 1],
    [null, 3],
  ]);
});

test('two patients call staff at once', () => {
  const kit = live([registered(), make.fact('kit.registered', 1, { person: patient('john') })]);
  expect(worries(kit)).toEqual([['contact_conflict', undefined, true]]);
  expect(asked(kit)).toEqual([['contact_conflict', 1]]);
});

test('the gravest comes first: two patients, then results, then contradictions, then other emails, then the lab', () => {
  const refused = coming(() => ['failed', 'address_refused']);
  const facts = [
    registered(),
    make.fact('kit.cancelled', 1),
    results(2),
    make.fact('kit.registered', 3, { person: patient('john') }),
  ];
  expect(worries(live(facts, { send: refused })).map(([code, kind]) => [code, kind])).toEqual([
    ['contact_conflict', undefined],
    ['address_refused', 'results.available'],
    ['results_after_end', undefined],
    ['address_refused', 'kit.registered'],
    ['address_refused', 'kit.cancelled'],
  ]);
  make = createFacts();
  const erased = live([
    ...[registered(), make.fact('kit.registered', 1, { person: patient('john') })],
    make.command('operator.erase', 2),
  ]);
  expect(asked(erased)).toEqual([
    ['contact_conflict', 1],
    [null, 2],
  ]);
});

describe('life after a failure', () => {
  const failed = (days: number) => make.fact('kit.failed', days);
  const work = (days: number, more = {}) => make.fact('kit.processing_started', days, more);

  test.each<[string, () => Fact[], unknown[]]>([
    [
      'work begun later is for the desk',
      () => [registered(), failed(1), work(2)],
      [['life_after_failure', undefined, false]],
    ],
    ['work begun before is not', () => [registered(), work(1), failed(2)], []],
    ['work begun in the same moment is not', () => [registered(), failed(1), work(1)], []],
    ['work begun before, heard of later, is not', () => [registered(), failed(2), work(1, { late: 3 * DAY })], []],
    ['a failure told again after it ends the concern', () => [registered(), failed(1), work(2), failed(3)], []],
    [
      'work that an answer gives no time is not',
      () => [
        registered(),
        failed(1),
        make.fact('partner.answered', 2, { learned: [{ event: 'kit.received_lab', at: START + 2 * DAY }] }),
      ],
      [],
    ],
    [
      'results are another concern',
      () => [registered(), failed(1), work(2), results(3)],
      [['results_after_end', undefined, true]],
    ],
    [
      'acknowledged, until more comes of it',
      () => [registered(), failed(1), work(2), make.command('operator.acknowledge', 3)],
      [],
    ],
    [
      'and then again',
      () => [
        registered(),
        failed(1),
        work(2),
        make.command('operator.acknowledge', 3),
        make.fact('kit.processing_completed', 4),
      ],
      [['life_after_failure', undefined, false]],
    ],
  ])('%s', (_, facts, expected) => {
    expect(worries(live(facts()))).toEqual(expected);
  });
});

test('that a kit with results failed, too, is news to who has acknowledged its cancellation', () => {
  const seen = (days: number) => make.command('operator.acknowledge', days);
  const kit = [registered(), make.fact('kit.cancelled', 1), results(2), seen(3)];
  expect(worries(live([...kit, make.fact('kit.cancelled', 4)]))).toEqual([]);
  expect(worries(live([...kit, make.fact('kit.failed', 5)]))).toEqual([['results_after_end', undefined, true]]);
});
