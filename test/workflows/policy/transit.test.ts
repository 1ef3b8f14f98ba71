import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FactEvent } from '../../../src/domain/events.js';
import type { Fact, PolicySettings } from '../../../src/domain/facts.js';
import { begin } from '../../../workflows/core/knowledge.js';
import { deliveredAt, troubleOnTheWayOut } from '../../../workflows/policy/transit.js';
import { simulate, type Played, type World } from '../../../workflows/core/simulate.js';
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
import { storyOf } from '../../support/simulated.js';

const BARCODE = '3802';
let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts(PROMPT_KIT);
});

/** A life in which nothing is asked because of silence, unless the settings say so. */
const live = (facts: readonly Fact[], settings: Partial<PolicySettings> = {}, more: Partial<World> = {}): Played =>
  simulate({
    subject: PROMPT_KIT,
    settings: { ...SETTINGS, silenceAfter: null, ...settings },
    until: START + 60 * DAY,
    facts,
    ...more,
  });
const inDays = (at: number): number => Math.round((at - START) / HOUR) / 24;
const asked = ({ questions }: Played) => questions.map(({ at, why }) => [why, inDays(at)]);
const reminders = ({ sent }: Played, kind = 'reminder.register') =>
  sent.filter(({ input }) => input.kind === kind).map(({ at, input }) => [input.occurrence, inDays(at)]);
const humans = ({ attention }: Played) => attention.map(({ at, code }) => [code, inDays(at)]);
const row = ({ known }: Played, kind: string) => known.notifications.find((one) => one.kind === kind);

const buyer = () => make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
const parcel = (days: number, more = {}) =>
  make.fact('order.shipped', days, { order: 'A', barcodes: [BARCODE], ...more });
const registered = (days: number) => make.fact('kit.registered', days, { person: patient('jane') });
/** The partner's answer, kept on some day: what it says happened, and when. */
const answer = (days: number, ...learned: readonly (readonly [FactEvent, number])[]) =>
  make.fact('partner.answered', days, {
    learned: learned.map(([event, at]) => ({ event, at: START + at * DAY })),
  });
const ALONE = { partner: false };

describe('a delivery that is known', () => {
  test('is what the reminder to register counts from, before or after the day that was planned', () => {
    const planned = () => [buyer(), parcel(0, { delivery: START + 3 * DAY })];
    expect(reminders(live([...planned(), answer(7, ['kit.delivered', 6])], ALONE))).toEqual([
      [1, 13],
      [2, 27],
    ]);
    make = createFacts(PROMPT_KIT);
    expect(reminders(live([...planned(), answer(7, ['kit.delivered', 1])], ALONE))[0]).toEqual([1, 8]);
  });

  test('has not happened later than it was told, and does not move with each answer that tells it anew', () => {
    const facts = [buyer(), parcel(0), answer(2, ['kit.delivered', 40]), answer(5, ['kit.delivered', 5])];
    expect(reminders(live(facts, ALONE))[0]).toEqual([1, 9]);
  });
});

describe('where a parcel is, by what was said of it', () => {
  const storyWith = (...facts: readonly Fact[]) =>
    storyOf(begin(PROMPT_KIT, { facts, notifications: [] }, SETTINGS), START + 30 * DAY);
  const delivered = (...facts: readonly Fact[]) => {
    const at = deliveredAt(storyWith(...facts));
    return at === null ? null : inDays(at);
  };
  const inTrouble = (...facts: readonly Fact[]) => troubleOnTheWayOut(storyWith(...facts))?.seq;
  const held = (days: number, at = days) => answer(days, ['kit.not_delivered', at]);
  const came = (days: number, at = days) => answer(days, ['kit.delivered', at]);

  test('it was delivered when that was said to have been first, in whatever order the answers say so', () => {
    expect(delivered(parcel(0))).toBeNull();
    expect(delivered(parcel(0), came(2), came(5, 1))).toBe(1);
    expect(delivered(parcel(0), came(2, 1), came(5))).toBe(1);
  });

  test('after trouble, a delivery of before it doesn’t count; trouble that comes after it takes none back', () => {
    expect(delivered(parcel(0), came(1), held(3), came(6))).toBe(6);
    expect(delivered(parcel(0), came(6), came(7, 1), held(8, 3))).toBe(6);
    expect(delivered(parcel(0), came(1), held(3))).toBe(1);
    expect(delivered(parcel(0), came(2), held(3, 2))).toBe(2);
  });

  test('it is in trouble where nothing later says that it was delivered, or that another was sent', () => {
    const sent = parcel(0);
    const trouble = held(3);
    expect(inTrouble(sent, trouble)).toBe(trouble.seq);
    expect(inTrouble(sent, trouble, came(3))).toBe(trouble.seq);
    expect(inTrouble(sent, trouble, came(4))).toBeUndefined();
    expect(inTrouble(sent, trouble, came(5, 4), came(6, 2))).toBeUndefined();
    expect(inTrouble(sent, trouble, parcel(5))).toBeUndefined();
    expect(inTrouble(sent, parcel(2), trouble, parcel(4))).toBeUndefined();
    expect(inTrouble(sent, parcel(2), trouble)).toBe(trouble.seq);
  });

  test('the first that said so counts, although another says later that it was earlier', () => {
    const first = held(3);
    expect(inTrouble(parcel(0), first, held(5, 1))).toBe(first.seq);
  });
});

describe('a parcel of which nothing is known', () => {
  const never = { registerReminderAfter: null };

  test('is asked about two days after its delivery was expected, once', () => {
    expect(asked(live([parcel(0, { delivery: START + 3 * DAY })], never))).toEqual([['on_the_way', 5]]);
  });

  test('without a date that can be, after fourteen days; overdue when it is heard of, at once', () => {
    expect(asked(live([parcel(0)], never))).toEqual([['on_the_way', 14]]);
    make = createFacts(PROMPT_KIT);
    expect(asked(live([parcel(0, { delivery: START + 61 * DAY })], never))).toEqual([['on_the_way', 14]]);
    make = createFacts(PROMPT_KIT);
    expect(asked(live([parcel(0, { late: 20 * DAY })], never))).toEqual([['on_the_way', 20]]);
    make = createFacts(PROMPT_KIT);
    // Of a sample that was lost on its way back, the way out is over.
    expect(asked(live([parcel(0), make.fact('kit.lost_in_transit', 5)], never))).toEqual([]);
  });

  test.each(['kit.delivered', 'kit.not_delivered', 'kit.registered', 'kit.posted', 'kit.received_lab'] as const)(
    'is not asked about as overdue once %s is known',
    (event) => {
      const known = [parcel(0), answer(1, [event, 1])];
      expect(asked(live(known, { ...never, returnReminderAfter: null })).filter(([, day]) => day === 14)).toEqual([]);
    },
  );

  test('is asked about no more when it was called off, forgotten, or can’t be asked about', () => {
    expect(asked(live([parcel(0), make.fact('order.cancelled', 1)], never))).toEqual([]);
    make = createFacts(PROMPT_KIT);
    expect(asked(live([parcel(0), make.command('operator.erase', 1)], never))).toEqual([]);
    make = createFacts(PROMPT_KIT);
    expect(asked(live([parcel(0)], { ...never, partner: false }))).toEqual([]);
    make = createFacts(PROMPT_KIT);
    expect(asked(live([parcel(0)], never, { subject: 'order:A' })).filter(([why]) => why === 'on_the_way')).toEqual([]);
  });
});

describe('a parcel in trouble on the way out', () => {
  const trouble = (days = 2, at = days) => answer(days, ['kit.not_delivered', at]);

  test('calls a human at once, and stops the reminder as cancelled', () => {
    const kit = live([buyer(), parcel(0), trouble()], ALONE);
    expect(humans(kit)).toEqual([['not_delivered', 2]]);
    expect(reminders(kit)).toEqual([]);
    expect(row(kit, 'reminder.register')).toMatchObject({ status: 'not_sent', reason: 'cancelled' });
  });

  test('is asked about again, at doubling intervals, as long as it lasts', () => {
    expect(asked(live([buyer(), parcel(0), trouble()], {}, { until: START + 31 * DAY }))).toEqual([
      ['on_the_way', 4],
      ['on_the_way', 8],
      ['on_the_way', 16],
    ]);
  });

  test('is over when it is delivered later by its own time, and another reminder counts from then', () => {
    const kit = live([buyer(), parcel(0), trouble(), answer(5, ['kit.delivered', 4])], ALONE);
    expect(humans(kit)).toEqual([
      ['not_delivered', 2],
      [null, 5],
    ]);
    expect(reminders(kit)).toEqual([[2, 11]]);
    make = createFacts(PROMPT_KIT);
    // Delivered, and returned after that.
    const returned = live([buyer(), parcel(0), answer(5, ['kit.delivered', 3], ['kit.not_delivered', 4])], ALONE);
    expect(humans(returned)).toEqual([['not_delivered', 5]]);
  });

  test.each(['kit.registered', 'kit.posted', 'kit.received_lab', 'results.available'] as const)(
    'is over when %s shows that somebody has the kit',
    (event) => {
      const kit = live([parcel(0), trouble(), make.fact(event, 6, { person: patient('jane') })], ALONE);
      expect(humans(kit).slice(0, 2)).toEqual([
        ['not_delivered', 2],
        [null, 6],
      ]);
    },
  );

  test('is over when it was called off, and when another parcel is sent with the kit', () => {
    expect(humans(live([parcel(0), trouble(), make.fact('order.cancelled', 3)], ALONE)).at(-1)).toEqual([null, 3]);
    make = createFacts(PROMPT_KIT);
    const anew = live([buyer(), parcel(0), trouble(), parcel(5)], ALONE);
    expect(humans(anew).at(-1)).toEqual([null, 5]);
    expect(reminders(anew)).toEqual([[2, 12]]);
    make = createFacts(PROMPT_KIT);
    // One with other kits says nothing of this one.
    expect(humans(live([parcel(0), trouble(), parcel(5, { barcodes: ['9'] })], ALONE))).toEqual([['not_delivered', 2]]);
  });

  test('is settled by a human; the same in a fresh answer raises nothing, trouble after a delivery does', () => {
    const settled = () => [parcel(0), trouble(), make.command('operator.acknowledge', 3), trouble(6)];
    expect(humans(live(settled(), ALONE))).toEqual([
      ['not_delivered', 2],
      [null, 3],
    ]);
    make = createFacts(PROMPT_KIT);
    const again = [...settled(), answer(8, ['kit.delivered', 8]), trouble(12)];
    expect(humans(live(again, ALONE)).at(-1)).toEqual(['not_delivered', 12]);
  });
});

describe('a sample on its way back', () => {
  test('that was posted needs no reminder, and a human where it hasn’t come ten days later', () => {
    const kit = live([registered(0), answer(4, ['kit.posted', 3])], ALONE);
    expect(reminders(kit, 'reminder.return')).toEqual([]);
    expect(row(kit, 'reminder.return')?.reason).toBe('superseded');
    expect(humans(kit)).toEqual([['lost_in_transit', 13]]);
  });

  test('that is heard of late is looked at when it is heard of', () => {
    expect(humans(live([registered(0), answer(30, ['kit.posted', 3])], ALONE))).toEqual([['lost_in_transit', 30]]);
  });

  test('that is lost by the carrier’s own word needs a human at once', () => {
    const kit = live([registered(0), answer(4, ['kit.posted', 3]), answer(6, ['kit.lost_in_transit', 5])], ALONE);
    expect(humans(kit)).toEqual([['lost_in_transit', 6]]);
    expect(row(kit, 'reminder.return')?.reason).toBe('superseded');
  });

  test.each(['kit.received_lab', 'kit.failed', 'kit.cancelled', 'results.available'] as const)(
    'is looked for no more after %s',
    (event) => {
      const kit = live([registered(0), answer(4, ['kit.posted', 3]), make.fact(event, 20)], ALONE);
      expect(humans(kit).filter(([code]) => code === 'lost_in_transit' || code === null)).toEqual([
        ['lost_in_transit', 13],
        [null, 20],
      ]);
    },
  );

  test('of a kit that nobody registered is still waited for half a year, and its reminder goes', () => {
    const kit = live([buyer(), parcel(0), answer(6, ['kit.posted', 5])], ALONE, { until: START + 300 * DAY });
    expect(reminders(kit)[0]).toEqual([1, 7]);
    expect(inDays(kit.endedAt ?? 0)).toBe(186);
  });
});

describe('in silence until the sample comes', () => {
  const silent = { silenceAfter: DAY };
  const year = { until: START + 400 * DAY };
  const HALF_A_YEAR = [5, 12, 26, 54, 84, 114, 144, 174];

  test('the partner is asked when the reminder falls due, a week later, and then ever more seldom, for half a year', () => {
    const kit = live([registered(0)], silent, year);
    expect(asked(kit).map(([, day]) => Math.round(Number(day)))).toEqual(HALF_A_YEAR);
    expect(asked(kit)[0]?.[0]).toBe('before_reminder');
    expect(inDays(kit.endedAt ?? 0)).toBe(180);
  });

  test('also where no reminder goes', () => {
    const kit = live([registered(0)], { ...silent, returnReminderAfter: null }, year);
    expect(asked(kit).map(([why, day]) => [why, Math.round(Number(day))])).toEqual(
      HALF_A_YEAR.map((day) => ['silence', day]),
    );
  });

  test('what was learned begins it anew, a week later', () => {
    const posted = answer(6, ['kit.posted', 4]);
    const kit = live([registered(0), posted], { ...silent, returnReminderAfter: null }, { until: START + 40 * DAY });
    expect(asked(kit).map(([, day]) => Math.round(Number(day)))).toEqual([5, 13, 27]);
  });

  test('an empty SILENCE_AFTER asks never, and the journey ends all the same', () => {
    const kit = live([registered(0)], { silenceAfter: null, returnReminderAfter: null }, year);
    expect(asked(kit)).toEqual([]);
    expect(inDays(kit.endedAt ?? 0)).toBe(180);
  });

  test('the sample’s arrival makes it a matter of days', () => {
    const kit = live([registered(0), make.fact('kit.received_lab', 20)], silent, {
      until: START + 24 * DAY,
      answer: () => ({ outcome: 'unchanged', after: SECOND }),
    });
    expect(asked(kit).map(([, day]) => Math.round(Number(day)))).toEqual([5, 12, 21, 23]);
  });
});
