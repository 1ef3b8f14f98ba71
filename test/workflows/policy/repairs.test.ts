import { beforeEach, describe, expect, test } from '@jest/globals';
import { withNotification, type Notification } from '../../../workflows/core/knowledge.js';
import { type NotificationState, type Reason, type Status } from '../../../src/domain/notifications.js';
import type { NotifyInput } from '../../../src/domain/activities.js';
import type { Command, Fact, PolicySettings } from '../../../src/domain/facts.js';
import { settleInput } from '../../../workflows/core/activity-inputs.js';
import { type Played, type World } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, HOUR, patient, recipient, SECOND, START } from '../../support/facts.js';
import { livesUnder, WITHOUT_CLOCKS } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const live = livesUnder(WITHOUT_CLOCKS, 20);
type Send = NonNullable<World['send']>;
/** Every attempt's fate, by what is sent. */
const coming =
  (fate: (input: NotifyInput, now: number) => readonly [Exclude<Status, 'sending'>, Reason | null]): Send =>
  (input, now) => {
    const [status, reason] = fate(input, now);
    return { after: SECOND, outcome: { status, reason, until: null, settledAt: now, address: 'a' } };
  };
const failsAtFirst = coming(({ reopen, occurrence }) =>
  reopen === true || occurrence > 1 ? ['sent', null] : ['failed', 'address_refused'],
);
const sent = (played: Played) => played.sent.map(({ input }) => [input.kind, input.occurrence, input.cause]);
const fates = ({ known }: Played) =>
  known.notifications.map(({ kind, occurrence, status, reason }) => [kind, occurrence, reason ?? status]);
const notes = ({ decisions }: Played, cause: string) =>
  decisions
    .filter((one) => one.cause === cause)
    .map(({ kind, verdict, reason, rule }) => [kind, verdict, reason, rule]);
const registered = (days = 0, more = {}) => make.fact('kit.registered', days, { person: patient('jane'), ...more });
const results = (days: number, more = {}) => make.fact('results.available', days, { person: patient('jane'), ...more });
const corrected = (days: number, command: Partial<Command> = {}, role: 'patient' | 'recipient' = 'patient') =>
  make.command('operator.correct_contact', days, command, {
    person: { role, hasContact: true, name: null, address: 'right' },
  });

describe('retry', () => {
  test.each(['failed', 'unknown', 'bounced'] as const)('sends again what is %s', (status) => {
    const send = coming(({ reopen }) => (reopen === true ? ['sent', null] : [status, 'no_answer']));
    const kit = live([results(0), make.command('operator.retry', 1)], { send });
    expect(sent(kit)).toEqual([['results.available', 1, 'operator:2']]);
    expect(kit.sent[0]?.input).toMatchObject({ tooLateAt: null, reopen: true });
  });

  test.each([
    ['at the same moment', 0],
    ['while it is being sent', 0.5 * SECOND],
    ['after it was sent', DAY],
  ])('asked for by two runs sends once, also when the second comes %s', (_when, later) => {
    const retry = (days: number) => make.command('operator.retry', days);
    const kit = live([results(0), retry(1), retry(1 + later / DAY), retry(3)], { send: failsAtFirst });
    expect(sent(kit).map(([kind, occurrence]) => [kind, occurrence])).toEqual([['results.available', 1]]);
  });

  test('changes nothing about what an operator said before it failed, or about another email', () => {
    const slow: Send = (_, now) => ({
      after: 2 * HOUR,
      outcome: { status: 'failed', reason: 'address_refused', until: null, settledAt: now, address: null },
    });
    expect(sent(live([results(0), make.command('operator.retry', 1 / 24)], { send: slow }))).toEqual([]);
    make = createFacts();
    const other = [results(0), make.command('operator.retry', 1, { kind: 'results.reviewed' })];
    expect(sent(live(other, { send: failsAtFirst }))).toEqual([]);
    make = createFacts();
    const second = [results(0), make.command('operator.retry', 1, { kind: 'results.available', occurrence: 2 })];
    expect(sent(live(second, { send: failsAtFirst }))).toEqual([]);
  });

  test('is answered where nothing has failed, by what stands in the way or became of it', () => {
    const settings: PolicySettings = { ...WITHOUT_CLOCKS, resultsRelease: 'reviewed' };
    const kit = live([results(0), make.command('operator.retry', 1)], { settings, until: START + 2 * DAY });
    expect(notes(kit, 'operator:2')).toEqual([
      ['results.available', 'not_send', 'held_for_review', 'operator.retry: nothing to do'],
    ]);
    make = createFacts();
    const two = live([registered(), make.fact('kit.received_lab', 1), make.command('operator.retry', 2)]);
    expect(notes(two, 'operator:3')).toEqual([
      ['kit.received_lab', 'not_send', 'already_told', 'operator.retry: nothing to do'],
    ]);
    make = createFacts();
    const named = () => make.command('operator.retry', 2, { kind: 'kit.registered', occurrence: 1 });
    expect(notes(live([registered(), make.fact('kit.received_lab', 1), named()]), 'operator:3')).toEqual([
      ['kit.registered', 'not_send', 'superseded', 'operator.retry: nothing to do'],
    ]);
    make = createFacts();
    const past = live([
      registered(),
      make.fact('kit.received_lab', 1),
      make.command('operator.retry', 2, { kind: 'kit.registered', occurrence: 2 }),
    ]);
    expect(notes(past, 'operator:3')).toEqual([]);
    make = createFacts();
    expect(live([make.fact('kit.processing_completed', 0), make.command('operator.retry', 1)]).decisions).toEqual([]);
  });

  test('ends a wait that the sender asked for, and is the cause', () => {
    const suppressed = coming(({ cause }) =>
      cause.startsWith('operator:') ? ['sent', null] : ['deferred', 'address_suppressed'],
    );
    const kit = live([results(0), make.command('operator.retry', 1)], { send: suppressed });
    expect(sent(kit)).toEqual([['results.available', 1, 'operator:2']]);
    expect(kit.sent[0]?.input).toMatchObject({ tooLateAt: null });
    expect(notes(kit, 'operator:2')).toEqual([
      ['results.available', 'send', null, 'results.available: RESULTS_RELEASE=available'],
    ]);
    make = createFacts();
    const other = live([results(0), make.command('operator.retry', 1, { kind: 'kit.registered' })], {
      send: suppressed,
    });
    expect(sent(other)).toEqual([]);
  });

  test('is not the cause of what goes by itself once its wait is over', () => {
    const night: Send = (_, now) => ({
      after: SECOND,
      outcome:
        now < START + 2 * HOUR
          ? { status: 'deferred', reason: 'quiet_hours', until: START + 2 * HOUR, settledAt: now, address: null }
          : { status: 'sent', reason: null, until: null, settledAt: now, address: 'a' },
    });
    const kit = live([results(0), make.command('operator.retry', 1 / 24)], { send: night });
    expect(sent(kit)).toEqual([['results.available', 1, 'wh_1']]);
    expect(notes(kit, 'operator:2')).toEqual([
      ['results.available', 'not_send', 'quiet_hours', 'operator.retry: nothing to do'],
    ]);
    make = createFacts();
    const settings: PolicySettings = { ...WITHOUT_CLOCKS, resultsRelease: 'reviewed' };
    const held = live([results(0), make.command('operator.retry', 1), make.fact('results.reviewed', 2)], { settings });
    expect(sent(held)).toEqual([['results.reviewed', 1, 'wh_3']]);
  });

  test('what is overtaken meanwhile is not sent again', () => {
    const facts = [registered(), make.fact('kit.received_lab', 1), make.command('operator.retry', 2)];
    const send = coming(({ kind }) => (kind === 'kit.registered' ? ['failed', 'address_refused'] : ['sent', null]));
    expect(sent(live(facts, { send }))).toEqual([['kit.received_lab', 1, 'wh_2']]);
  });
});

describe('what changes nothing is answered all the same', () => {
  test('a repeated fact: they were told', () => {
    const [first, again] = [registered(), registered(1)];
    expect(notes(live([first, again]), again.cause)).toEqual([
      ['kit.registered', 'not_send', 'already_told', 'kit.registered: repeated fact'],
    ]);
  });

  test('an idle command that comes together with news that sends something', () => {
    const [first, news] = [registered(), make.fact('kit.received_lab', 1)];
    const idle = make.command('operator.retry', 1, { kind: 'kit.registered' });
    const kit = live([first, news, idle]);
    expect(notes(kit, idle.cause)).toEqual([
      ['kit.registered', 'not_send', 'superseded', 'operator.retry: nothing to do'],
    ]);
    expect(sent(kit)).toContainEqual(['kit.received_lab', 1, news.cause]);
  });
});

describe('a temporary bounce', () => {
  const bounce = (days: number, kind: 'results.available' | 'kit.registered', occurrence = 1) =>
    make.report('mail.bounced', days, kind, occurrence, false);

  test('of results is tried once more, with the same row; of progress not', () => {
    expect(sent(live([results(0), bounce(1, 'results.available')]))).toEqual([
      ['results.available', 1, 'wh_1'],
      ['results.available', 1, 'mail:2'],
    ]);
    make = createFacts();
    expect(sent(live([registered(), bounce(1, 'kit.registered')]))).toEqual([['kit.registered', 1, 'wh_1']]);
  });

  test('each email’s bounces are its own', () => {
    const facts = [
      registered(-1),
      bounce(-0.5, 'kit.registered'),
      results(0),
      bounce(1, 'results.available'),
      corrected(2, { resend: true }),
      bounce(3, 'results.available', 2),
      bounce(4, 'results.available', 2),
    ];
    expect(sent(live(facts)).map(([kind, occurrence, cause]) => [kind, occurrence, cause])).toEqual([
      ['kit.registered', 1, 'wh_1'],
      ['results.available', 1, 'wh_3'],
      ['results.available', 1, 'mail:4'],
      ['results.available', 2, 'operator:5'],
      ['results.available', 2, 'mail:6'],
    ]);
  });

  test('a bounce of another occurrence neither counts nor is tried', () => {
    const facts = [results(0), corrected(1, { resend: true }), bounce(2, 'results.available', 2)];
    expect(sent(live(facts))).toEqual([
      ['results.available', 1, 'wh_1'],
      ['results.available', 2, 'operator:2'],
      ['results.available', 2, 'mail:3'],
    ]);
  });
});

describe('correct-contact', () => {
  test('opens the next occurrence of what failed, under the operator’s name and whatever its age', () => {
    const kit = live([results(0), corrected(40)], { send: failsAtFirst, until: START + 50 * DAY });
    expect(sent(kit)).toEqual([['results.available', 2, 'operator:2']]);
    expect(kit.sent[0]?.input).toMatchObject({ tooLateAt: null, sourceSeq: 1, firstWord: true });
    expect(kit.sent[0]?.input).not.toHaveProperty('reopen');
    expect(fates(kit)).toEqual([
      ['results.available', 1, 'address_refused'],
      ['results.available', 2, 'sent'],
    ]);
  });

  test('of what waits for an address the first row is superseded, and the next one sent', () => {
    const kit = live([make.fact('results.available', 0), corrected(1)]);
    expect(sent(kit)).toEqual([['results.available', 2, 'operator:2']]);
    expect(fates(kit)).toEqual([
      ['results.available', 1, 'superseded'],
      ['results.available', 2, 'sent'],
    ]);
    expect(notes(kit, 'operator:2')).toContainEqual([
      'results.available',
      'not_send',
      'superseded',
      expect.any(String),
    ]);
  });

  test('of what was thought to be the recipient’s, and of what waits because the address takes nothing', () => {
    const created = () => make.fact('order.created', 0, { order: 'A', person: recipient('buyer') });
    const unknown = live([created(), make.fact('results.available', 0), corrected(1)]);
    expect(sent(unknown)).toEqual([['results.available', 2, 'operator:3']]);
    make = createFacts();
    const suppressed = coming(({ occurrence }) =>
      occurrence > 1 ? ['sent', null] : ['deferred', 'address_suppressed'],
    );
    const kit = live([results(0), corrected(1)], { send: suppressed });
    expect(sent(kit)).toEqual([['results.available', 2, 'operator:2']]);
    expect(kit.sent[0]?.at).toBe(START + DAY + SECOND);
    make = createFacts();
    const optedOut = live([results(0), corrected(1)], {
      send: coming(() => ['deferred', 'opted_out']),
      until: START + 3 * DAY,
    });
    expect(fates(optedOut)).toEqual([['results.available', 1, 'opted_out']]);
  });

  test.each([
    ['it fails', {}, 'failed', ['results.available', 2, 'operator:2']],
    ['it is sent, and is to be sent again', { resend: true }, 'sent', ['results.available', 2, 'operator:2']],
  ] as const)('while an email is handed over counts once that has ended: %s', (_, command, fate, expected) => {
    const slow: Send = ({ occurrence }, now) => ({
      after: 2 * HOUR,
      outcome: {
        status: occurrence > 1 ? 'sent' : fate,
        reason: occurrence > 1 || fate === 'sent' ? null : 'address_refused',
        until: null,
        settledAt: now,
        address: 'a',
      },
    });
    const kit = live([results(0), corrected(1 / 24, command)], { send: slow });
    expect(sent(kit).at(-1)).toEqual(expected);
    expect(kit.sent.at(-1)?.at).toBe(START + 4 * HOUR);
  });

  test('what was opened for the operator and then waits for a human stays deferred, also under TOO_LATE=off', () => {
    const settings = { ...WITHOUT_CLOCKS, tooLate: false };
    const kit = live([results(0), corrected(40)], {
      settings,
      send: coming(({ occurrence, tooLateMeans }) =>
        occurrence === 1
          ? ['failed', 'address_refused']
          : [tooLateMeans === 'defer' ? 'deferred' : 'not_sent', 'address_suppressed'],
      ),
      until: START + 50 * DAY,
    });
    expect(kit.known.notifications.at(-1)).toMatchObject({ occurrence: 2, status: 'deferred' });
  });

  test('twice makes a third occurrence; also of what was called spam', () => {
    const twice = [results(0), corrected(1, { resend: true }), corrected(2, { resend: true })];
    expect(sent(live(twice)).map(([, occurrence]) => occurrence)).toEqual([1, 2, 3]);
    make = createFacts();
    const spam = [results(0), make.report('mail.complained', 1, 'results.available'), corrected(2, { resend: true })];
    expect(sent(live(spam)).map(([, occurrence]) => occurrence)).toEqual([1, 2]);
  });

  test('does not send again what was sent, is held, or has been overtaken', () => {
    expect(sent(live([results(0), corrected(1)]))).toHaveLength(1);
    make = createFacts();
    const settings: PolicySettings = { ...WITHOUT_CLOCKS, resultsRelease: 'reviewed' };
    const held = live([results(0), corrected(1)], { settings, until: START + 2 * DAY });
    expect(fates(held)).toEqual([['results.available', 1, 'held_for_review']]);
    make = createFacts();
    const nobody = registered(0, { person: patient('jane', null) });
    const late = live([nobody, make.fact('kit.failed', 0.5), corrected(1)]);
    expect(sent(late)).toEqual([['kit.failed', 2, 'operator:3']]);
  });

  test('with --resend also what was sent, or only the kind that is named', () => {
    const both = () => [registered(), results(1), make.fact('results.reviewed', 2)];
    expect(sent(live([...both(), corrected(3, { resend: true })])).slice(3)).toEqual([
      ['results.reviewed', 2, 'operator:4'],
    ]);
    make = createFacts();
    expect(sent(live([...both(), corrected(3, { resend: true, kind: 'kit.registered' })])).slice(3)).toEqual([]);
    make = createFacts();
    const delivered = [results(1), make.report('mail.delivered', 1.5, 'results.available')];
    expect(sent(live([...delivered, corrected(3, { resend: true })])).slice(1)).toEqual([
      ['results.available', 2, 'operator:3'],
    ]);
    make = createFacts();
    expect(sent(live([results(1), corrected(3, { resend: false })])).slice(1)).toEqual([]);
  });

  test('a reminder goes again only where it is named', () => {
    const settings = { ...WITHOUT_CLOCKS, returnReminderAfter: DAY };
    const again = (command: Partial<Command>) => {
      make = createFacts();
      const kit = live([registered(), corrected(2, command)], { settings });
      return sent(kit).map(([kind, occurrence]) => [kind, occurrence]);
    };
    expect(again({ resend: true })).toEqual([
      ['kit.registered', 1],
      ['reminder.return', 1],
      ['kit.registered', 2],
    ]);
    expect(again({ resend: true, kind: 'reminder.return' })).toContainEqual(['reminder.return', 2]);
  });

  test('never opens a reminder to register, which is kept for the whole order', () => {
    const settings = { ...WITHOUT_CLOCKS, registerReminderAfter: DAY };
    const parcel = make.fact('order.shipped', 0, { order: 'A', barcodes: ['1'], person: recipient('buyer') });
    const kit = live([parcel, corrected(2, { resend: true, kind: 'reminder.register' }, 'recipient')], {
      settings,
      send: coming(() => ['failed', 'address_refused']),
    });
    expect(fates(kit)).toEqual([['reminder.register', 1, 'address_refused']]);
  });

  test('what it opened is still an operator’s after a restart: it goes, whatever its age', () => {
    const told = (occurrence: number, more: Partial<NotificationState>): NotificationState => ({
      subject: 'kit:1',
      kind: 'results.available',
      occurrence,
      status: 'failed',
      reason: 'address_refused',
      at: START,
      ...more,
    });
    const waits = { status: 'deferred', reason: 'quiet_hours', at: START + 35 * DAY } as const;
    const again = (cause: string) => {
      make = createFacts();
      const prior = {
        facts: [results(0), corrected(35)],
        notifications: [told(1, { cause: 'wh_1' }), told(2, { ...waits, cause })],
      };
      return live([], { prior, from: START + 36 * DAY, until: START + 37 * DAY }).sent.map(({ input }) => [
        input.occurrence,
        input.tooLateAt,
      ]);
    };
    expect(again('operator:2')).toEqual([[2, null]]);
  });

  test('results that went astray count as untold again: the next word is a first word', () => {
    const kit = live([results(0), corrected(1, { resend: true }), make.fact('results.reviewed', 2)], {
      send: coming(({ occurrence }) => (occurrence > 1 ? ['failed', 'address_refused'] : ['sent', null])),
    });
    expect(kit.sent.map(({ input }) => [input.kind, input.firstWord])).toEqual([
      ['results.available', true],
      ['results.reviewed', true],
    ]);
    make = createFacts();
    const plain = live([results(0), corrected(1), make.fact('results.reviewed', 2)]);
    expect(plain.sent.map(({ input }) => input.firstWord)).toEqual([true, false]);
  });
});

describe('skip', () => {
  test('of what waits or is being retried settles it, and counts as told', () => {
    const waits = live([make.fact('results.available', 0), make.command('operator.skip', 1)]);
    expect(fates(waits)).toEqual([['results.available', 1, 'operator_skipped']]);
    expect(notes(waits, 'operator:2')).toEqual([
      ['results.available', 'not_send', 'operator_skipped', 'results.available: RESULTS_RELEASE=available'],
    ]);
    make = createFacts();
    const retrying: Send = (_, now) => ({
      after: DAY,
      retrying: true,
      outcome: { status: 'sent', reason: null, until: null, settledAt: now, address: null },
    });
    const kit = live([results(0), make.command('operator.skip', 0.5), make.fact('results.reviewed', 3)], {
      send: retrying,
    });
    expect(fates(kit)[0]).toEqual(['results.available', 1, 'operator_skipped']);
    expect(kit.sent.map(({ input }) => [input.kind, input.firstWord])).toEqual([['results.reviewed', false]]);
  });

  test('of an email that came back leaves the evidence, and ends the attention', () => {
    const kit = live([
      results(0),
      make.report('mail.bounced', 1, 'results.available'),
      make.command('operator.skip', 2),
    ]);
    expect(fates(kit)).toEqual([['results.available', 1, 'bounced_permanent']]);
    expect(kit.projection.attention).toEqual([]);
  });

  test('of a named kind holds for what comes later only if it came after the fact', () => {
    const named = (days: number) => make.command('operator.skip', days, { kind: 'results.reviewed' });
    expect(sent(live([results(0), named(1), make.fact('results.reviewed', 2)]))).toHaveLength(2);
    make = createFacts();
    const together = [results(0), make.fact('results.reviewed', 1), named(1)];
    expect(fates(live(together))).toContainEqual(['results.reviewed', 1, 'operator_skipped']);
  });
});

describe('release', () => {
  const HELD: PolicySettings = { ...WITHOUT_CLOCKS, resultsRelease: 'reviewed' };

  test('lets go what is held or too late, by the operator’s word; another kind’s release doesn’t', () => {
    const other = [results(0), make.command('operator.release', 1, { kind: 'results.updated' })];
    expect(sent(live(other, { settings: HELD, until: START + 2 * DAY }))).toEqual([]);
    make = createFacts();
    expect(sent(live([results(0), make.command('operator.release', 1)], { settings: HELD }))).toEqual([
      ['results.available', 1, 'operator:2'],
    ]);
  });

  test('without it the end of the hold is the cause; what was never held has its webhook as cause', () => {
    expect(sent(live([results(0)], { settings: HELD }))).toEqual([['results.available', 1, 'timer:RESULTS_MAX_HOLD']]);
    make = createFacts();
    const late = results(0, { late: 4 * DAY });
    expect(sent(live([late]))).toEqual([['results.available', 1, 'wh_1']]);
  });

  test('of what waits for something else changes nothing, and is not its cause', () => {
    const facts = [make.fact('results.available', 0), make.command('operator.release', 1), registered(2)];
    expect(sent(live(facts))).toEqual([['results.available', 1, 'wh_1']]);
  });

  test('a change of the setting lets held results go by their webhook', () => {
    const now = START + DAY;
    const prior = {
      facts: [results(0)],
      notifications: [
        {
          subject: 'kit:1',
          kind: 'results.available',
          occurrence: 1,
          status: 'deferred',
          reason: 'held_for_review',
          at: START,
        } satisfies NotificationState,
      ],
    };
    const kit = live([], { prior, from: now, until: now, settings: { ...HELD, resultsRelease: 'available' } });
    expect(kit.decisions.map(({ cause, rule }) => [cause, rule])).toEqual([
      ['wh_1', 'results.available: RESULTS_RELEASE=available'],
    ]);
  });
});

describe('while it is being sent', () => {
  test('its row says so, keeps the address of a former attempt, and gives no reason', () => {
    const send: Send = ({ reopen }, now) => ({
      after: reopen === true ? DAY : SECOND,
      outcome: { status: 'failed', reason: 'server_refused', until: null, settledAt: now, address: 'former' },
    });
    const facts = () => [results(0), make.command('operator.retry', 1)];
    const { known } = live(facts(), { send, until: START + 1.5 * DAY });
    expect(known.notifications).toMatchObject([
      { status: 'sending', reason: null, address: 'former', flight: 'running', upTo: 2, at: START + DAY, until: null },
    ]);
    make = createFacts();
    const first = live([results(0)], {
      send: (input, now) => ({ ...send(input, now), after: DAY }),
      until: START + HOUR,
    });
    expect(first.known.notifications).toMatchObject([
      { status: 'sending', address: null, cause: 'wh_1', source: 1, due: null },
    ]);
  });
});

test('a decision names the setting in force, also where that has been emptied since', () => {
  const settings = { ...WITHOUT_CLOCKS, returnReminderAfter: null };
  const reminder: NotificationState = {
    subject: 'kit:1',
    kind: 'reminder.return',
    occurrence: 1,
    status: 'deferred',
    reason: 'quiet_hours',
    at: START + 5 * DAY,
  };
  const prior = {
    facts: [registered()],
    notifications: [reminder, { ...reminder, kind: 'kit.registered', status: 'sent' } as NotificationState],
  };
  const kit = live([], { prior, settings, from: START + 5.5 * DAY, until: START + 5.6 * DAY });
  expect(kit.sent.map(({ input }) => input.rule)).toEqual(['reminder.return: RETURN_REMINDER_AFTER=']);
  make = createFacts();
  const updated = live([results(0, { summary: 'a' }), results(1, { summary: 'b' })]).sent.at(-1)?.input;
  expect(updated).toMatchObject({ kind: 'results.updated', rule: 'results.updated: RESULTS_RELEASE=available' });
});

describe('an email that was being sent when its run was lost', () => {
  const orphan = (facts: readonly Fact[]) =>
    live([], {
      prior: {
        facts,
        notifications: [
          { subject: 'kit:1', kind: 'kit.registered', occurrence: 1, status: 'sending', reason: null, at: START },
        ],
      },
      from: START + HOUR,
      until: START + HOUR,
    }).decisions.filter(({ kind }) => kind === 'kit.registered');

  test('goes to the sender, who finds out; if it is overtaken, with the word that it is', () => {
    expect(orphan([registered()])).toMatchObject([{ verdict: 'send', reason: null }]);
    expect(orphan([registered(), make.fact('kit.received_lab', 0.01)])).toMatchObject([
      { verdict: 'not_send', reason: 'superseded' },
    ]);
    make = createFacts();
    expect(orphan([registered(), make.command('operator.erase', 0.01)])).toMatchObject([
      { verdict: 'not_send', reason: 'erased' },
    ]);
  });
});

test('a send that has died is settled under what called it back, else under its own cause', () => {
  const played = live([results(0)]);
  const [input] = played.sent.map((one) => one.input) as [NotifyInput];
  const [notification] = played.known.notifications as [Notification];
  const by = (calledBackBy: Notification['calledBackBy']) =>
    withNotification(played.known, { ...notification, calledBackBy });
  expect(settleInput(by(null), input, 'retries_exhausted', 7)).toEqual({
    subject: 'kit:1',
    journey: 'kit:1',
    kind: 'results.available',
    occurrence: 1,
    ending: 'retries_exhausted',
    cause: 'wh_1',
    rule: 'results.available: RESULTS_RELEASE=available',
    projection: played.projection,
    at: 7,
  });
  expect(settleInput(by({ reason: 'contact_conflict', cause: 'wh_9', rule: 'r' }), input, null, 7)).toMatchObject({
    ending: 'contact_conflict',
    cause: 'wh_9',
    rule: 'r',
  });
  const endingBy = (reason: Reason | null) => settleInput(by({ reason, cause: 'c', rule: 'r' }), input, null, 7).ending;
  expect(settleInput(by(null), input, null, 7).ending).toBe('superseded');
  expect(endingBy('too_late')).toBe('superseded');
  expect(endingBy(null)).toBe('superseded');
  for (const reason of ['superseded', 'cancelled', 'operator_skipped', 'erased'] as const)
    expect(endingBy(reason)).toBe(reason);
});
