import { describe, expect, test } from '@jest/globals';
import { nextOf } from '../../support/simulated.js';
import type { FactEvent } from '../../../src/domain/events.js';
import type { Kind, JourneyKind } from '../../../src/domain/kinds.js';
import type { NotificationState, Reason, Status } from '../../../src/domain/notifications.js';
import type { Fact, PolicySettings } from '../../../src/domain/facts.js';
import { POLICY } from '../../../workflows/policy/policy.js';
import { simulate, type Played, type World } from '../../../workflows/core/simulate.js';
import {
  createFacts,
  DAY,
  HOUR,
  MINUTE,
  patient,
  recipient,
  SECOND,
  SETTINGS,
  START,
  type More,
} from '../../support/facts.js';

const KIT = 'kit:123456789012';
const ORDER = 'order:C4H-1';
/** Without a partner to ask, and with clocks that don't disturb. */
const QUIET: PolicySettings = {
  ...SETTINGS,
  partner: false,
  registerReminderAfter: null,
  returnReminderAfter: null,
  processingDelayAfter: null,
};

/** Facts by event and day. */
type Tale = readonly (readonly [FactEvent, number, More?])[];
function facts(subject: string, tale: Tale): Fact[] {
  const { fact } = createFacts(subject);
  return tale.map(([event, days, more]) =>
    fact(event, days, { ...(/^(operator|mail)/.test(event) ? { cause: `${event}:1` } : {}), ...more }),
  );
}
const play = (subject: string, tale: Tale, more: Partial<World> = {}): Played =>
  simulate({ subject, settings: QUIET, until: START + 100 * DAY, facts: facts(subject, tale), ...more });
const fates = ({ known }: Played): Partial<Record<Kind, Status | Reason>> =>
  Object.fromEntries(
    known.notifications.map((notification) => [notification.kind, notification.reason ?? notification.status]),
  );

const R: Tale[number] = ['order.created', 0, { person: recipient('buyer'), order: 'C4H-1' }];
const P: Tale[number] = ['kit.registered', 0, { person: patient('jane') }];
const failing =
  (status: 'failed' | 'bounced', reason: Reason): NonNullable<World['send']> =>
  (_, now) => ({
    after: SECOND,
    outcome: { status, reason, until: null, settledAt: now, address: null },
  });

interface RowCase {
  readonly kind: JourneyKind;
  readonly to: 'recipient' | 'patient';
  /** What calls for it, beside a known recipient and patient. */
  readonly cause: Tale[number];
  /** Days after which it is too late, and what it is then. */
  readonly tooLate: readonly [number, 'not_sent' | 'deferred'];
  readonly overtakenBy: readonly Tale[number][];
  readonly notOvertakenBy: readonly Tale[number][];
  readonly noContact: 'not_sent at once' | 'not_sent after a day' | 'waits';
  readonly refused: 'row' | 'attention' | 'attention_now' | 'human';
}

const lab: Tale[number] = ['kit.received_lab', 1];
const processing: Tale[number] = ['kit.processing_started', 1.5];
const results: Tale[number] = ['results.available', 2];
const review: Tale[number] = ['results.reviewed', 3];
const failed: Tale[number] = ['kit.failed', 2];
const cancelled: Tale[number] = ['kit.cancelled', 2];
const shipment: Tale[number] = ['order.shipped', 1, { barcodes: ['1', '2'] }];

const ROWS: readonly RowCase[] = [
  {
    kind: 'order.confirmed',
    to: 'recipient',
    cause: ['order.confirmed', 0],
    tooLate: [1, 'not_sent'],
    overtakenBy: [shipment, ['order.cancelled', 1]],
    notOvertakenBy: [['order.created', 2]],
    noContact: 'not_sent at once',
    refused: 'row',
  },
  {
    kind: 'order.shipped',
    to: 'recipient',
    cause: shipment,
    tooLate: [5, 'not_sent'],
    overtakenBy: [['order.cancelled', 1]],
    notOvertakenBy: [['order.confirmed', 2]],
    noContact: 'not_sent after a day',
    refused: 'attention',
  },
  {
    kind: 'order.cancelled',
    to: 'recipient',
    cause: ['order.cancelled', 2],
    tooLate: [14, 'not_sent'],
    overtakenBy: [],
    notOvertakenBy: [shipment],
    noContact: 'waits',
    refused: 'attention',
  },
  {
    kind: 'kit.registered',
    to: 'patient',
    cause: P,
    tooLate: [3, 'not_sent'],
    overtakenBy: [lab, processing, results, review, failed, cancelled],
    notOvertakenBy: [['order.shipped', 2]],
    noContact: 'not_sent after a day',
    refused: 'attention_now',
  },
  {
    kind: 'kit.received_lab',
    to: 'patient',
    cause: lab,
    tooLate: [3, 'not_sent'],
    overtakenBy: [processing, results, review, failed, cancelled],
    notOvertakenBy: [['kit.processing_completed', 2]],
    noContact: 'not_sent after a day',
    refused: 'attention',
  },
  {
    kind: 'kit.processing_started',
    to: 'patient',
    cause: processing,
    tooLate: [2, 'not_sent'],
    overtakenBy: [results, review, failed, cancelled],
    notOvertakenBy: [['kit.processing_completed', 2], lab],
    noContact: 'not_sent after a day',
    refused: 'attention',
  },
  {
    kind: 'results.available',
    to: 'patient',
    cause: results,
    tooLate: [30, 'deferred'],
    overtakenBy: [review],
    notOvertakenBy: [failed, cancelled, lab],
    noContact: 'waits',
    refused: 'human',
  },
  {
    kind: 'results.reviewed',
    to: 'patient',
    cause: review,
    tooLate: [30, 'deferred'],
    overtakenBy: [],
    notOvertakenBy: [results, failed, cancelled],
    noContact: 'waits',
    refused: 'human',
  },
  {
    kind: 'kit.failed',
    to: 'patient',
    cause: failed,
    tooLate: [30, 'deferred'],
    overtakenBy: [results, review],
    notOvertakenBy: [lab, cancelled],
    noContact: 'waits',
    refused: 'human',
  },
  {
    kind: 'kit.cancelled',
    to: 'patient',
    cause: cancelled,
    tooLate: [14, 'deferred'],
    overtakenBy: [results, review],
    notOvertakenBy: [lab, failed],
    noContact: 'not_sent at once',
    refused: 'human',
  },
];

/** Answers to something that the person has just done. */
const fresh: readonly Kind[] = ['order.confirmed', 'kit.registered'];

test.each([
  ['order.confirmed', 'wait_unless_fresh', 'row'],
  ['order.shipped', 'wait', 'attention'],
  ['order.cancelled', 'wait', 'attention'],
  ['kit.registered', 'wait_unless_fresh', 'attention_now'],
  ['kit.received_lab', 'wait', 'attention'],
  ['kit.processing_started', 'wait', 'attention'],
  ['results.available', 'wait', 'human'],
  ['results.reviewed', 'wait', 'human'],
  ['results.updated', 'wait', 'human'],
  ['kit.failed', 'wait', 'human'],
  ['kit.cancelled', 'wait', 'human'],
  ['reminder.register', 'wait', 'attention'],
  ['reminder.return', 'wait', 'attention'],
  ['notice.delay', 'wait', 'attention'],
] as const)('%s: in quiet hours: %s; where it does not arrive: %s', (kind, quietHours, undelivered) => {
  expect(POLICY[kind]).toMatchObject({ quietHours, undelivered });
});

describe.each(ROWS)('$kind', ({ kind, to, cause, tooLate, overtakenBy, notOvertakenBy, noContact, refused }) => {
  const subject = kind.startsWith('order.') ? ORDER : KIT;
  const known: Tale = kind === 'kit.registered' || to === 'recipient' ? [R] : [R, P];
  const [event, day, more] = cause;
  const causedLate = (late: number): Tale => [...known, [event, day, { ...more, late }]];

  test(`goes to the ${to}, for its own cause`, () => {
    const { sent } = play(subject, [...known, cause]);
    const own = sent.filter(({ input }) => input.kind === kind);
    expect(own).toHaveLength(1);
    expect(own[0]?.input).toMatchObject({
      audience: to,
      occurrence: 1,
      cause: `wh_${String(known.length + 1)}`,
      subject,
      verdict: 'send',
      reason: null,
      tooLateAt: START + (day + tooLate[0]) * DAY,
      tooLateMeans: tooLate[1] === 'deferred' ? 'defer' : 'not_sent',
      quietExemptUntil: fresh.includes(kind) ? START + day * DAY + 15 * MINUTE : null,
    });
    expect(own[0]?.input.rule).toBe(kind === 'results.available' ? `${kind}: RESULTS_RELEASE=available` : kind);
  });

  test(`is too late after ${String(tooLate[0])} days of its own time, not before`, () => {
    expect(fates(play(subject, causedLate(tooLate[0] * DAY - SECOND)))[kind]).toBe('sent');
    const late = play(subject, causedLate(tooLate[0] * DAY));
    expect(late.known.notifications.find((notification) => notification.kind === kind)).toMatchObject({
      status: tooLate[1],
      reason: 'too_late',
    });
    expect(late.decisions.filter((one) => one.kind === kind)).toMatchObject([
      {
        verdict: tooLate[1] === 'deferred' ? 'wait' : 'not_send',
        status: tooLate[1],
        cause: `wh_${String(known.length + 1)}`,
        rule: `${kind}: too late after ${String(tooLate[0])}d`,
      },
    ]);
    if (tooLate[1] === 'deferred') expect(late.projection.attention[0]).toMatchObject({ code: 'too_late', kind });
    expect(
      fates(play(subject, causedLate(100 * DAY), { settings: { ...QUIET, tooLate: false }, until: START + 200 * DAY }))[
        kind
      ],
    ).toBe('sent');
  });

  for (const by of overtakenBy)
    test(`is overtaken by ${by[0]}`, () => {
      const together = [...known, cause, by].map(
        ([name, at, rest]) => [name, at, { ...rest, late: (5 - at) * DAY }] as const,
      );
      const { sent, decisions, known: after } = play(subject, together, { settings: { ...QUIET, tooLate: false } });
      expect(sent.map(({ input }) => input.kind)).not.toContain(kind);
      expect(decisions.filter((one) => one.kind === kind)).toMatchObject([
        { verdict: 'not_send', status: 'not_sent', reason: 'superseded', cause: `wh_${String(known.length + 1)}` },
      ]);
      expect(after.notifications.find((notification) => notification.kind === kind)).toMatchObject({
        status: 'not_sent',
        reason: 'superseded',
      });
    });

  for (const by of notOvertakenBy)
    test(`is not overtaken by ${by[0]}`, () => {
      const together = [...known, cause, by].map(
        ([name, at, rest]) => [name, at, { ...rest, late: (5 - at) * DAY }] as const,
      );
      expect(fates(play(subject, together, { settings: { ...QUIET, tooLate: false } }))[kind]).toBe('sent');
    });

  test(`without a contact: ${noContact}`, () => {
    const nobody: Tale =
      kind === 'kit.registered' ? [['kit.registered', 0, { person: patient('jane', null) }]] : [cause];
    const at = (days: number) =>
      play(subject, nobody, { until: START + (nobody[0]?.[1] ?? 0) * DAY + days * DAY }).known.notifications.find(
        (notification) => notification.kind === kind,
      );
    const hoursLater = at(0.9);
    const daysLater = at(1.1);
    const { decisions } = play(subject, nobody, { until: START + ((nobody[0]?.[1] ?? 0) + 1.1) * DAY });
    const verdicts = decisions.filter((one) => one.kind === kind).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(
      { 'not_sent at once': ['not_send'], 'not_sent after a day': ['wait', 'not_send'], waits: ['wait'] }[noContact],
    );
    expect([hoursLater?.status, hoursLater?.reason]).toEqual([
      noContact === 'not_sent at once' ? 'not_sent' : 'deferred',
      'no_contact',
    ]);
    expect([daysLater?.status, daysLater?.reason]).toEqual([
      noContact === 'waits' ? 'deferred' : 'not_sent',
      'no_contact',
    ]);
  });

  test(`refused: ${refused}`, () => {
    const played = play(subject, [...known, cause], {
      until: START + 4 * DAY,
      send: (input, now) =>
        input.kind === kind
          ? failing('failed', 'address_refused')(input, now)
          : { after: SECOND, outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null } },
    });
    const escalation = nextOf(played).escalations.find((each) => each.kind === kind);
    expect(escalation?.alerts).toBe(refused === 'row' ? undefined : refused !== 'attention');
    expect(played.sent.map(({ input }) => input.kind)).not.toContain(kind);
  });

  test('a repeated fact is only noted', () => {
    const { decisions } = play(subject, [...known, cause, [event, day, { ...more, late: HOUR, cause: 'wh_again' }]]);
    const notes = decisions.filter(({ cause: why }) => why === 'wh_again');
    expect(notes).toMatchObject([{ kind, verdict: 'not_send', reason: 'already_told' }]);
    expect(notes[0]).not.toHaveProperty('status');
  });
});

test('every kind has its row in these tests or in those of the clocks', () => {
  const clocks = ['results.updated', 'reminder.register', 'reminder.return', 'notice.delay'];
  expect(Object.keys(POLICY).sort()).toEqual([...ROWS.map(({ kind }) => kind), ...clocks].sort());
});

describe('the order of checks', () => {
  const late: Tale = [P, ['results.available', 0, { late: 40 * DAY }]];
  const with_ = (tale: Tale, settings: Partial<PolicySettings> = {}) =>
    play(KIT, tale, { settings: { ...QUIET, ...settings }, until: START + 60 * DAY }).known.notifications.find(
      ({ kind }) => kind === 'results.available',
    )?.reason;

  test('erased comes first, then an operator’s skip, then what overtook it, then age, then the hold, then contact', () => {
    const erase: Tale[number] = ['operator.erase', 30];
    const skip: Tale[number] = ['operator.skip', 40.5, { command: { kind: 'results.available' } }];
    const reviewed: Tale[number] = ['results.reviewed', 40.4];
    expect(with_([erase, ...late, skip, reviewed])).toBe('erased');
    expect(with_([...late, skip, ['results.reviewed', 40.6]])).toBe('operator_skipped');
    expect(with_([...late, reviewed])).toBe('superseded');
    expect(with_(late, { resultsRelease: 'reviewed' })).toBe('too_late');
    expect(with_([['results.available', 40]], { resultsRelease: 'reviewed', resultsMaxHold: 50 * DAY })).toBe(
      'held_for_review',
    );
    expect(with_([['results.available', 40]])).toBe('no_contact');
  });

  test('an operator’s release lifts the age of what a human decides about, and of nothing else', () => {
    const together = (kind: FactEvent): Tale => [
      P,
      [kind, 0, { late: 40 * DAY }],
      ['operator.release', 40, { command: {}, cause: 'operator:1' }],
    ];
    expect(fates(play(KIT, together('kit.received_lab')))['kit.received_lab']).toBe('too_late');
    expect(fates(play(KIT, together('results.available')))['results.available']).toBe('sent');
  });

  test('what waits for one reason and then for another says so', () => {
    const two: Tale = [
      results,
      ['kit.registered', 3, { person: patient('jane') }],
      ['kit.registered', 1, { person: patient('john'), late: 2 * DAY }],
    ];
    const { decisions, known } = play(KIT, two, { until: START + 4 * DAY });
    const waits = decisions.filter(({ kind }) => kind === 'results.available');
    expect(waits.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['wait', 'no_contact'],
      ['wait', 'contact_conflict'],
    ]);
    expect(known.notifications.find(({ kind }) => kind === 'results.available')?.reason).toBe('contact_conflict');
  });

  test('what is switched off is not called superseded', () => {
    const { known } = play(
      KIT,
      [P, lab, processing].map(([event, at, more]) => [event, at, { ...more, late: (3 - at) * DAY }] as const),
      {
        settings: { ...QUIET, tooLate: false, switchedOff: ['kit.registered'] },
      },
    );
    expect(known.notifications.find(({ kind }) => kind === 'kit.registered')?.reason).toBe('switched_off');
  });

  test('where kit.processing_started is switched off, kit.received_lab is told although processing has begun', () => {
    const settings = { ...QUIET, tooLate: false, switchedOff: ['kit.processing_started'] as const };
    const { sent } = play(
      KIT,
      [P, lab, processing].map(([event, at, more]) => [event, at, { ...more, late: (3 - at) * DAY }] as const),
      { settings },
    );
    expect(sent.map(({ input }) => input.kind)).toEqual(['kit.received_lab']);
  });
});

describe('shipments', () => {
  test('one email per set of barcodes that was not told before', () => {
    const { sent, decisions } = play(ORDER, [
      R,
      ['order.shipped', 1, { barcodes: ['1', '2'] }],
      ['order.shipped', 1.1, { barcodes: ['2', '1'] }],
      ['order.shipped', 2, { barcodes: ['2', '3'] }],
    ]);
    expect(sent.map(({ input }) => [input.occurrence, input.sourceSeq])).toEqual([
      [1, 2],
      [2, 4],
    ]);
    expect(decisions.filter(({ reason }) => reason === 'already_told')).toHaveLength(1);
  });

  test('not when all its kits are registered already, and for as long as it may still come', () => {
    const parcel = { barcodes: ['1', '2'], late: 10 * DAY, delivery: START + 12 * DAY };
    expect(
      fates(play(ORDER, [R, ['order.shipped', 1, { ...parcel, registeredBarcodes: ['1'] }]]))['order.shipped'],
    ).toBe('sent');
    expect(
      fates(play(ORDER, [R, ['order.shipped', 1, { ...parcel, registeredBarcodes: ['2', '1'] }]]))['order.shipped'],
    ).toBe('superseded');
    expect(
      fates(play(ORDER, [R, ['order.shipped', 1, { ...parcel, delivery: START + 10 * DAY }]]))['order.shipped'],
    ).toBe('too_late');
  });

  test('one that names no kit is told, and is not overtaken by kits that nobody knows', () => {
    const { sent } = play(ORDER, [R, ['order.shipped', 1], ['order.shipped', 1.5, { registeredBarcodes: ['1'] }]]);
    expect(sent.map(({ input }) => input.sourceSeq)).toEqual([2]);
    const empty = play(ORDER, [R, ['order.shipped', 1, { barcodes: [], registeredBarcodes: ['1'] }]]);
    expect(fates(empty)['order.shipped']).toBe('sent');
    const unknown = play(ORDER, [R, ['order.shipped', 1, { barcodes: ['1'] }]]);
    expect(fates(unknown)['order.shipped']).toBe('sent');
  });

  test('a run that starts again knows which of them were told, also where an operator has repaired one since', () => {
    const parcels = facts(ORDER, [
      R,
      ['order.shipped', 1, { barcodes: ['1'] }],
      ['order.shipped', 2, { barcodes: ['2'] }],
      ['order.shipped', 3, { barcodes: ['3'] }],
    ]);
    const told = (occurrence: number, source?: number): NotificationState => ({
      subject: ORDER,
      kind: 'order.shipped',
      occurrence,
      status: 'sent',
      reason: null,
      at: START + 2.5 * DAY,
      // Whatever repaired it since, it speaks of the fact that opened it.
      cause: 'operator:9',
      ...(source === undefined ? {} : { source }),
    });
    const after = (...notifications: readonly NotificationState[]) =>
      simulate({
        subject: ORDER,
        settings: QUIET,
        prior: { facts: parcels, notifications: notifications },
        facts: [],
        from: START + 3.5 * DAY,
        until: START + 4 * DAY,
      }).sent.map(({ input }) => [input.occurrence, input.sourceSeq]);
    expect(after(told(1, 3), told(2, 2))).toEqual([[3, 4]]);
    expect(after(told(1, 2), told(2, 4))).toEqual([[3, 3]]);
    expect(after(told(1, 2), told(2, 3), told(3, 4))).toEqual([]);
  });

  test('a refused one goes to the corrected address as the next occurrence, beside later shipments', () => {
    let refuse = true;
    const { sent } = play(
      ORDER,
      [
        R,
        ['order.shipped', 1, { barcodes: ['1'] }],
        ['operator.correct_contact', 2, { command: {}, person: recipient('buyer', 'new') }],
        ['order.shipped', 3, { barcodes: ['2'] }],
      ],
      {
        send: (input, now) => {
          const outcome = failing('failed', 'address_refused')(input, now);
          const answer = refuse
            ? outcome
            : { ...outcome, outcome: { ...outcome.outcome, status: 'sent' as const, reason: null } };
          refuse = false;
          return answer;
        },
      },
    );
    expect(sent.map(({ input }) => [input.occurrence, input.sourceSeq, input.tooLateAt === null])).toEqual([
      [2, 2, true],
      [3, 4, false],
    ]);
  });
});

test('two shipments that were refused are sent to the corrected address each as an occurrence of its own', () => {
  const { sent } = play(
    ORDER,
    [
      R,
      ['order.shipped', 1, { barcodes: ['1'] }],
      ['order.shipped', 1.5, { barcodes: ['2'] }],
      ['operator.correct_contact', 2, { command: {}, person: recipient('buyer', 'new') }],
    ],
    {
      send: (input, now) => {
        const refused = failing('failed', 'address_refused')(input, now);
        if (input.occurrence < 3) return refused;
        return { ...refused, outcome: { ...refused.outcome, status: 'sent', reason: null } };
      },
    },
  );
  expect(sent.map(({ input }) => [input.occurrence, input.sourceSeq])).toEqual([
    [3, 2],
    [4, 3],
  ]);
});

test('an answer to something just done goes out at night too', () => {
  const [input] = play(KIT, [P]).sent.map((each) => each.input);
  expect(input?.quietExemptUntil).toBe(START + 15 * MINUTE);
  const others = play(KIT, [P, lab]).sent.map((each) => each.input.quietExemptUntil);
  expect(others).toEqual([START + 15 * MINUTE, null]);
});
