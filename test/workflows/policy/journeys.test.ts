import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Kind } from '../../../src/domain/kinds.js';
import type { Reason } from '../../../src/domain/notifications.js';
import type { Fact, PolicySettings } from '../../../src/domain/facts.js';
import { nameOf } from '../../../src/domain/subjects.js';
import { simulate, type Played, type World } from '../../../workflows/core/simulate.js';
import {
  createFacts,
  DAY,
  HOUR,
  MINUTE,
  patient,
  PROMPT_KIT,
  recipient,
  SECOND,
  SETTINGS,
  START,
  nameParts,
} from '../../support/facts.js';

const BARCODE = nameOf(PROMPT_KIT);
let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts(PROMPT_KIT);
});

const ORDER = 'order:C4H-1';

function live(facts: readonly Fact[], more: Partial<World> & { settings?: PolicySettings } = {}): Played {
  return simulate({ subject: PROMPT_KIT, settings: SETTINGS, until: START + 400 * DAY, facts, ...more });
}
const kinds = ({ sent }: Played): Kind[] => sent.map(({ input }) => input.kind);
/** Each notification that wasn't sent, and why. */
const notSent = ({ known }: Played): Record<string, Reason | null> =>
  Object.fromEntries(
    known.notifications
      .filter(({ status }) => !['sent', 'delivered'].includes(status))
      .map((notification) => [notification.kind, notification.reason]),
  );
const rowOf = ({ known }: Played, kind: Kind, occurrence = 1) =>
  known.notifications.find((notification) => notification.kind === kind && notification.occurrence === occurrence);
const firstWords = ({ sent }: Played): number => sent.filter(({ input }) => input.firstWord).length;
const attentions = ({ attention }: Played): (string | null)[] => attention.map(({ code }) => code);

const shipped = (days: number, more = {}) =>
  make.fact('order.shipped', days, { order: 'C4H-1', barcodes: [BARCODE], ...more });
const created = (days: number, person = recipient('buyer')) =>
  make.fact('order.created', days, { order: 'C4H-1', person });
const registered = (days: number, more = {}) => make.fact('kit.registered', days, { person: patient('jane'), ...more });
const available = (days: number, more = {}) =>
  make.fact('results.available', days, { person: patient('jane'), summary: 'a', ...more });
const smooth = () => [
  created(0),
  shipped(1, { delivery: START + 3 * DAY }),
  registered(3),
  make.fact('kit.received_lab', 6),
  make.fact('kit.processing_started', 6.5),
  make.fact('kit.processing_completed', 8),
  available(8.1),
  make.fact('results.reviewed', 8.35),
];

describe('the journeys of the policy', () => {
  test('smooth, with a review six hours later', () => {
    const kit = live(smooth());
    expect(kinds(kit)).toEqual([
      'kit.registered',
      'kit.received_lab',
      'kit.processing_started',
      'results.available',
      'results.reviewed',
    ]);
    expect(notSent(kit)).toEqual({
      'reminder.register': 'superseded',
      'reminder.return': 'superseded',
      'notice.delay': 'superseded',
    });
    expect(kit.sent.map(({ input }) => input.firstWord)).toEqual([false, false, false, true, false]);
    expect(attentions(kit)).toEqual([]);
    expect(kit.endedAt).toBeGreaterThanOrEqual(START + 22 * DAY);
    expect(kit.known.notifications.every(({ cause }) => cause !== '')).toBe(true);
  });

  test('the order of a smooth kit', () => {
    const order = live([created(0), make.fact('order.confirmed', 0.1, { order: 'C4H-1' }), shipped(1)], {
      subject: ORDER,
    });
    expect(kinds(order)).toEqual(['order.confirmed', 'order.shipped']);
    expect(order.projection).toMatchObject({ state: 'shipped', closed: true });
  });

  test('all shuffled within a minute: the first word once, the rest overtaken', () => {
    const facts = smooth().map((fact, index) => ({
      ...fact,
      at: START + fact.seq,
      receivedAt: START + ((index * 5) % 8) * 7_000,
    }));
    const kit = live(facts, { send: (_, now) => ({ after: 2 * SECOND, outcome: sentAt(now) }) });
    expect(firstWords(kit)).toBe(1);
    expect(kit.projection.state).toBe('results.reviewed');
  });

  test('the registration webhook was lost: the partner knows', () => {
    const kit = live([created(0), shipped(0)], {
      until: START + 13 * DAY,
      answer: (_, now) => ({
        outcome: 'answered',
        after: MINUTE,
        facts: [
          {
            ...make.fact('partner.answered', 0, { cause: 'reconciled:1', person: patient('jane') }),
            receivedAt: now + MINUTE,
            at: now,
            learned: [{ event: 'kit.registered', at: START + 2 * DAY }],
          },
        ],
      }),
    });
    expect(kit.questions[0]).toEqual({ at: expect.closeTo(START + 7 * DAY, -6), why: 'before_reminder' });
    expect(notSent(kit)).toMatchObject({ 'kit.registered': 'too_late', 'reminder.register': 'superseded' });
    expect(rowOf(kit, 'kit.registered')?.cause).toBe('reconciled:1');
    expect(kinds(kit)).toEqual(['reminder.return']);
    expect(kit.sent[0]?.at).toBeGreaterThanOrEqual(START + 12 * DAY);
  });

  test('a gift: the recipient hears nothing more once the patient has registered', () => {
    const kit = live([created(0), shipped(0), registered(9), make.fact('kit.received_lab', 12), available(14)]);
    expect(kit.sent.map(({ input }) => [input.kind, input.audience, input.subject])).toEqual([
      ['reminder.register', 'recipient', ORDER],
      ['kit.registered', 'patient', PROMPT_KIT],
      ['kit.received_lab', 'patient', PROMPT_KIT],
      ['results.available', 'patient', PROMPT_KIT],
    ]);
  });

  test('a kit that needs no reminder does not decide for its siblings', () => {
    const kit = live([shipped(0, { barcodes: [BARCODE, '999999999999'] }), registered(2)]);
    const decision = kit.decisions.find(({ kind }) => kind === 'reminder.register');
    expect(decision).toMatchObject({ subject: ORDER, reason: 'superseded' });
    expect(decision).not.toHaveProperty('status');
  });

  describe('cancelled', () => {
    const cancel = (days: number) => make.fact('order.cancelled', days, { order: 'C4H-1' });

    test('before shipping', () => {
      const order = live(
        [created(0), make.fact('order.confirmed', 0.5), cancel(0.5)].map((f) => ({
          ...f,
          receivedAt: START + DAY / 2,
        })),
        {
          subject: ORDER,
        },
      );
      expect(kinds(order)).toEqual(['order.cancelled']);
      expect(notSent(order)).toEqual({ 'order.confirmed': 'superseded' });
    });

    test('after shipping: its reminders are cancelled', () => {
      const kit = live([created(0), shipped(1), cancel(2)]);
      expect(kinds(kit)).toEqual([]);
      expect(notSent(kit)).toEqual({ 'reminder.register': 'cancelled' });
      expect(kit.endedAt).not.toBeNull();
    });

    test('after registration the patient is told, if the recipient was somebody else', () => {
      const facts = [created(0), shipped(1), registered(2), cancel(3)];
      expect(kinds(live(facts))).toEqual(['kit.registered', 'kit.cancelled']);
      make = createFacts(PROMPT_KIT);
      const same = live([created(0, recipient('jane')), shipped(1), registered(2), cancel(3)]);
      expect(kinds(same)).toEqual(['kit.registered']);
      expect(notSent(same)).toMatchObject({ 'kit.cancelled': 'already_told', 'reminder.return': 'cancelled' });
    });

    test('whom the order’s cancellation reached is not told twice of the kit’s, but of all that still comes', () => {
      const same = (address: string | null = 'jane@home') => {
        make = createFacts(PROMPT_KIT);
        const to = (role: 'patient' | 'recipient') =>
          ({ role, hasContact: true, name: nameParts('jane'), address }) as const;
        return [created(0, to('recipient')), registered(2, { person: to('patient') }), cancel(3), available(9)];
      };
      expect(kinds(live(same()))).toEqual(['kit.registered', 'results.available']);
      const settings: PolicySettings = { ...SETTINGS, switchedOff: ['order.cancelled'] };
      expect(kinds(live(same(), { settings }))).toEqual(['kit.registered', 'kit.cancelled', 'results.available']);
      // Two addresses of which neither can be compared are not known to be one.
      expect(kinds(live(same(null).slice(0, 3)))).toEqual(['kit.registered', 'kit.cancelled']);
      make = createFacts(PROMPT_KIT);
      const byPartner = [created(0, recipient('jane')), registered(2), make.fact('kit.cancelled', 3)];
      expect(kinds(live(byPartner))).toEqual(['kit.registered', 'kit.cancelled']);
    });

    test('with the sample at the lab: a human looks, and results are told if they come', () => {
      const kit = live([created(0), registered(2), make.fact('kit.received_lab', 4), cancel(5), available(9)]);
      expect(kinds(kit)).toEqual(['kit.registered', 'kit.received_lab', 'kit.cancelled', 'results.available']);
      expect(attentions(kit)).toEqual(['cancelled_at_lab', 'results_after_end']);
    });
  });

  test('a rejected sample is told within a day of the word of the lab', () => {
    const kit = live([registered(0), make.fact('kit.received_lab', 3)], {
      answer: (_, now) =>
        now < START + 4 * DAY
          ? { outcome: 'unchanged', after: SECOND }
          : {
              outcome: 'answered',
              after: SECOND,
              facts: [
                {
                  ...make.fact('partner.answered', 0, { cause: 'reconciled:f' }),
                  at: now,
                  receivedAt: now + SECOND,
                  learned: [{ event: 'kit.failed', at: now - HOUR }],
                },
              ],
            },
    });
    expect(kinds(kit)).toEqual(['kit.registered', 'kit.received_lab', 'kit.failed']);
    expect(notSent(kit)['notice.delay']).toBe('cancelled');
    expect(kit.questions[0]).toEqual({ at: expect.any(Number), why: 'silence' });
    expect(kit.endedAt).toBeGreaterThan(START + (4 + 60) * DAY);
  });

  test('a sample that was never registered: a reminder to the recipient after a day, and a human', () => {
    const kit = live([created(0), shipped(0), make.fact('kit.received_lab', 5)], { until: START + 8 * DAY });
    expect(kinds(kit)).toEqual(['reminder.register']);
    expect(kit.sent[0]?.at).toBeGreaterThanOrEqual(START + 6 * DAY);
    expect(kit.sent[0]?.at).toBeLessThan(START + 6 * DAY + HOUR);
    expect(notSent(kit)).toEqual({ 'kit.received_lab': 'not_the_patient' });
    expect(attentions(kit)).toEqual(['unregistered_at_lab']);
    expect(kit.questions.map(({ why }) => why)).toContain('unregistered_at_lab');
  });

  test('results before any registration go to the patient they name', () => {
    const kit = live([available(0), registered(0.01)]);
    expect(kinds(kit)).toEqual(['results.available']);
    expect(notSent(kit)).toMatchObject({ 'kit.registered': 'superseded' });
  });

  test('results without a patient wait, the partner is asked, and a human within the hour', () => {
    const kit = live([created(0), make.fact('results.available', 0)], { until: START + 3 * DAY });
    expect(kinds(kit)).toEqual([]);
    expect(notSent(kit)).toEqual({ 'results.available': 'not_the_patient' });
    expect(kit.questions.map(({ why }) => why)).toEqual(['no_contact']);
    expect(kit.attention).toEqual([{ at: START + HOUR, code: 'not_the_patient' }]);
    expect(kit.endedAt).toBeNull();
  });

  test('reviewed before available: one first word', () => {
    const kit = live([registered(0), make.fact('results.reviewed', 3), available(3.1)]);
    expect(kinds(kit)).toEqual(['kit.registered', 'results.reviewed']);
    expect(firstWords(kit)).toBe(1);
    expect(notSent(kit)).toMatchObject({ 'results.available': 'superseded' });
    expect(attentions(kit)).toEqual(['review_without_results', null]);
  });

  test('reviewed eight minutes after available: both words', () => {
    const kit = live([registered(0), available(3), make.fact('results.reviewed', 3 + 8 / 1440)]);
    expect(kinds(kit)).toEqual(['kit.registered', 'results.available', 'results.reviewed']);
    expect(kit.sent.map(({ input }) => input.firstWord)).toEqual([false, true, false]);
  });

  describe('a review that comes while the results email is under way', () => {
    const slow = (retrying: boolean): Partial<World> => ({
      send: ({ kind }, now) => ({
        after: kind === 'results.available' ? HOUR : SECOND,
        retrying,
        outcome: sentAt(now + HOUR),
      }),
    });
    const facts = () => [
      registered(0),
      available(3),
      make.fact('results.reviewed', 3.02),
      make.fact('kit.processing_completed', 3.03),
    ];

    test('waits for what becomes of it: in mid-SMTP it went out, so the review is the second word', () => {
      const kit = live(facts(), slow(false));
      expect(kit.sent.map(({ input, at }) => [input.kind, input.firstWord, at >= START + 3 * DAY + HOUR])).toEqual([
        ['kit.registered', false, false],
        ['results.available', true, true],
        ['results.reviewed', false, true],
      ]);
      expect(kit.decisions.filter(({ kind, reason }) => kind === 'results.available' && reason !== null)).toHaveLength(
        1,
      );
    });

    test('called back in time, it never went, and the review is the first word at once', () => {
      const kit = live(facts(), slow(true));
      expect(kit.sent.map(({ input }) => [input.kind, input.firstWord])).toEqual([
        ['kit.registered', false],
        ['results.reviewed', true],
      ]);
      expect(kit.sent[1]?.at).toBeLessThan(START + 3.03 * DAY);
      expect(rowOf(kit, 'results.available')).toMatchObject({ status: 'not_sent', reason: 'superseded' });
    });

    test('also when the run was lost in between: first the sender finds out', () => {
      const kit = simulate({
        subject: PROMPT_KIT,
        settings: SETTINGS,
        until: START + 400 * DAY,
        prior: {
          facts: [registered(0), available(3), make.fact('results.reviewed', 3.02)],
          notifications: [
            { subject: PROMPT_KIT, kind: 'kit.registered', occurrence: 1, status: 'sent', reason: null, at: START },
            {
              subject: PROMPT_KIT,
              kind: 'results.available',
              occurrence: 1,
              status: 'sending',
              reason: null,
              at: START + 3 * DAY,
            },
          ],
        },
        from: START + 3.1 * DAY,
        facts: [{ ...make.fact('kit.processing_completed', 3.1), receivedAt: START + 3.1 * DAY + SECOND / 2 }],
      });
      const ofResults = kit.decisions.filter(({ kind }) => kind.startsWith('results.'));
      expect(ofResults.map(({ kind, verdict, at }) => [kind, verdict, at])).toEqual([
        ['results.available', 'not_send', START + 3.1 * DAY],
        ['results.reviewed', 'send', START + 3.1 * DAY + SECOND],
      ]);
    });
  });

  test.each([
    ['kit.cancelled', 'cancelled'],
    ['kit.failed', 'cancelled'],
    ['kit.received_lab', 'superseded'],
  ] as const)('a reminder that is being retried is called back by %s', (event, reason) => {
    const kit = live([registered(0), make.fact(event, 6)], {
      settings: { ...SETTINGS, partner: false },
      until: START + 7 * DAY,
      send: ({ kind }, now) => ({
        after: kind === 'reminder.return' ? 3 * DAY : SECOND,
        retrying: true,
        outcome: sentAt(now),
      }),
    });
    expect(rowOf(kit, 'reminder.return')).toMatchObject({ status: 'not_sent', reason });
  });

  test('an email that is being retried is not called back for its age: its sender looks at that', () => {
    const kit = live([registered(0), make.fact('order.shipped', 4, { order: 'C4H-1' })], {
      send: ({ kind }, now) => ({
        after: kind === 'kit.registered' ? 4.5 * DAY : SECOND,
        retrying: true,
        outcome: sentAt(now),
      }),
    });
    expect(rowOf(kit, 'kit.registered')?.status).toBe('sent');
  });

  describe('what the sender has put off', () => {
    const putOff = (reason: Reason, until: number | null): Partial<World> => ({
      until: START + 2 * DAY,
      send: ({ kind }, now) => ({
        after: SECOND,
        outcome:
          kind === 'results.available' && now < START + DAY
            ? { status: 'deferred', reason, until, settledAt: now, address: null }
            : sentAt(now),
      }),
    });
    const tries = ({ decisions }: Played) =>
      decisions
        .filter(({ kind, verdict }) => kind === 'results.available' && verdict === 'send')
        .map(({ at }) => Math.round((at - START) / HOUR));

    test('is looked at again at the moment it named, or when an operator or a person’s block says something new', () => {
      const opted = putOff('opted_out', null);
      expect(tries(live([available(0)], opted))).toEqual([0]);
      make = createFacts(PROMPT_KIT);
      expect(tries(live([available(0), make.fact('kit.processing_completed', 1)], opted))).toEqual([0]);
      make = createFacts(PROMPT_KIT);
      expect(tries(live([available(0), make.command('operator.retry', 1)], opted))).toEqual([0, 24]);
      make = createFacts(PROMPT_KIT);
      expect(tries(live([available(0), registered(1)], opted))).toEqual([0, 24]);
      make = createFacts(PROMPT_KIT);
      expect(tries(live([registered(-1), available(0)], putOff('opted_out', START + 30 * HOUR)))).toEqual([0, 30]);
    });

    test('for the night sleeps until the night ends, whatever is said meanwhile', () => {
      const night = putOff('quiet_hours', START + 30 * HOUR);
      expect(tries(live([available(0), make.command('operator.retry', 1), registered(1)], night))).toEqual([0, 30]);
    });
  });

  test('held and never reviewed: told at the end of the hold, attention from half of it', () => {
    const kit = live([registered(0), available(3)], { settings: { ...SETTINGS, resultsRelease: 'reviewed' } });
    expect(kinds(kit)).toEqual(['kit.registered', 'results.available']);
    expect(kit.sent[1]?.at).toBe(START + 6 * DAY + SECOND);
    expect(kit.sent[1]?.input.cause).toMatch(/^timer:/);
    expect(kit.attention).toEqual([
      { at: START + 3 * DAY + 36 * HOUR, code: 'held_for_review' },
      { at: START + 6 * DAY, code: null },
    ]);
    const held = kit.decisions.find(({ reason }) => reason === 'held_for_review');
    expect(held).toMatchObject({
      status: 'deferred',
      rule: 'results.available: RESULTS_RELEASE=reviewed RESULTS_MAX_HOLD=3d',
    });
  });

  test('an email corrected before results: the new address gets what is still true', () => {
    const kit = live(
      [
        registered(0, { person: patient('jane', 'old@home') }),
        make.fact('kit.received_lab', 2),
        make.command(
          'operator.correct_contact',
          2.5,
          {},
          { person: { role: 'patient', hasContact: true, name: null, address: 'new' } },
        ),
      ],
      {
        until: START + 3 * DAY,
        send: (_, now) =>
          now < START + 2.5 * DAY
            ? { after: SECOND, outcome: { ...sentAt(now), status: 'failed', reason: 'address_refused' } }
            : { after: SECOND, outcome: sentAt(now) },
      },
    );
    expect(kit.sent.map(({ input }) => [input.kind, input.occurrence])).toEqual([['kit.received_lab', 2]]);
    expect(rowOf(kit, 'kit.received_lab')?.status).toBe('failed');
    expect(kit.projection.attention).toEqual([]);
  });

  test('results that went to the old address go again only on an explicit order', () => {
    const correct = (resend: boolean) => {
      make = createFacts(PROMPT_KIT);
      const person = { role: 'patient', hasContact: true, name: null, address: 'new' } as const;
      return live([registered(0), available(3), make.command('operator.correct_contact', 4, { resend }, { person })]);
    };
    expect(kinds(correct(false))).toEqual(['kit.registered', 'results.available']);
    const again = correct(true);
    expect(again.sent.map(({ input }) => [input.kind, input.occurrence, input.firstWord])).toEqual([
      ['kit.registered', 1, false],
      ['results.available', 1, true],
      ['results.available', 2, true],
    ]);
    expect(rowOf(again, 'results.available')?.status).toBe('sent');
  });

  test('results that bounce: one more try after a temporary bounce, then a human', () => {
    const kit = live([
      registered(0),
      available(3),
      make.report('mail.bounced', 3.1, 'results.available', 1, false),
      make.report('mail.bounced', 3.2, 'results.available', 1, false),
    ]);
    expect(kit.sent.map(({ input }) => [input.kind, input.reopen ?? false])).toEqual([
      ['kit.registered', false],
      ['results.available', false],
      ['results.available', true],
    ]);
    expect(kit.projection.attention).toMatchObject([{ code: 'bounced', kind: 'results.available' }]);
  });

  test('nothing after a failed kit but its one email; months of silence: two reminders, and the end', () => {
    const kit = live([created(0), shipped(0)]);
    expect(kinds(kit)).toEqual(['reminder.register', 'reminder.register']);
    expect(kit.sent.map(({ at }) => Math.floor((at - START) / DAY))).toEqual([7, 21]);
    expect(kit.endedAt).toBeGreaterThanOrEqual(START + 51 * DAY);
    expect(kit.endedAt).toBeLessThan(START + 52 * DAY);
  });

  test('a backfill after four days: results go, progress is overtaken or too late', () => {
    const facts = smooth()
      .slice(2, 7)
      .map((fact) => ({ ...fact, receivedAt: START + 13 * DAY }));
    const kit = live(facts);
    expect(kinds(kit)).toEqual(['results.available']);
    make = createFacts(PROMPT_KIT);
    const progress = live([registered(0, { late: 4 * DAY })]);
    expect(notSent(progress)).toMatchObject({ 'kit.registered': 'too_late' });
  });
});

const sentAt = (now: number) => ({ status: 'sent' as const, reason: null, until: null, settledAt: now, address: null });
