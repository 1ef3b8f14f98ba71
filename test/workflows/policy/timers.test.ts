import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Fact, PolicySettings } from '../../../src/domain/facts.js';
import { type Played, type World } from '../../../workflows/core/simulate.js';
import {
  createFacts,
  DAY,
  HOUR,
  patient,
  PROMPT_KIT,
  recipient,
  SECOND,
  SETTINGS,
  START,
  told,
} from '../../support/facts.js';
import { ALONE, livesUnder } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});
const live = livesUnder(ALONE, 100);
const when = ({ sent }: Played, kind: string): number[] =>
  sent.filter(({ input }) => input.kind === kind).map(({ at }) => (at - SECOND - START) / DAY);
const parcel = (days: number, more = {}) =>
  make.fact('order.shipped', days, { order: 'C4H-1', barcodes: ['1'], ...more });
const buyer = () => make.fact('order.created', 0, { order: 'C4H-1', person: recipient('buyer') });
const registered = (days: number, more = {}) => make.fact('kit.registered', days, { person: patient('jane'), ...more });

describe('due times', () => {
  test('reminder.register: seven days after the shipment or its delivery, then a fortnight more', () => {
    expect(when(live([buyer(), parcel(0)]), 'reminder.register')).toEqual([7, expect.closeTo(21, 3)]);
    make = createFacts();
    expect(when(live([buyer(), parcel(0, { delivery: START + 3 * DAY })]), 'reminder.register')[0]).toBe(10);
  });

  test('a due time that had passed when the fact arrived counts from its arrival', () => {
    expect(when(live([buyer(), parcel(0, { late: 8 * DAY })]), 'reminder.register')[0]).toBe(15);
  });

  test('reminder.return: five days after the later of registration and the last email', () => {
    expect(when(live([registered(0)]), 'reminder.return')).toEqual([expect.closeTo(5, 3)]);
  });

  test('notice.delay: a week after the last email, or a day after the lab’s own estimate', () => {
    const lab = (more = {}) => make.fact('kit.received_lab', 1, more);
    expect(when(live([registered(0), lab()]), 'notice.delay')).toEqual([expect.closeTo(8, 3)]);
    make = createFacts();
    expect(when(live([registered(0), lab({ completion: START + 4 * DAY })]), 'notice.delay')).toEqual([5]);
  });

  test('held results don’t stop a delay notice', () => {
    const settings: PolicySettings = { ...ALONE, resultsRelease: 'reviewed', resultsMaxHold: 30 * DAY };
    const kit = live([registered(0), make.fact('kit.received_lab', 1), make.fact('results.available', 2)], {
      settings,
    });
    expect(when(kit, 'notice.delay')).toEqual([expect.closeTo(8, 3)]);
  });

  test('no notice of delay after results of which nobody knows whether they arrived', () => {
    const kit = live([registered(0), make.fact('kit.received_lab', 1), make.fact('results.available', 2)], {
      send: ({ kind }, now) => ({
        after: SECOND,
        outcome: {
          status: kind === 'results.available' ? 'unknown' : 'sent',
          reason: null,
          until: null,
          settledAt: now,
          address: 'a',
        },
      }),
    });
    expect(when(kit, 'notice.delay')).toEqual([]);
  });

  test('a date that can’t be meant is none: a delivery before the shipment, a completion a year ahead', () => {
    for (const delivery of [START - DAY, START + 365 * DAY]) {
      make = createFacts();
      expect(when(live([buyer(), parcel(0, { delivery })]), 'reminder.register')[0]).toBe(7);
    }
    for (const completion of [START - DAY, START + 365 * DAY]) {
      make = createFacts();
      const kit = live([registered(0), make.fact('kit.received_lab', 1, { completion })]);
      expect(when(kit, 'notice.delay')).toEqual([expect.closeTo(8, 3)]);
    }
  });

  test('a clock whose setting is empty never rings', () => {
    const settings: PolicySettings = {
      ...ALONE,
      registerReminderAfter: null,
      returnReminderAfter: null,
      processingDelayAfter: null,
    };
    const kit = live([buyer(), parcel(0), registered(1), make.fact('kit.received_lab', 3)], { settings });
    expect(kit.sent.map(({ input }) => input.kind)).toEqual(['kit.registered', 'kit.received_lab']);
  });

  test('what is deferred for quiet hours has a week from its due time, and the night doesn’t count', () => {
    const quiet =
      (hours: number): NonNullable<World['send']> =>
      (input, now) => ({
        after: SECOND,
        outcome:
          now - START < 7 * DAY + hours * HOUR
            ? {
                status: 'deferred',
                reason: 'quiet_hours',
                until: START + 7 * DAY + hours * HOUR,
                settledAt: now,
                address: null,
              }
            : { status: 'sent', reason: null, until: null, settledAt: now, address: input.subject },
      });
    const kit = live([buyer(), parcel(0)], { send: quiet(11) });
    expect(kit.sent[0]?.input.tooLateAt).toBeCloseTo(START + 14 * DAY + 11 * HOUR, -5);
  });

  test.each([
    ['the night still doesn’t count when the journey has been started again meanwhile', { quiet: 11 * HOUR }, 'sent'],
    ['and what no night has held back is as late as it is', {}, 'too_late'],
  ])('%s', (_, remembered, became) => {
    const nightEnds = START + 3 * DAY + 2 * HOUR;
    const kit = live([], {
      from: START + 2.9 * DAY,
      until: START + 4 * DAY,
      prior: {
        facts: [registered(-1), make.fact('kit.received_lab', 0)],
        notifications: [
          { subject: 'kit:1', kind: 'kit.registered', occurrence: 1, status: 'sent', reason: null, at: START - DAY },
          {
            subject: 'kit:1',
            kind: 'kit.received_lab',
            occurrence: 1,
            status: 'deferred',
            reason: 'quiet_hours',
            at: START + 2.8 * DAY,
            until: nightEnds,
            ...remembered,
          },
        ],
      },
    });
    expect(kit.sent.map(({ at }) => at)).toEqual(became === 'sent' ? [nightEnds + SECOND] : []);
    expect(kit.known.notifications.find(({ kind }) => kind === 'kit.received_lab')).toMatchObject(
      became === 'sent' ? { status: 'sent' } : { status: 'not_sent', reason: became },
    );
  });
});

describe('the reminders of a kit that two orders name', () => {
  const keys = ({ known }: Played) =>
    known.notifications
      .filter(({ kind }) => kind === 'reminder.register')
      .map(({ subject, occurrence, status, reason }) => [subject, occurrence, reason ?? status]);
  const other = (days: number) => make.fact('order.shipped', days, { order: 'C4H-2', barcodes: ['1', '2'] });
  const buyers = () => [buyer(), make.fact('order.created', 0, { order: 'C4H-2', person: recipient('other') })];

  test('are numbered by the order that names it last, which may remind twice of its own', () => {
    const kit = live([...buyers(), parcel(0), other(10)]);
    expect(keys(kit)).toEqual([
      ['order:C4H-1', 1, 'sent'],
      ['order:C4H-2', 1, 'sent'],
      ['order:C4H-2', 2, 'sent'],
    ]);
    expect(when(kit, 'reminder.register')).toEqual([7, expect.closeTo(17, 3), expect.closeTo(31, 3)]);
  });

  test('go on by their own numbers in a run that is told what all parcels of its order were told', () => {
    const facts = [buyer(), parcel(0, { barcodes: ['2'] }), parcel(3)];
    const told = (occurrence: number) => ({
      kind: 'reminder.register' as const,
      subject: 'order:C4H-1',
      occurrence,
      status: 'sent' as const,
      reason: null,
      cause: 'timer:reminder.register',
      at: START + (occurrence === 1 ? 7 : 21) * DAY,
    });
    const prior = { facts, notifications: [told(1), told(2)] };
    const kit = live([], { prior, from: START + 9 * DAY });
    expect(keys(kit).slice(2)).toEqual([
      ['order:C4H-1', 4, 'sent'],
      ['order:C4H-1', 5, 'sent'],
    ]);
  });
});

describe('asking the partner', () => {
  const asks = ({ questions }: Played) =>
    questions.map(({ at, why }) => [why, Math.round(((at - START) / DAY) * 100) / 100]);

  test('before any reminder, which goes when there is no answer in a day', () => {
    const kit = live([buyer(), parcel(0)], {
      subject: PROMPT_KIT,
      settings: SETTINGS,
      until: START + 10 * DAY,
      answer: () => ({ outcome: 'failed', after: 24 * HOUR }),
    });
    expect(asks(kit)).toEqual([['before_reminder', 7]]);
    expect(when(kit, 'reminder.register')).toEqual([expect.closeTo(8, 5)]);
  });

  test('in silence after a day, then at doubling intervals up to a week, until results', () => {
    const settings = { ...SETTINGS, processingDelayAfter: null };
    const kit = live([registered(0), make.fact('kit.received_lab', 1), make.fact('results.available', 25)], {
      subject: PROMPT_KIT,
      settings,
    });
    expect(asks(kit)).toEqual([
      ['silence', 2],
      ['silence', 4],
      ['silence', 8],
      ['silence', 15],
      ['silence', 22],
    ]);
  });

  test('not for a patient who is to be forgotten', () => {
    const kit = live([make.fact('kit.received_lab', 1), make.command('operator.erase', 1.1)], { settings: SETTINGS });
    expect(kit.questions.filter(({ at }) => at > START + 1.1 * DAY)).toEqual([]);
  });

  test('once for a missing contact; an answer that brings one lets the email go', () => {
    const kit = live([make.fact('results.available', 0)], {
      settings: SETTINGS,
      answer: (_, now) => ({
        outcome: 'answered',
        after: SECOND,
        facts: [
          {
            ...make.fact('partner.answered', 0, { cause: 'reconciled:1', person: patient('jane') }),
            receivedAt: now + SECOND,
          },
        ],
      }),
    });
    expect(asks(kit)).toEqual([['no_contact', 0]]);
    expect(kit.sent.map(({ input }) => [input.kind, input.firstWord])).toEqual([['results.available', true]]);
    expect(kit.attention).toEqual([]);
  });
});

describe('the end', () => {
  test('a registered kit waits for its sample for half a year of silence; an empty KIT_LINGER never ends a kit', () => {
    expect(live([registered(0)], { until: START + 900 * DAY }).endedAt).toBe(START + 180 * DAY);
    make = createFacts();
    const posted = [registered(0), make.fact('kit.posted', 30)];
    expect(live(posted, { until: START + 900 * DAY }).endedAt).toBe(START + 210 * DAY);
    make = createFacts();
    expect(live([registered(0), make.fact('kit.received_lab', 3)], { until: START + 900 * DAY }).endedAt).toBeNull();
    const settings = { ...ALONE, kitLinger: null };
    expect(live([make.fact('results.available', 0, { person: patient('jane') })], { settings }).endedAt).toBeNull();
  });

  test('of half a year of silence stands in the story of the last email, once', () => {
    const kit = live([registered(0)], { until: START + 900 * DAY, settings: SETTINGS });
    expect(kit.endedAt).toBe(START + 180 * DAY);
    expect(kit.decisions.filter(({ cause }) => cause === 'timer:silence')).toEqual([
      expect.objectContaining({ kind: 'reminder.return', rule: expect.stringContaining('the journey ends') }),
    ]);
  });

  test('a fact in its last fortnight prolongs it', () => {
    const kit = live([registered(0), make.fact('results.available', 1), make.fact('results.reviewed', 10)]);
    expect(kit.endedAt).toBeGreaterThanOrEqual(START + 24 * DAY);
  });
});

describe('which parcel and which email a clock counts from', () => {
  const reminders = (facts: readonly Fact[], more: Partial<World> = {}) =>
    when(live(facts, { until: START + 60 * DAY, ...more }), 'reminder.register').map(
      (day) => Math.round(day * 100) / 100,
    );

  test('a kit’s own parcel, and not that of another kit of the order', () => {
    expect(reminders([buyer(), parcel(0, { barcodes: ['2'] }), parcel(3)])).toEqual([10, 24]);
    make = createFacts();
    expect(reminders([buyer(), parcel(0, { barcodes: ['2'] }), parcel(3, { barcodes: ['1', '2'] })])).toEqual([10, 24]);
  });

  test('any parcel of the order, where none names the kit, and one that names no kit at all', () => {
    expect(reminders([buyer(), parcel(2, { barcodes: ['2'] })])).toEqual([9, 23]);
    make = createFacts();
    const unnamed = make.fact('order.shipped', 1, { order: 'C4H-1' });
    expect(reminders([buyer(), unnamed, parcel(3)])).toEqual([8, 22]);
  });

  test('each shipment has reminders of its own: what another kit of the order used up is not missing', () => {
    const numbers = (facts: readonly Fact[], more: Partial<World> = {}) =>
      live(facts, { until: START + 60 * DAY, ...more }).sent.map(({ input }) => [input.kind, input.occurrence]);
    const [first, second] = [parcel(0, { barcodes: ['2', '3'] }), parcel(3)];
    const own = [4, 5].map((occurrence) => ['reminder.register', occurrence]);
    expect(numbers([buyer(), first, second])).toEqual(own);
    // What was told of a shipment, and its number, stay with it, whatever its own time says.
    const late = parcel(-1, { barcodes: ['4'], late: 4 * DAY });
    expect(numbers([buyer(), first, second, late])).toEqual(own);
    // The first parcel told again is no shipment, nor is one of its kits alone.
    make = createFacts();
    const again = [buyer(), parcel(0, { barcodes: ['2', '3'] }), parcel(1, { barcodes: ['3', '2'] }), parcel(3)];
    expect(numbers(again)).toEqual(own);
    make = createFacts();
    // One that holds a kit of the first beside another is a shipment.
    expect(numbers([buyer(), parcel(0, { barcodes: ['2'] }), parcel(3, { barcodes: ['2', '1'] })])).toEqual(own);
    make = createFacts();
    const unregistered = [buyer(), parcel(0, { barcodes: ['2'] }), parcel(3), make.fact('kit.received_lab', 30)];
    expect(numbers(unregistered)).toEqual([4, 5, 6].map((occurrence) => ['reminder.register', occurrence]));
  });

  test('what another shipment’s recipient was reminded of, before a restart, is neither its first nor its second', () => {
    const remindedOf = (barcode: string, occurrence: number) => {
      make = createFacts(`kit:${barcode}`);
      const prior = {
        facts: [buyer(), parcel(0, { barcodes: ['1'] }), parcel(1, { barcodes: ['2'] })],
        notifications: [told('reminder.register', 2, { subject: 'order:C4H-1', occurrence })],
      };
      const kit = live([], { subject: `kit:${barcode}`, prior, from: START + 3 * DAY, until: START + 60 * DAY });
      return kit.sent.map(({ at, input }) => [input.occurrence, Math.round((at - START) / DAY)]);
    };
    expect(remindedOf('1', 4)).toEqual([
      [1, 9],
      [2, 23],
    ]);
    expect(remindedOf('2', 1)).toEqual([
      [4, 9],
      [5, 23],
    ]);
    expect(remindedOf('2', 3)).toEqual([
      [4, 9],
      [5, 23],
    ]);
    // Its own is; the third, of a sample that came unregistered, is the last.
    expect(remindedOf('1', 3)).toEqual([]);
    expect(remindedOf('1', 1)).toEqual([[2, 16]]);
    expect(remindedOf('2', 4)).toEqual([[5, 16]]);
  });

  test('what ended it ends it once: a cancellation, a failure, a parcel in trouble', () => {
    for (const end of ['order.cancelled', 'kit.failed', 'kit.not_delivered'] as const) {
      make = createFacts();
      const kit = live([buyer(), parcel(0), make.fact(end, 2, { order: 'C4H-1' })], { until: START + 60 * DAY });
      const rows = kit.known.notifications.filter(({ kind }) => kind === 'reminder.register');
      expect([end, rows.map(({ reason }) => reason)]).toEqual([end, ['cancelled']]);
    }
  });

  test('nobody is reminded of a kit that no order is known to hold', () => {
    const kit = live([make.fact('kit.received_lab', 0)], { until: START + 5 * DAY });
    expect(kit.known.notifications.map(({ kind }) => kind)).not.toContain('reminder.register');
  });

  test('a kit that was in another order before is reminded of by the numbers of the one it is in', () => {
    const before = { order: 'C4H-0' };
    const facts = [
      make.fact('order.created', 0, { ...before, person: recipient('buyer') }),
      make.fact('order.shipped', 0, { ...before, barcodes: ['1'] }),
      make.fact('order.created', 9, { order: 'C4H-1', person: recipient('buyer') }),
      parcel(10),
    ];
    const kit = live(facts, { until: START + 60 * DAY });
    const reminders = kit.sent.filter(({ input }) => input.kind === 'reminder.register');
    expect(reminders.map(({ input: { subject, occurrence } }) => [subject, occurrence])).toEqual([
      ['order:C4H-0', 1],
      ['order:C4H-1', 1],
      ['order:C4H-1', 2],
    ]);
  });

  test('the delivery that was told last by its own time', () => {
    const facts = [
      buyer(),
      parcel(2, { delivery: START + 6 * DAY }),
      make.fact('kit.shipped', 1, { delivery: START + 4 * DAY }),
    ];
    expect(reminders(facts)[0]).toBe(13);
  });

  test('a parcel that tells no delivery doesn’t make the one before forgotten; of two at once the later counts', () => {
    expect(reminders([buyer(), parcel(0, { delivery: START + 3 * DAY }), parcel(1)])[0]).toBe(10);
    make = createFacts();
    const both = [parcel(0, { delivery: START + 3 * DAY }), parcel(0, { delivery: START + 2 * DAY })];
    expect(reminders([buyer(), ...both].reverse())[0]).toBe(9);
    make = createFacts();
    const later = [parcel(0), make.fact('kit.shipped', 1, { delivery: START + 5 * DAY })];
    expect(reminders([buyer(), ...later])[0]).toBe(12);
  });

  test('a registration is known by its webhook, with or without a patient, or by any webhook that names one', () => {
    const fate = (event: Fact['event'], more = {}) => {
      make = createFacts();
      const kit = live([buyer(), parcel(0), make.fact(event, 1, more)], { until: START + 5 * DAY });
      return kit.known.notifications.find(({ kind }) => kind === 'reminder.register')?.reason;
    };
    expect(fate('kit.registered')).toBe('superseded');
    expect(fate('kit.received_lab', { person: patient('jane') })).toBe('superseded');
    expect(fate('order.confirmed', { person: recipient('other') })).toBeUndefined();
    // Named beside a shipment, or by an operator, nobody has registered anything.
    expect(fate('order.shipped', { barcodes: ['1'], person: patient('jane') })).toBeUndefined();
    expect(fate('operator.correct_contact', { person: patient('jane') })).toBeUndefined();
    const unnamed = live([buyer(), parcel(0), make.fact('kit.processing_completed', 1)], { until: START + 5 * DAY });
    expect(unnamed.attention.map(({ code }) => code)).toEqual(['unregistered_at_lab']);
  });

  test('without an order or where nobody is to be reminded, there is none', () => {
    expect(reminders([make.fact('kit.shipped', 0)])).toEqual([]);
    make = createFacts();
    expect(reminders([buyer(), parcel(0)], { settings: { ...ALONE, registerReminderAfter: null } })).toEqual([]);
    make = createFacts();
    expect(reminders([buyer()])).toEqual([]);
  });

  test('the second reminder only follows a first one that went out', () => {
    const refused: World['send'] = (_, now) => ({
      after: SECOND,
      outcome: { status: 'failed', reason: 'address_refused', until: null, settledAt: now, address: null },
    });
    const kit = live([buyer(), parcel(0)], { send: refused, until: START + 60 * DAY });
    expect(kit.known.notifications.map(({ kind, occurrence }) => [kind, occurrence])).toEqual([
      ['reminder.register', 1],
    ]);
  });

  test('a sample without an owner: reminded a day after its arrival, unless that was done since, also where both had gone', () => {
    const atLab = (days: number, more = {}) => make.fact('kit.received_lab', days, more);
    expect(reminders([buyer(), parcel(0), atLab(3, { late: DAY })])).toEqual([5]);
    make = createFacts();
    expect(reminders([buyer(), parcel(0), atLab(9)])).toEqual([7, 10]);
    make = createFacts();
    expect(reminders([buyer(), parcel(0), atLab(25)])).toEqual([7, 21, 26]);
    make = createFacts();
    expect(
      reminders([make.fact('order.created', 0, { order: 'C4H-1', person: recipient('buyer') }), atLab(2)]),
    ).toEqual([3]);
  });

  test('reminder.return: from the delivery where that is later than the registration', () => {
    const facts = [parcel(0, { delivery: START + 4 * DAY }), registered(1)];
    expect(when(live(facts), 'reminder.return')).toEqual([9]);
    make = createFacts();
    const moved = [
      parcel(0, { delivery: START + 4 * DAY }),
      make.fact('kit.shipped', 0.5, { delivery: START + 3 * DAY }),
      registered(1),
    ];
    expect(when(live(moved), 'reminder.return')).toEqual([8]);
  });

  test('notice.delay: from the first word that the sample is at the lab, by the newest estimate', () => {
    const started = make.fact('kit.processing_started', 2);
    expect(when(live([registered(0), started]), 'notice.delay')).toEqual([expect.closeTo(9, 3)]);
    make = createFacts();
    const estimates = [
      registered(0),
      make.fact('kit.received_lab', 1, { completion: START + 9 * DAY }),
      make.fact('kit.processing_started', 2, { completion: START + 5 * DAY }),
    ];
    expect(when(live(estimates), 'notice.delay')).toEqual([6]);
    make = createFacts();
    const passed = [registered(0), make.fact('kit.received_lab', 1, { completion: START + 1.5 * DAY, late: 2 * DAY })];
    expect(when(live(passed), 'notice.delay')).toEqual([expect.closeTo(4, 3)]);
    // Before the arrival, or years away: a slip, and no estimate.
    for (const completion of [START + 0.5 * DAY, START + 92 * DAY]) {
      make = createFacts();
      const slip = [registered(0), make.fact('kit.received_lab', 1, { completion })];
      expect(when(live(slip), 'notice.delay')).toEqual([expect.closeTo(8, 3)]);
    }
  });

  test('a reminder that wasn’t sent for want of an address, and what was settled, keep the time they fell due', () => {
    const kit = live([registered(0)], { until: START + 20 * DAY });
    expect(kit.known.notifications.find(({ kind }) => kind === 'reminder.return')?.due).toBe(START + 5 * DAY + SECOND);
    make = createFacts();
    const delayed = live([registered(0), make.fact('kit.received_lab', 1)], { until: START + 20 * DAY });
    expect(delayed.known.notifications.find(({ kind }) => kind === 'notice.delay')?.due).toBe(START + 8 * DAY + SECOND);
    make = createFacts();
    const nobody = live([make.fact('kit.registered', 0, { person: patient('jane', null) })], {
      until: START + 20 * DAY,
    });
    expect(nobody.known.notifications.find(({ kind }) => kind === 'reminder.return')).toMatchObject({
      status: 'not_sent',
      reason: 'no_contact',
      due: START + 5 * DAY,
    });
  });

  test.each([
    ['kit.cancelled', 'cancelled'],
    ['order.cancelled', 'cancelled'],
    ['kit.failed', 'cancelled'],
    ['kit.received_lab', 'superseded'],
    ['results.available', 'superseded'],
    ['operator.erase', 'erased'],
  ] as const)('%s stops reminder.return before it is due, as %s', (event, reason) => {
    const kit = live([registered(0), make.fact(event, 2)], { until: START + 2 * DAY + HOUR });
    expect(kit.known.notifications.find(({ kind }) => kind === 'reminder.return')).toMatchObject({
      status: 'not_sent',
      reason,
    });
  });

  test('a reminder that is switched off says so when it falls due, and too late after a week', () => {
    const off: PolicySettings = { ...ALONE, switchedOff: ['reminder.return'] };
    expect(live([registered(0)], { settings: off, until: START + 4 * DAY }).known.notifications).toHaveLength(1);
    make = createFacts();
    const due = live([registered(0)], { settings: off, until: START + 6 * DAY });
    expect(due.decisions.at(-1)).toMatchObject({ reason: 'switched_off', rule: 'reminder.return: NOTIFY_ON' });
    make = createFacts();
    const asleep = { facts: [registered(0)], notifications: [] };
    const late = (days: number) => live([], { prior: asleep, from: START + days * DAY, until: START + days * DAY });
    expect(late(11.9).decisions.find(({ kind }) => kind === 'reminder.return')).toMatchObject({ verdict: 'send' });
    expect(late(12).decisions.find(({ kind }) => kind === 'reminder.return')).toMatchObject({
      reason: 'too_late',
      rule: 'reminder.return: too late after 7d',
    });
  });

  test('each decision about a clock names the clock and its setting', () => {
    const rules = (facts: readonly Fact[], settings = ALONE) =>
      live(facts, { settings, until: START + 15 * DAY })
        .decisions.filter(({ verdict, kind }) => verdict === 'send' && /^(reminder|notice)/.test(kind))
        .map(({ cause, rule }) => [cause, rule]);
    expect(rules([registered(0)])).toEqual([['timer:reminder.return', 'reminder.return: RETURN_REMINDER_AFTER=5d']]);
    make = createFacts();
    expect(rules([buyer(), parcel(0)])).toEqual([
      ['timer:reminder.register', 'reminder.register: REGISTER_REMINDER_AFTER=7d'],
    ]);
    make = createFacts();
    expect(
      rules([registered(0), make.fact('kit.received_lab', 1)], { ...ALONE, processingDelayAfter: 36 * HOUR }),
    ).toEqual([['timer:notice.delay', 'notice.delay: PROCESSING_DELAY_AFTER=36h']]);
  });
});
