import { beforeEach, describe, expect, test } from '@jest/globals';
import { TODAY } from '../../../workflows/core/rules.js';
import { nextAt, storyOf } from '../../support/simulated.js';
import type { AskOutcome } from '../../../src/domain/activities.js';
import type { Fact, PolicySettings } from '../../../src/domain/facts.js';
import { decide } from '../../../workflows/core/decide.js';
import { answered, asked, begin, learn, type Knowledge } from '../../../workflows/core/knowledge.js';
import { afterwards } from '../../../workflows/core/decisions.js';
import { ASKED_FOR } from '../../../src/domain/partner-calls.js';
import { parcelAsked, rankOf } from '../../../workflows/policy/questions.js';
import { spreadOf } from '../../../workflows/policy/spread.js';
import { simulate, type Answering, type Played, type World } from '../../../workflows/core/simulate.js';
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

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts(PROMPT_KIT);
});

const NEVER: PolicySettings = {
  ...SETTINGS,
  registerReminderAfter: null,
  returnReminderAfter: null,
  processingDelayAfter: null,
  silenceAfter: null,
};
const live = (facts: readonly Fact[], settings: Partial<PolicySettings>, more: Partial<World> = {}): Played =>
  simulate({ subject: PROMPT_KIT, settings: { ...NEVER, ...settings }, until: START + 60 * DAY, facts, ...more });
const asks = ({ questions }: Played) => questions.map(({ at, why }) => [why, Math.round((at - START) / HOUR) / 24]);
const sentAt = ({ sent }: Played, kind: string) =>
  sent.filter(({ input }) => input.kind === kind).map(({ at }) => Math.round((at - START) / HOUR) / 24);
const answering = (outcome: Answering['outcome'], after = SECOND, facts: readonly Fact[] = []) => ({
  answer: () => ({ outcome, after, facts }),
});
const registered = (days = 0, more = {}) => make.fact('kit.registered', days, { person: patient('jane'), ...more });
const atLab = (days: number, more = {}) => make.fact('kit.received_lab', days, more);
const RETURN = { returnReminderAfter: 5 * DAY };

describe('before a reminder or a delay notice', () => {
  test.each(['unchanged', 'not_found', 'refused', 'not_configured', 'failed'] as const)(
    'the partner is asked once, and after %s it goes',
    (outcome) => {
      const kit = live([registered()], RETURN, answering(outcome, HOUR));
      expect(asks(kit)).toEqual([['before_reminder', 5]]);
      expect(sentAt(kit, 'reminder.return')).toEqual([5 + 1 / 24]);
    },
  );

  test('without a partner’s API, or for a patient who is to be forgotten, nobody is asked', () => {
    const alone = live([registered()], { ...RETURN, partner: false });
    expect(asks(alone)).toEqual([]);
    expect(sentAt(alone, 'reminder.return')).toEqual([5]);
    make = createFacts(PROMPT_KIT);
    expect(asks(live([registered(), make.command('operator.erase', 1)], RETURN))).toEqual([]);
  });

  test('it goes when its question has ended, which may wait for room before its day begins; or, unheard of, on the sixth', () => {
    for (const [takes, goes] of [
      [3, 8],
      [9, 11],
    ] as const) {
      make = createFacts();
      const kit = live([registered()], RETURN, answering('unchanged', takes * DAY));
      expect(sentAt(kit, 'reminder.return')).toEqual([goes]);
      expect(asks(kit)).toEqual([['before_reminder', 5]]);
    }
  });

  /** Registered and told so at START: a reminder is due after five days. */
  const toldOf = (subject: string): Knowledge => {
    make = createFacts(subject);
    const start = begin(subject, { facts: [registered()], notifications: [] }, { ...NEVER, ...RETURN });
    const told = afterwards(start, decide(storyOf(start, START), []), START);
    return {
      ...told,
      notifications: told.notifications.map((notification) => ({
        ...notification,
        status: 'sent',
        flight: 'none',
        at: START,
      })),
    };
  };

  test('an answer whose facts are still on their way is waited for, and nothing is asked anew', () => {
    const answeredBy = (cause: string | null): Knowledge =>
      answered(asked(toldOf(PROMPT_KIT), 'before_reminder', START + 5 * DAY + SECOND), 'answered', cause);
    const known = (cause: string | null, now: number) =>
      decide(storyOf(answeredBy(cause), now), []).map(({ candidate, verdict }) => [candidate.kind, verdict]);
    const soon = START + 5 * DAY + HOUR;
    expect(known('reconciled:9', soon)).toEqual([]);
    expect(nextAt(answeredBy('reconciled:9'), soon).question).toBeNull();
    expect(known('wh_1', soon)).toEqual([['reminder.return', 'send']]);
    expect(known(null, soon)).toEqual([['reminder.return', 'send']]);
    expect(known('reconciled:9', START + 11 * DAY)).toEqual([]);
    expect(known('reconciled:9', START + 11 * DAY + SECOND)).toEqual([['reminder.return', 'send']]);
  });

  test('what was asked since for another reason will answer for it, and is waited for as long', () => {
    const due = START + 5 * DAY;
    const known = toldOf('kit:1');
    expect(nextAt(known, due + SECOND).alarm).toEqual({
      what: 'reminder.return',
      at: due + spreadOf('kit:1', 5 * DAY),
    });
    expect(nextAt(known, due + SECOND).question).toBeNull();
    const open = asked(known, 'no_contact', due + SECOND);
    expect(nextAt(open, due + 2 * SECOND).alarm).toEqual({ what: 'reminder.return', at: due + SECOND + ASKED_FOR });
  });

  test('nobody is asked about news that waits for an email to be called back', () => {
    const kit = live(
      [registered(), atLab(1)],
      {},
      {
        until: START + 5 * DAY,
        send: ({ kind }, now) => ({
          after: kind === 'kit.registered' ? 3 * DAY : SECOND,
          retrying: true,
          outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null },
        }),
      },
    );
    expect(sentAt(kit, 'kit.received_lab')).toEqual([1]);
    expect(asks(kit)).toEqual([]);
  });

  test('"already done" comes with the answer: it doesn’t go', () => {
    const done = { ...make.fact('partner.answered', 5, { cause: 'reconciled:1' }), seq: 90 };
    const kit = live([registered()], RETURN, {
      ...answering('answered', SECOND, [{ ...done, learned: [{ event: 'kit.received_lab', at: START + 4 * DAY }] }]),
      until: START + 6 * DAY,
    });
    expect(sentAt(kit, 'reminder.return')).toEqual([]);
    expect(kit.known.notifications.find(({ kind }) => kind === 'reminder.return')?.reason).toBe('superseded');
  });

  test('what was asked before it fell due is no answer for it', () => {
    const kit = live(
      [registered(), atLab(1)],
      { processingDelayAfter: 7 * DAY, silenceAfter: 2 * DAY },
      { until: START + 9 * DAY },
    );
    expect(asks(kit)).toEqual([
      ['silence', 3],
      ['silence', 7],
      ['before_reminder', 8],
    ]);
    expect(sentAt(kit, 'notice.delay')).toEqual([8]);
  });

  test('a sample that nobody registered is asked about as that', () => {
    const order = make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
    const kit = live([order, atLab(1)], { registerReminderAfter: 7 * DAY }, { until: START + 4 * DAY });
    expect(asks(kit)).toContainEqual(['unregistered_at_lab', 2]);
  });
});

describe('for want of an address', () => {
  test('the partner is asked once for each fact that wants one, and only for kinds that policy asks for', () => {
    const nobody = { person: patient('jane', null) };
    const kit = live([registered(0, nobody), atLab(2)], {}, { until: START + 4 * DAY });
    expect(asks(kit)).toEqual([
      ['no_contact', 0],
      ['no_contact', 2],
    ]);
    make = createFacts(PROMPT_KIT);
    const only = [make.fact('order.created', 0, { person: recipient('buyer') }), make.fact('results.available', 0)];
    expect(asks(live(only, {}, { until: START + DAY }))).toEqual([['no_contact', 0]]);
    make = createFacts(PROMPT_KIT);
    expect(asks(live([make.fact('kit.failed', 0)], {}, { until: START + DAY }))).toEqual([]);
    make = createFacts(PROMPT_KIT);
    expect(asks(live([make.fact('order.shipped', 0, { order: 'A' })], {}, { subject: 'order:A' }))).toEqual([
      ['no_contact', 0],
    ]);
  });

  test('it is no reason to ask that results are held, or that an address is known', () => {
    const results = make.fact('results.available', 0, { person: patient('jane') });
    expect(asks(live([results], { resultsRelease: 'reviewed' }))).toEqual([]);
  });
});

describe('in silence', () => {
  const DAILY = { silenceAfter: DAY };
  const soon = { until: START + 20 * DAY };

  test('from the sample’s arrival on, by the arrival of the last news, and never for an order', () => {
    expect(asks(live([registered(), atLab(1, { late: 2 * DAY })], DAILY, { until: START + 5 * DAY }))).toEqual([
      ['silence', 4],
    ]);
    make = createFacts(PROMPT_KIT);
    expect(asks(live([atLab(1)], DAILY, { subject: 'order:A', until: START + 5 * DAY }))).toEqual([]);
  });

  test('news starts it anew; a bounce, a command or an answer without news is none', () => {
    const kit = live(
      [
        registered(),
        atLab(1),
        make.report('mail.delivered', 1.5, 'kit.received_lab'),
        make.command('operator.retry', 1.6),
        make.fact('partner.answered', 2.5),
        make.fact('kit.processing_started', 5),
      ],
      DAILY,
      { until: START + 9 * DAY },
    );
    expect(asks(kit)).toEqual([
      ['silence', 2],
      ['silence', 4],
      ['silence', 6],
      ['silence', 8],
    ]);
  });

  test('of a sample that was posted and never registered, from when it should have come', () => {
    expect(asks(live([make.fact('kit.posted', 1)], DAILY, { until: START + 7 * DAY }))).toEqual([['silence', 6]]);
  });

  test.each(['results.available', 'results.reviewed'] as const)('until %s', (event) => {
    expect(asks(live([registered(), atLab(1), make.fact(event, 1.5)], DAILY, soon))).toEqual([]);
  });

  test.each(['kit.failed', 'order.cancelled', 'kit.cancelled'] as const)(
    'over %s for 60 days more, where the kit had been registered or had arrived; then it lingers, and ends',
    (event) => {
      const year = { until: START + 365 * DAY };
      for (const known of ['kit.registered', 'kit.received_lab'] as const) {
        make = createFacts(PROMPT_KIT);
        const kit = live([make.fact(known, 0, { person: patient('jane') }), make.fact(event, 2)], DAILY, year);
        const days = asks(kit).map(([, day]) => day);
        expect(days.filter((day) => Number(day) > 2).slice(0, 6)).toEqual([3, 5, 9, 16, 23, 30]);
        expect(days.at(-1)).toBeLessThan(62);
        expect(Math.round(((kit.endedAt ?? 0) - START) / DAY)).toBe(76);
      }
      make = createFacts(PROMPT_KIT);
      const unknown = live([make.fact('order.shipped', 0), make.fact(event, 2)], DAILY, year);
      expect(asks(unknown)).toEqual([]);
    },
  );

  test('a setting of more than a week is kept to, an empty one asks never', () => {
    expect(asks(live([registered(), atLab(0)], { silenceAfter: 9 * DAY }, soon))).toEqual([
      ['silence', 9],
      ['silence', 18],
    ]);
    make = createFacts(PROMPT_KIT);
    expect(asks(live([registered(), atLab(0)], { silenceAfter: null }, soon))).toEqual([]);
    make = createFacts(PROMPT_KIT);
    expect(asks(live([registered(), atLab(0)], { ...DAILY, partner: false }, soon))).toEqual([]);
  });

  test('one question at a time: while the partner hasn’t answered, nothing else is asked', () => {
    const kit = live([registered(), atLab(0)], DAILY, { ...soon, ...answering('unchanged', 10 * DAY) });
    expect(asks(kit)).toEqual([
      ['silence', 1],
      ['silence', 11],
    ]);
  });
});

describe('so that those of many kits don’t come at one moment, a question is put off', () => {
  const SUBJECT = 'kit:1';
  const lastAsked = (facts: readonly Fact[], settings: Partial<PolicySettings>, days = 15) => {
    const last = live(facts, settings, { subject: SUBJECT, until: START + days * DAY }).questions.at(-1);
    return [last?.why, (last?.at ?? 0) - START];
  };
  beforeEach(() => {
    make = createFacts(SUBJECT);
  });

  test('by its kit’s share of the wait before it', () => {
    const short = 10 * HOUR + SECOND;
    expect(lastAsked([registered()], { returnReminderAfter: 10 * HOUR })).toEqual([
      'before_reminder',
      short + spreadOf(SUBJECT, short),
    ]);
    make = createFacts(SUBJECT);
    const parcel = make.fact('order.shipped', 0, { order: 'A', barcodes: ['1'], delivery: START + 3 * DAY });
    expect(lastAsked([parcel], {})).toEqual(['on_the_way', 5 * DAY + spreadOf(SUBJECT, 5 * DAY)]);
  });

  test('so is the first about silence, while a sample is waited for; what follows keeps the distance', () => {
    const posted = () => [registered(), make.fact('kit.posted', 4.5)];
    const due = 5 * DAY + SECOND;
    const spread = spreadOf(SUBJECT, due - 4.5 * DAY);
    expect(lastAsked(posted(), { silenceAfter: DAY }, 6)).toEqual(['silence', due + spread]);
    make = createFacts(SUBJECT);
    expect(lastAsked(posted(), { silenceAfter: DAY }, 13)).toEqual(['silence', due + spread + 7 * DAY]);
    // News after the sample was due begins the wait anew.
    const later = () => [registered(), make.fact('kit.posted', 8)];
    make = createFacts(SUBJECT);
    const anew = 15 * DAY + spreadOf(SUBJECT, 7 * DAY);
    expect(lastAsked(later(), { silenceAfter: DAY }, 16)).toEqual(['silence', anew]);
    make = createFacts(SUBJECT);
    expect(lastAsked(later(), { silenceAfter: DAY }, 30)).toEqual(['silence', anew + 14 * DAY]);
    make = createFacts(SUBJECT);
    expect(lastAsked([registered(), atLab(1)], { silenceAfter: DAY }, 2.5)).toEqual(['silence', 2 * DAY]);
  });

  test('but not one that may bring results, nor one by which a human is called', () => {
    const begun = [registered(), make.fact('kit.processing_started', 1)];
    expect(lastAsked(begun, { processingDelayAfter: 7 * DAY })).toEqual(['before_reminder', 8 * DAY + SECOND]);
    make = createFacts(SUBJECT);
    const order = make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
    expect(lastAsked([order, atLab(1)], { registerReminderAfter: 7 * DAY })).toEqual(['unregistered_at_lab', 2 * DAY]);
  });
});

describe('nobody is asked', () => {
  test('about a parcel that is overdue, where no partner’s API is known, or the patient is to be forgotten', () => {
    const parcel = make.fact('order.shipped', 0, { order: 'A', barcodes: ['3802'] });
    const when = (facts: readonly Fact[], partner: boolean) =>
      parcelAsked(storyOf(begin(PROMPT_KIT, { facts, notifications: [] }, { ...NEVER, partner }), START + 15 * DAY));
    expect(when([parcel], true)).not.toBeNull();
    expect(when([parcel], false)).toBeNull();
    expect(when([parcel, make.command('operator.erase', 1)], true)).toBeNull();
  });

  test('for an address, where no partner’s API is known', () => {
    const nobody = make.fact('results.available', 0);
    expect(asks(live([nobody], { partner: false }, { until: START + DAY }))).toEqual([]);
  });

  test('for an address, while another question is open', () => {
    const facts = [atLab(0, { person: patient('jane') }), make.fact('order.shipped', 0, { order: 'A' })];
    const order = [make.fact('order.shipped', 1.5, { order: 'A' })];
    expect(asks(live(order, {}, { subject: 'order:A' }))).toEqual([['no_contact', 1.5]]);
    make = createFacts(PROMPT_KIT);
    const slow = { ...answering('unchanged', 2 * DAY), until: START + 4 * DAY };
    const reminded = [
      make.fact('kit.registered', 0, { person: patient('jane', null) }),
      make.fact('results.available', 0.5),
    ];
    expect(asks(live(reminded, {}, slow))).toEqual([
      ['no_contact', 0],
      ['no_contact', 2],
    ]);
    expect(asks(live(facts, {}, { until: START + DAY }))).toEqual([]);
  });

  test('about silence, from the moment of the last news on that something was asked at', () => {
    const kit = live([registered(), atLab(0)], { silenceAfter: DAY }, { until: START + 3.5 * DAY });
    expect(asks(kit)).toEqual([
      ['silence', 1],
      ['silence', 3],
    ]);
  });
});

describe('from a week’s silence on', () => {
  const WEEK = 7 * DAY;
  /** At the lab since the start, and asked in vain after these days. */
  const asking = (...days: readonly number[]): Knowledge => {
    make = createFacts(PROMPT_KIT);
    const start = begin(
      PROMPT_KIT,
      { facts: [registered(), atLab(0)], notifications: [] },
      { ...NEVER, silenceAfter: DAY },
    );
    const told = afterwards(start, decide(storyOf(start, START), []), START);
    return days.reduce((known, day) => answered(asked(known, 'silence', START + day * DAY), 'unchanged', null), told);
  };

  test('one question is asked that asks again by itself', () => {
    expect(nextAt(asking(1, 3), START + 7 * DAY).question).toStrictEqual({ why: 'silence' });
    expect(nextAt(asking(1, 3, 7), START + 14 * DAY - 1).question).toBeNull();
    expect(nextAt(asking(1, 3, 7), START + 14 * DAY).question).toStrictEqual({ why: 'silence', again: WEEK });
    expect(asked(asking(), 'silence', START, WEEK).questions).toStrictEqual([
      { why: 'silence', askedAt: START, upTo: 2, outcome: null, cause: null, again: WEEK },
    ]);
  });

  test('while it is open, no clock rings, and it is called back by news, by an erasure, or by what must be asked for', () => {
    const now = START + 30 * DAY;
    const open = asked(asking(1, 3, 7), 'silence', START + 14 * DAY, WEEK);
    const pointless = (...facts: readonly Fact[]) => nextAt(learn(open, facts, TODAY).known, now).questionIsPointless;
    expect(nextAt(open, now).alarm).toBeNull();
    expect(pointless()).toBe(false);
    expect(pointless(make.report('mail.delivered', 20, 'kit.received_lab'))).toBe(false);
    expect(pointless(make.fact('kit.processing_completed', 20))).toBe(true);
    expect(pointless(make.fact('results.available', 20))).toBe(true);
    expect(pointless(make.command('operator.erase', 20))).toBe(true);
    const unasked = { ...open, settings: { ...open.settings, processingDelayAfter: 20 * DAY } };
    const sent = {
      ...unasked,
      notifications: unasked.notifications.map(
        (notification) => ({ ...notification, status: 'sent', at: START }) as const,
      ),
    };
    expect(nextAt(sent, START + 19 * DAY).questionIsPointless).toBe(false);
    expect(nextAt(sent, START + 21 * DAY).questionIsPointless).toBe(true);
  });
});

describe('what keeps a patient waiting is asked first', () => {
  const WHYS = ['no_contact', 'unregistered_at_lab', 'before_reminder', 'silence', 'on_the_way'] as const;
  const ranks = (facts: readonly Fact[], day = 2) => {
    const known = begin(PROMPT_KIT, { facts, notifications: [] }, { ...NEVER, silenceAfter: DAY });
    const story = storyOf(known, START + day * DAY);
    return WHYS.map((why) => rankOf(why, story));
  };
  const USUAL = ['first', 'usual', 'usual', 'last', 'last'];
  const RESULTS = ['first', 'first', 'first', 'first', 'first'];
  const completed = () => make.fact('partner.answered', 1, { completedWithoutResults: true });

  test('a missing address always, a reminder next, silence last', () => {
    expect(ranks([registered()])).toEqual(USUAL);
    expect(ranks([make.fact('order.shipped', 0)])).toEqual(USUAL);
    expect(ranks([registered(), atLab(1)])).toEqual(USUAL);
  });

  test('whatever the reason, where results may be there: work has begun, is overdue, or is called completed', () => {
    expect(ranks([registered(), make.fact('kit.processing_started', 1)])).toEqual(RESULTS);
    make = createFacts(PROMPT_KIT);
    expect(ranks([registered(), make.fact('kit.processing_completed', 1)])).toEqual(RESULTS);
    make = createFacts(PROMPT_KIT);
    const dated = [registered(), atLab(1, { completion: START + 4 * DAY })];
    expect(ranks(dated, 3)).toEqual(USUAL);
    expect(ranks(dated, 4)).toEqual(RESULTS);
    make = createFacts(PROMPT_KIT);
    expect(ranks([registered(), atLab(0), completed()])).toEqual(RESULTS);
  });

  test('but not once the results have come, or where none will', () => {
    make = createFacts(PROMPT_KIT);
    const begun = () => [registered(), make.fact('kit.processing_started', 1)];
    expect(ranks([...begun(), make.fact('results.available', 1.5)])).toEqual(USUAL);
    make = createFacts(PROMPT_KIT);
    const late = [registered(), atLab(0, { completion: START + DAY }), completed()];
    expect(ranks([...late, make.fact('results.available', 1.5)])).toEqual(USUAL);
    make = createFacts(PROMPT_KIT);
    expect(ranks([...begun(), make.fact('kit.failed', 1.5)])).toEqual(USUAL);
  });
});

describe('a question that has become pointless is called back', () => {
  const NOW = START + 6 * DAY;
  const pointless = (facts: readonly Fact[], why: Parameters<typeof asked>[1], later: readonly Fact[] = []) => {
    const start = begin(PROMPT_KIT, { facts, notifications: [] }, { ...NEVER, ...RETURN, silenceAfter: DAY });
    const open = asked(afterwards(start, decide(storyOf(start, NOW), []), NOW), why, NOW);
    const known = learn(open, later, TODAY).known;
    return nextAt(afterwards(known, decide(storyOf(known, NOW), []), NOW), NOW).questionIsPointless;
  };
  const learned = (...events: Fact['event'][]) => events.map((event) => make.fact(event, 5.5));

  test('about silence, when the results come', () => {
    expect(pointless([registered(), atLab(1)], 'silence')).toBe(false);
    expect(pointless([registered(), atLab(1)], 'silence', learned('results.available'))).toBe(true);
  });

  test('for an address, when one is known', () => {
    const nobody = () => [make.fact('results.available', 1)];
    expect(pointless(nobody(), 'no_contact')).toBe(false);
    expect(pointless([...nobody(), make.fact('order.created', 1, { person: recipient('buyer') })], 'no_contact')).toBe(
      false,
    );
    expect(pointless(nobody(), 'no_contact', [registered(5.5)])).toBe(true);
    const unnamed = make.fact('kit.registered', 5.9, { person: patient('jane', null) });
    expect(pointless([unnamed], 'no_contact')).toBe(false);
    expect(pointless([unnamed], 'no_contact', [registered(5.95)])).toBe(true);
  });

  test('before a reminder, when that is no longer due', () => {
    const waits = () => [registered(0, { late: 0, person: patient('jane') })];
    expect(pointless(waits(), 'before_reminder')).toBe(false);
    expect(pointless(waits(), 'before_reminder', learned('kit.received_lab'))).toBe(true);
    expect(pointless([registered(4)], 'before_reminder')).toBe(true);
  });

  test('about a sample that nobody registered, when somebody has', () => {
    expect(pointless([atLab(1)], 'unregistered_at_lab', [registered(5.5)])).toBe(true);
  });

  test('about a parcel, when it was delivered: not while it is overdue or in trouble', () => {
    const parcel = () => make.fact('order.shipped', 0, { order: 'A', barcodes: ['3802'], delivery: START + DAY });
    expect(pointless([parcel()], 'on_the_way')).toBe(false);
    expect(pointless([parcel()], 'on_the_way', learned('kit.not_delivered'))).toBe(false);
    expect(pointless([parcel()], 'on_the_way', learned('kit.delivered'))).toBe(true);
    const trouble = [parcel(), make.fact('kit.not_delivered', 3)];
    expect(pointless(trouble, 'on_the_way')).toBe(false);
    expect(pointless(trouble, 'on_the_way', learned('kit.delivered'))).toBe(true);
  });

  test('where none is open, none is called back', () => {
    const known = begin(PROMPT_KIT, { facts: [registered()], notifications: [] }, NEVER);
    const done: AskOutcome['outcome'] = 'unchanged';
    expect(nextAt(known, NOW).questionIsPointless).toBe(false);
    expect(nextAt(answered(asked(known, 'silence', NOW), done, null), NOW).questionIsPointless).toBe(false);
  });
});
