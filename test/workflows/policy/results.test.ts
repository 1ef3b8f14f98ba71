import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Fact, PolicySettings } from '../../../src/domain/facts.js';
import { simulate, type Played, type World } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, HOUR, MINUTE, patient, SECOND, SETTINGS, START, type More } from '../../support/facts.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const live = (facts: readonly Fact[], settings: Partial<PolicySettings> = {}, more: Partial<World> = {}): Played =>
  simulate({
    subject: 'kit:1',
    settings: { ...SETTINGS, partner: false, ...settings },
    until: START + 100 * DAY,
    facts,
    ...more,
  });
const version = (days: number, summary: string | undefined, more: More = {}) =>
  make.fact('results.available', days, {
    person: patient('jane'),
    ...(summary === undefined ? {} : { summary }),
    ...more,
  });
const reviewed = (days: number, more: More = {}) => make.fact('results.reviewed', days, more);
const words = ({ sent }: Played) =>
  sent.map(({ input }) => [input.kind, input.occurrence, input.firstWord ? 'first word' : 'later word']);

describe('corrected results', () => {
  test('each summary that was never seen is told once, whatever is repeated', () => {
    const kit = live([version(0, 'a'), version(1, 'b'), version(1.1, 'b'), version(2, 'a'), version(3, 'c')]);
    expect(words(kit)).toEqual([
      ['results.available', 1, 'first word'],
      ['results.updated', 1, 'later word'],
      ['results.updated', 2, 'later word'],
    ]);
    expect(kit.decisions.filter(({ reason }) => reason === 'already_told')).toHaveLength(2);
  });

  test('a version older by its own time than the one told is no correction', () => {
    expect(words(live([version(2, 'b'), version(1, 'a', { late: 2 * DAY })]))).toHaveLength(1);
  });

  test('a first summary where none was known is not another; the next one is', () => {
    expect(words(live([version(0, undefined), version(1, 'a')]))).toHaveLength(1);
    make = createFacts();
    expect(words(live([version(0, undefined), version(1, 'a'), version(2, 'b')]))).toHaveLength(2);
  });

  test('what came before the first word was handed over is part of it', () => {
    const kit = live(
      [version(0, 'a'), version(0.01, 'b')],
      {},
      {
        send: (_, now) => ({
          after: HOUR,
          outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null },
        }),
      },
    );
    expect(words(kit)).toHaveLength(1);
  });

  test('a newer one overtakes an older one that waits, and a review that came before it', () => {
    let quiet = false;
    const kit = live(
      [version(0, 'a'), reviewed(1), version(1.1, 'b'), version(1.2, 'c')],
      {},
      {
        send: (input, now) => {
          quiet = input.kind === 'results.available' ? false : now < START + 1.5 * DAY;
          return {
            after: SECOND,
            outcome: quiet
              ? { status: 'deferred', reason: 'quiet_hours', until: START + 1.5 * DAY, settledAt: now, address: null }
              : { status: 'sent', reason: null, until: null, settledAt: now, address: null },
          };
        },
      },
    );
    expect(words(kit)).toEqual([
      ['results.available', 1, 'first word'],
      ['results.updated', 2, 'later word'],
    ]);
    const fate = (kind: string, occurrence: number) =>
      kit.known.notifications.find(
        (notification) => notification.kind === kind && notification.occurrence === occurrence,
      )?.reason;
    expect(fate('results.reviewed', 1)).toBe('superseded');
    expect(fate('results.updated', 1)).toBe('superseded');
  });

  test('after a first word of which nobody knows whether it arrived, the correction is the first word', () => {
    const kit = live(
      [version(0, 'a'), version(1, 'b')],
      {},
      {
        send: ({ kind }, now) => ({
          after: SECOND,
          outcome:
            kind === 'results.available'
              ? { status: 'unknown', reason: 'no_answer', until: null, settledAt: now, address: null }
              : { status: 'sent', reason: null, until: null, settledAt: now, address: null },
        }),
      },
    );
    expect(words(kit)).toEqual([['results.updated', 1, 'first word']]);
  });
});

describe('whether the first word has been told', () => {
  const second = (facts: readonly Fact[], more: Partial<World> = {}) => words(live(facts, {}, more)).at(-1)?.[2];
  const kit = () => [version(0, 'a'), reviewed(5)];

  test.each(['mail.delivered', 'mail.complained'] as const)('it has, where the provider reports %s', (report) => {
    expect(second([...kit(), make.report(report, 1, 'results.available')])).toBe('later word');
  });

  test('it has not, where the email came back or failed', () => {
    expect(second([...kit(), make.report('mail.bounced', 1, 'results.available')])).toBe('first word');
  });

  test('it has, where the ledger says that it had been told already', () => {
    const told: World['send'] = ({ kind }, now) => ({
      after: SECOND,
      outcome: {
        status: kind === 'results.available' ? 'not_sent' : 'sent',
        reason: kind === 'results.available' ? 'already_told' : null,
        until: null,
        settledAt: now,
        address: null,
      },
    });
    expect(second(kit(), { send: told })).toBe('later word');
  });

  test('it has, once what went astray was sent again', () => {
    const person = { role: 'patient', hasContact: true, name: null, address: 'new' } as const;
    const facts = [
      version(0, 'a'),
      make.command('operator.correct_contact', 1, { resend: true }, { person }),
      reviewed(5),
    ];
    expect(words(live(facts)).map(([kind, , word]) => [kind, word])).toEqual([
      ['results.available', 'first word'],
      ['results.available', 'first word'],
      ['results.reviewed', 'later word'],
    ]);
  });
});

test('it has been told where another email than of results had to be sent again', () => {
  const person = { role: 'patient', hasContact: true, name: null, address: 'new' } as const;
  const again = make.command('operator.correct_contact', 1, { resend: true, kind: 'kit.registered' }, { person });
  expect(words(live([version(0, 'a'), again, reviewed(5)])).map(([kind, , word]) => [kind, word])).toEqual([
    ['results.available', 'first word'],
    ['results.reviewed', 'later word'],
  ]);
});

describe('which version is another', () => {
  test('none, while the first word has reached nobody', () => {
    const refused: World['send'] = (_, now) => ({
      after: SECOND,
      outcome: { status: 'failed', reason: 'address_refused', until: null, settledAt: now, address: null },
    });
    const { known } = live([version(0, 'a'), version(1, 'b')], {}, { send: refused });
    expect(known.notifications.map(({ kind }) => kind)).toEqual(['results.available']);
  });

  test('not a first summary, however many came without one', () => {
    expect(words(live([version(0, undefined), version(1, undefined), version(2, 'a')]))).toHaveLength(1);
  });

  test('one of the same time that arrives later, but not an older one', () => {
    expect(words(live([version(0, 'a'), version(0, 'b', { late: DAY })]))).toHaveLength(2);
    make = createFacts();
    expect(words(live([version(0.01, 'a'), version(0, 'b', { late: DAY })]))).toHaveLength(1);
  });

  test('of two that wait, the newer by its own time goes; of two of the same time, the one that arrived later', () => {
    const night: World['send'] = ({ kind }, now) => ({
      after: SECOND,
      outcome:
        kind === 'results.updated' && now < START + 3 * DAY
          ? { status: 'deferred', reason: 'quiet_hours', until: START + 3 * DAY, settledAt: now, address: null }
          : { status: 'sent', reason: null, until: null, settledAt: now, address: null },
    });
    const told = (b: Fact, c: Fact) => words(live([version(0, 'a'), b, c], {}, { send: night })).slice(1);
    make = createFacts();
    version(0, 'a');
    expect(told({ ...version(1, 'b'), seq: 12 }, { ...version(1, 'c'), seq: 13, receivedAt: START + 2 * DAY })).toEqual(
      [['results.updated', 2, 'later word']],
    );
    make = createFacts();
    const older = { ...version(1, 'c'), seq: 13, receivedAt: START + 2 * DAY };
    expect(told({ ...version(1.5, 'b'), seq: 12 }, older)).toEqual([['results.updated', 1, 'later word']]);
  });

  test('what has a row stays one, though a former run’s memory counts it to the first word', () => {
    const facts = [version(0, 'a'), version(1, 'b')];
    const told = (kind: 'results.available' | 'results.updated', source: number, status: 'delivered' | 'deferred') => ({
      subject: 'kit:1',
      kind,
      occurrence: 1,
      status,
      reason: status === 'deferred' ? ('quiet_hours' as const) : null,
      at: START + 2 * DAY,
      cause: 'operator:9',
      source,
    });
    const prior = {
      facts,
      notifications: [told('results.available', 1, 'delivered'), told('results.updated', 2, 'deferred')],
    };
    const kit = live([], {}, { prior, from: START + 2.5 * DAY });
    expect(words(kit)).toEqual([['results.updated', 1, 'later word']]);
  });
});

describe('the release gate', () => {
  const flags = { resultsRelease: 'available_unless_flagged' } as const;

  test('unflagged results go at once, flagged and unknown ones wait for the review or the end of the hold', () => {
    expect(live([version(0, 'a', { needsReview: false })], flags).sent[0]?.at).toBe(START + SECOND);
    for (const more of [{ needsReview: true }, {}]) {
      make = createFacts();
      expect(live([version(0, 'a', more)], flags).sent[0]?.at).toBe(START + 72 * HOUR + SECOND);
      make = createFacts();
      expect(words(live([version(0, 'a', more), reviewed(1)], flags))).toEqual([['results.reviewed', 1, 'first word']]);
    }
  });

  test('a corrected version needs a review of its own', () => {
    const kit = live([version(0, 'a'), reviewed(1), version(2, 'b')], { resultsRelease: 'reviewed' });
    expect(kit.sent.map(({ input, at }) => [input.kind, Math.floor((at - START) / DAY)])).toEqual([
      ['results.reviewed', 1],
      ['results.updated', 5],
    ]);
  });

  test('a corrected version goes with its own review, at once', () => {
    const kit = live([version(0, 'a'), reviewed(1), version(2, 'b'), reviewed(3)], { resultsRelease: 'reviewed' });
    expect(kit.sent.map(({ input, at }) => [input.kind, Math.floor((at - START) / DAY)])).toEqual([
      ['results.reviewed', 1],
      ['results.updated', 3],
    ]);
    make = createFacts();
    const same = live([version(0, 'a'), reviewed(1), version(2, 'b'), reviewed(2, { late: DAY })], {
      resultsRelease: 'reviewed',
    });
    expect(same.sent.at(-1)?.at).toBe(START + 3 * DAY + SECOND);
  });

  test('the flags of the newest version count, by its own time and then by arrival', () => {
    const flagged = (needsReview: boolean, days: number, late = 0) =>
      version(days, 'a', { needsReview, late: late * DAY });
    const goesAt = (...facts: Fact[]) => live(facts, flags).sent[0]?.at;
    expect(goesAt(flagged(false, 1), flagged(true, 0, 1))).toBe(START + DAY + SECOND);
    make = createFacts();
    expect(goesAt(flagged(true, 1), flagged(false, 0, 1))).toBe(START + DAY + 72 * HOUR + SECOND);
    make = createFacts();
    expect(goesAt(flagged(true, 1), flagged(false, 1))).toBe(START + DAY + SECOND);
  });

  test('an operator releases what is held, and the decision names the operator', () => {
    const kit = live([version(0, 'a'), make.command('operator.release', 0.5, { kind: 'results.available' })], {
      resultsRelease: 'reviewed',
    });
    expect(kit.sent.map(({ input }) => [input.cause, input.tooLateAt])).toEqual([['operator:2', null]]);
    expect(kit.sent[0]?.at).toBe(START + 12 * HOUR + SECOND);
    expect(kit.attention).toEqual([]);
  });

  test.each([
    ['the end of the hold', [], 'timer:RESULTS_MAX_HOLD', 72 * HOUR],
    ['an operator', [0.5], 'operator:2', 12 * HOUR],
  ] as const)('what %s let go in quiet hours goes for that cause when the night is over', (_, released, cause, at) => {
    const night = START + at + 8 * HOUR;
    const held = version(0, 'a');
    const kit = live(
      [held, ...released.map((days) => make.command('operator.release', days))],
      { resultsRelease: 'reviewed' },
      {
        send: (_input, now) => ({
          after: SECOND,
          outcome:
            now < night
              ? { status: 'deferred', reason: 'quiet_hours', until: night, settledAt: now, address: null }
              : { status: 'sent', reason: null, until: null, settledAt: now, address: 'a' },
        }),
      },
    );
    expect(kit.sent.map(({ input, at: when }) => [input.cause, when])).toEqual([[cause, night + SECOND]]);
  });

  test('a change of the rule reaches what is held when the hold ends', () => {
    const kit = live([version(0, 'a')], { resultsRelease: 'reviewed', resultsMaxHold: 10 * MINUTE });
    expect(kit.decisions.map(({ rule }) => rule)).toEqual([
      'results.available: RESULTS_RELEASE=reviewed RESULTS_MAX_HOLD=10min',
      'results.available: RESULTS_RELEASE=reviewed',
    ]);
  });
});

describe('one email about results at a time', () => {
  const slowly = (fate: 'sent' | 'failed'): Partial<World> => ({
    send: (_, now) => ({
      after: HOUR,
      retrying: false,
      outcome: {
        status: fate,
        reason: fate === 'sent' ? null : 'address_refused',
        until: null,
        settledAt: now,
        address: 'a',
      },
    }),
  });

  test('what comes while one is handed over waits for its outcome, and is first or later word by it', () => {
    const meanwhile = () => [version(0, 'a'), version(0.01, 'b'), reviewed(0.02)];
    const told = live(meanwhile(), {}, slowly('sent'));
    expect(words(told)).toContainEqual(['results.reviewed', 1, 'later word']);
    expect(told.sent.filter(({ input }) => input.firstWord)).toHaveLength(1);
    const starts = told.sent.map(({ at }) => at - HOUR);
    starts.slice(1).forEach((start, i) => {
      expect(start).toBeGreaterThanOrEqual(told.sent[i]?.at ?? Infinity);
    });
  });

  test('a review of a corrected version that was told is an email of its own', () => {
    const kit = live([version(0, 'a'), reviewed(1), version(2, 'b'), reviewed(3)]);
    expect(words(kit)).toEqual([
      ['results.available', 1, 'first word'],
      ['results.reviewed', 1, 'later word'],
      ['results.updated', 1, 'later word'],
      ['results.reviewed', 2, 'later word'],
    ]);
  });
});

test('a review as second word is dropped after two weeks, as first word a human decides after a month', () => {
  const late = live([version(0, 'a'), reviewed(0, { late: 14 * DAY })]);
  expect(late.known.notifications.find(({ kind }) => kind === 'results.reviewed')).toMatchObject({
    status: 'not_sent',
    reason: 'too_late',
  });
  make = createFacts();
  const parked = live([version(0, 'a', { late: 31 * DAY }), reviewed(0, { late: 31 * DAY })]);
  expect(parked.known.notifications.find(({ kind }) => kind === 'results.reviewed')).toMatchObject({
    status: 'deferred',
    reason: 'too_late',
  });
  expect(parked.projection.attention).toMatchObject([{ code: 'too_late', kind: 'results.reviewed' }]);
});
