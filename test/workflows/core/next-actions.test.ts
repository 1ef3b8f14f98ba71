import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Fact, Failure, PolicySettings } from '../../../src/domain/facts.js';
import { type World } from '../../../workflows/core/simulate.js';
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
} from '../../support/facts.js';
import { ALONE, livesUnder } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const live = livesUnder(ALONE, 400);
const inDays = (ms: number | undefined) => (ms === undefined ? undefined : Math.round((ms - START) / HOUR) / 24);
/** What comes next: as an email, and as whatever else wakes the journey. */
const next = (
  facts: readonly Fact[],
  days: number,
  settings: Partial<PolicySettings> = {},
  more: Partial<World> = {},
) => {
  const { projection, alarm } = live(facts, {
    until: START + days * DAY,
    settings: { ...ALONE, ...settings },
    ...more,
  });
  return {
    email: projection.next === null ? null : [projection.next.what, inDays(projection.next.at)],
    alarm: alarm === null ? null : [alarm.what, inDays(alarm.at)],
  };
};
const registered = (days = 0, more = {}) => make.fact('kit.registered', days, { person: patient('jane'), ...more });
const atLab = (days: number) => make.fact('kit.received_lab', days);
const results = (days: number) => make.fact('results.available', days, { person: patient('jane') });
const parcel = (days: number) => make.fact('order.shipped', days, { order: 'A', barcodes: ['1'] });

describe('what comes next', () => {
  test('the clock that rings first', () => {
    expect(next([registered()], 1)).toEqual({ email: ['reminder.return', 5], alarm: ['reminder.return', 5] });
    make = createFacts();
    expect(next([registered(), atLab(1)], 2)).toEqual({ email: ['notice.delay', 8], alarm: ['notice.delay', 8] });
    make = createFacts();
    const two = [parcel(0), make.fact('order.created', 0, { order: 'A', person: recipient('buyer') })];
    expect(next(two, 8)).toMatchObject({ email: ['reminder.register', 21] });
  });

  test('an email that waits for an address, until it is given up; for results, until they are too late', () => {
    const nobody = { person: patient('jane', null) };
    const settings = { returnReminderAfter: null };
    expect(next([registered(0, nobody)], 0.5, settings).email).toEqual(['kit.registered', 1]);
    make = createFacts();
    expect(next([make.fact('results.available', 0)], 0.5)).toEqual({
      email: ['results.available', 30],
      alarm: ['results.available', 30],
    });
    make = createFacts();
    expect(next([make.fact('results.available', 0)], 0.5, { tooLate: false })).toEqual({ email: null, alarm: null });
  });

  test('results that are held, until the hold ends; a human is asked at half of it', () => {
    expect(next([results(0)], 1, { resultsRelease: 'reviewed' })).toEqual({
      email: ['results.available', 3],
      alarm: ['needs attention: held_for_review', 1.5],
    });
    make = createFacts();
    expect(next([results(0)], 2, { resultsRelease: 'reviewed' }).alarm).toEqual(['results.available', 3]);
    make = createFacts();
    expect(next([results(0)], 2, { resultsRelease: 'reviewed', resultsMaxHold: 60 * DAY })).toEqual({
      email: ['results.available', 30],
      alarm: ['results.available', 30],
    });
  });

  test('results that are too late wait for a human and no clock', () => {
    const late = make.fact('results.available', 0, { person: patient('jane'), late: 31 * DAY });
    expect(next([late], 40)).toEqual({ email: null, alarm: null });
  });

  test('a night, until it ends', () => {
    const send: World['send'] = (_, now) => ({
      after: SECOND,
      outcome: { status: 'deferred', reason: 'quiet_hours', until: START + DAY / 2, settledAt: now, address: null },
    });
    const settings = { ...ALONE, returnReminderAfter: null };
    const { projection } = live([registered()], { until: START + DAY / 4, settings, send });
    expect(projection.next).toEqual({ what: 'kit.registered', at: START + DAY / 2 });
  });

  test('the end of a question, however long it waits for room, before a reminder goes without its answer', () => {
    const partner = { partner: true, silenceAfter: null };
    const slow: Partial<World> = {
      subject: PROMPT_KIT,
      answer: () => ({ outcome: 'unchanged', after: 3 * DAY }),
    };
    const meanwhile = make.fact('order.confirmed', 5.4);
    expect(next([registered(), meanwhile], 5.5, partner, slow)).toEqual({
      email: ['reminder.return', 11],
      alarm: ['reminder.return', 11],
    });
  });

  test('a question about silence, a sample without an owner, and the end are no emails, but wake the journey too', () => {
    const silent = { partner: true, processingDelayAfter: null };
    expect(next([registered(), atLab(1)], 1.5, silent, { subject: PROMPT_KIT })).toEqual({
      email: null,
      alarm: ['the partner is asked', 2],
    });
    make = createFacts();
    const clockless = { processingDelayAfter: null, registerReminderAfter: null };
    expect(next([atLab(1)], 1.5, { ...clockless, switchedOff: ['kit.received_lab'] }).alarm).toEqual([
      'needs attention: unregistered_at_lab',
      2,
    ]);
    make = createFacts();
    expect(next([results(0)], 1)).toEqual({ email: null, alarm: ['the journey ends', 14] });
  });
});

describe('what needs a person', () => {
  const attention = (facts: readonly Fact[]) => live(facts, { until: START + 3 * DAY }).projection.attention;

  test('is told with the email that it is about, if it is about one, and since when', () => {
    expect(attention([registered(), make.fact('kit.cancelled', 1), results(2)])).toStrictEqual([
      { code: 'results_after_end', since: START + 2 * DAY },
    ]);
    make = createFacts();
    expect(attention([make.fact('results.available', 0)])).toStrictEqual([
      { code: 'no_contact', kind: 'results.available', since: START + HOUR },
    ]);
  });

  test('is told all of it, the gravest first, each thing once since the first time', () => {
    const shipment = (day: number, barcode: string) =>
      make.fact('order.shipped', day, { order: 'C4H-1', barcodes: [barcode] });
    const order = live([shipment(0, 'A'), shipment(1, 'B')], { subject: 'order:C4H-1', until: START + 3 * DAY });
    expect(order.projection.attention.filter(({ code }) => code === 'no_contact').length).toBeLessThanOrEqual(1);
    make = createFacts();
    const all = attention([
      make.fact('results.reviewed', 0, { order: 'C4H-1' }),
      make.fact('kit.cancelled', 1, { order: 'C4H-2' }),
    ]);
    expect(all).toStrictEqual([
      { code: 'no_contact', kind: 'results.reviewed', since: START + HOUR },
      { code: 'results_after_end', since: START + DAY },
      { code: 'review_without_results', since: START },
      { code: 'two_orders', since: START + DAY },
    ]);
    expect(attention([])).toEqual([]);
  });
});

test('why a sample gave no results is the last that the partner said, once the kit has failed', () => {
  const answer = (day: number, because: Failure) =>
    make.fact('partner.answered', day, { learned: [{ event: 'kit.failed', at: START + day * DAY }], because });
  const because = (...facts: readonly Fact[]) => live(facts, { until: START + 5 * DAY }).projection.because;
  expect(because(registered())).toBeNull();
  expect(because(make.fact('kit.failed', 1))).toBeNull();
  make = createFacts();
  expect(because(registered(), answer(1, 'rejected'), answer(2, 'insufficient'))).toBe('insufficient');
  make = createFacts();
  expect(because(registered(), make.fact('partner.answered', 1, { learned: [], because: 'rejected' }))).toBeNull();
});

describe('when a journey ends', () => {
  const ends = (facts: readonly Fact[], more: Partial<World> = {}) => inDays(live(facts, more).endedAt ?? undefined);

  test.each(['results.available', 'results.reviewed', 'kit.failed', 'kit.cancelled'] as const)(
    'a kit: KIT_LINGER after %s, when nothing waits any more',
    (event) => {
      expect(ends([registered(), make.fact(event, 2)])).toBe(16);
    },
  );

  test('an order: KIT_LINGER after its last event or email, whatever its state', () => {
    const created = make.fact('order.created', 0, { person: recipient('buyer') });
    expect(ends([created], { subject: 'order:A' })).toBe(14);
    make = createFacts();
    expect(ends([created, make.fact('order.confirmed', 0.5), parcel(3)], { subject: 'order:A' })).toBe(17);
  });

  test('a kit that nobody registers: a month after its last reminder, or after the last that was heard of it', () => {
    const created = make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
    expect(ends([created, parcel(0)])).toBe(51);
    make = createFacts();
    const settings = { ...ALONE, registerReminderAfter: null };
    expect(ends([parcel(3)], { settings })).toBe(33);
    make = createFacts();
    expect(ends([make.fact('order.confirmed', 2, { order: 'A' })], { settings })).toBe(32);
  });

  test('not while an email waits or is being sent, a question is open, or the lab has the sample', () => {
    expect(ends([make.fact('results.available', 0)])).toBeUndefined();
    make = createFacts();
    const slow = {
      after: 20 * DAY,
      outcome: { status: 'sent', reason: null, until: null, settledAt: 0, address: null },
    } as const;
    expect(ends([results(0)], { send: () => slow })).toBe(34);
    make = createFacts();
    expect(ends([registered(), atLab(1)])).toBeUndefined();
    make = createFacts();
    const settings = { ...SETTINGS, kitLinger: DAY, silenceAfter: null };
    const asking: Partial<World> = { settings, answer: () => ({ outcome: 'unchanged', after: 9 * DAY }) };
    expect(
      ends(
        [
          make.fact('kit.registered', 0, { person: patient('jane', null) }),
          make.fact('kit.cancelled', 0.5),
          make.command('operator.skip', 1),
        ],
        asking,
      ),
    ).toBe(9);
  });

  test('what comes before the end puts it off, and an empty KIT_LINGER puts it off for ever', () => {
    expect(ends([results(0), make.report('mail.delivered', 10, 'results.available')])).toBe(24);
    make = createFacts();
    expect(ends([results(0)], { settings: { ...ALONE, kitLinger: null } })).toBeUndefined();
    make = createFacts();
    const forgotten = { settings: { ...ALONE, registerReminderAfter: null, kitLinger: null } };
    expect(ends([parcel(3)], forgotten)).toBe(33);
  });

  test('not before a reminder or a delay notice that is still to come', () => {
    const created = make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
    const settings = { ...ALONE, registerReminderAfter: 40 * DAY };
    expect(ends([created, parcel(0)], { settings })).toBe(84);
    make = createFacts();
    const refused: World['send'] = ({ kind }, now) => ({
      after: SECOND,
      outcome: {
        status: kind === 'results.available' ? 'failed' : 'sent',
        reason: kind === 'results.available' ? 'address_refused' : null,
        until: null,
        settledAt: now,
        address: null,
      },
    });
    const soon = { settings: { ...ALONE, kitLinger: DAY }, send: refused };
    expect(ends([registered(), atLab(1), results(2)], soon)).toBe(9);
  });

  test('is not called closed while something is under way, though its time is over', () => {
    const closed = (facts: readonly Fact[], days: number, more: Partial<World>) =>
      live(facts, { until: START + days * DAY, ...more }).projection.closed;
    const sending: Partial<World> = {
      send: (_, now) => ({
        after: 20 * DAY,
        outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null },
      }),
    };
    const late = () => make.fact('partner.answered', 15, { late: 0 });
    const wakes = () => [results(0), { ...late(), at: START, receivedAt: START + 15 * DAY }];
    expect(closed(wakes(), 15.5, { ...sending, settings: { ...ALONE, kitLinger: 0 } })).toBe(false);
    make = createFacts();
    const nobody = [
      make.fact('kit.registered', 0, { person: patient('jane', null) }),
      make.fact('kit.cancelled', 0.5),
      make.command('operator.skip', 1),
    ];
    const asking: Partial<World> = {
      settings: { ...SETTINGS, kitLinger: 0 },
      answer: () => ({ outcome: 'unchanged', after: 9 * DAY }),
    };
    expect(closed(nobody, 2, asking)).toBe(false);
    make = createFacts();
    expect(
      closed([make.fact('order.shipped', 0, { order: 'A' })], 0.5, {
        subject: 'order:A',
        settings: { ...ALONE, kitLinger: 0 },
      }),
    ).toBe(false);
  });

  test('its last view says that it is closed', () => {
    const { projection } = live([results(0)]);
    expect(projection).toStrictEqual({
      state: 'results.available',
      attention: [],
      because: null,
      next: null,
      closed: true,
      at: START + 14 * DAY + SECOND,
    });
    make = createFacts();
    expect(live([results(0)], { until: START + DAY }).projection.closed).toBe(false);
  });
});
