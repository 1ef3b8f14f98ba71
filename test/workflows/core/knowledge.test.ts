import { describe, expect, test } from '@jest/globals';
import { TODAY } from '../../../workflows/core/rules.js';
import type { NotificationState } from '../../../src/domain/notifications.js';
import {
  answered,
  asked,
  begin,
  cameBack,
  learn,
  recalled,
  withNotification,
  type Knowledge,
  type Notification,
} from '../../../workflows/core/knowledge.js';
import { createFacts, DAY, HOUR, SETTINGS, START, told } from '../../support/facts.js';

const { fact, report } = createFacts();
const registered = fact('kit.registered', 0);
const atLab = fact('kit.received_lab', 1);
const results = fact('results.available', 2);
const start = (facts = [registered, atLab], notifications: readonly NotificationState[] = []): Knowledge =>
  begin('kit:1', { facts, notifications: notifications }, SETTINGS);

describe('what a run knows at its start', () => {
  test('facts in the order of their arrival, and of every email what the database remembers', () => {
    const known = start([atLab, registered], [told('kit.registered', 0.5, { cause: 'wh_1', address: 'a' })]);
    expect(known.facts).toEqual([registered, atLab]);
    expect(known).toMatchObject({ subject: 'kit:1', questions: [], settings: SETTINGS });
    expect(known.notifications).toEqual([
      {
        ...told('kit.registered', 0.5),
        cause: 'wh_1',
        address: 'a',
        source: 1,
        due: START + 0.5 * DAY,
        upTo: 1,
        until: null,
        quiet: 0,
        calledBackBy: null,
        flight: 'none',
      },
    ]);
  });

  test('what the database doesn’t remember is not made up; what waited for the night’s end still waits', () => {
    const waits = told('kit.received_lab', 1, { status: 'deferred', reason: 'quiet_hours', until: 7, quiet: 5 });
    expect(start([registered], [told('kit.registered', -1)]).notifications).toMatchObject([
      { address: null, cause: '', source: null, upTo: 0, until: null, quiet: 0 },
    ]);
    expect(start([registered, atLab], [waits]).notifications).toMatchObject([{ until: 7, quiet: 5, upTo: 2 }]);
  });

  test('of what its order’s recipient was told, a kit decides the reminders to register only', () => {
    const notifications = [
      told('order.shipped', 0, { subject: 'order:A' }),
      told('reminder.register', 7, { subject: 'order:A' }),
      told('kit.registered', 8),
    ];
    expect(start([], notifications).notifications.map(({ kind }) => kind)).toEqual([
      'reminder.register',
      'kit.registered',
    ]);
  });
});

describe('what a run learns', () => {
  test('each fact once, however often it is told', () => {
    const { known, fresh } = learn(start(), [atLab, results, results], TODAY);
    expect(fresh).toEqual([results]);
    expect(known.facts).toEqual([registered, atLab, results]);
    const again = learn(known, [results], TODAY);
    expect(again).toEqual({ known, fresh: [] });
  });

  test('a report changes the row of its own email only, and only once that has been handed over', () => {
    const notifications = [
      told('kit.registered', 0),
      told('kit.received_lab', 1),
      told('results.available', 2, { status: 'deferred' }),
      told('results.updated', 2, { status: 'unknown' }),
      told('results.updated', 2, { occurrence: 2, status: 'delivered' }),
    ];
    const known = start(undefined, notifications);
    const statuses = (...facts: Parameters<typeof learn>[1]) =>
      learn(known, facts, TODAY).known.notifications.map(({ status }) => status);
    expect(statuses(report('mail.delivered', 3, 'kit.registered'))).toEqual([
      'delivered',
      'sent',
      'deferred',
      'unknown',
      'delivered',
    ]);
    expect(statuses(report('mail.bounced', 3, 'results.available'))[2]).toBe('deferred');
    expect(statuses(report('mail.delivered', 3, 'results.updated')).slice(3)).toEqual(['delivered', 'delivered']);
    expect(statuses(report('mail.bounced', 3, 'results.updated', 2)).slice(3)).toEqual(['unknown', 'bounced']);
  });

  test('a report says what came back, and for how long: a bounce without a word of it is permanent', () => {
    const known = start(undefined, [told('kit.registered', 0)]);
    const reason = (mail: Parameters<typeof report>[0], permanent: boolean) =>
      learn(known, [report(mail, 3, 'kit.registered', 1, permanent)], TODAY).known.notifications[0]?.reason;
    expect(reason('mail.bounced', true)).toBe('bounced_permanent');
    expect(reason('mail.bounced', false)).toBe('bounced_temporary');
    expect(reason('mail.complained', true)).toBe('complained');
    expect(reason('mail.delivered', true)).toBeNull();
    const bare = fact('mail.bounced', 3, { mail: { kind: 'kit.registered', occurrence: 1 } });
    expect(learn(known, [bare], TODAY).known.notifications[0]?.reason).toBe('bounced_permanent');
  });

  test('a report about an email that is being sent again waits for what becomes of that', () => {
    const known = start(undefined, [told('kit.registered', 0)]);
    const sending = {
      ...known,
      notifications: known.notifications.map((notification): Notification => ({ ...notification, flight: 'running' })),
    };
    expect(learn(sending, [report('mail.bounced', 3, 'kit.registered')], TODAY).known.notifications).toEqual(
      sending.notifications,
    );
  });
});

describe('a run that was set back', () => {
  test('takes the database’s word for everything but what it is sending itself', () => {
    const own = start([registered], [told('kit.registered', 0, { status: 'deferred' }), told('reminder.return', 5)]);
    const sending = {
      ...own,
      notifications: own.notifications.map((notification): Notification => ({
        ...notification,
        flight: notification.occurrence === 1 && notification.kind === 'reminder.return' ? 'running' : 'none',
      })),
    };
    const { known, fresh } = recalled(
      sending,
      {
        facts: [registered, atLab],
        notifications: [
          told('kit.registered', 0.5),
          told('kit.received_lab', 1),
          told('reminder.return', 5, { status: 'failed' }),
        ],
      },
      TODAY,
    );
    expect(fresh).toEqual([atLab]);
    expect(known.facts).toEqual([registered, atLab]);
    expect(known.notifications.map(({ kind, status, flight }) => [kind, status, flight])).toEqual([
      ['kit.registered', 'sent', 'none'],
      ['kit.received_lab', 'sent', 'none'],
      ['reminder.return', 'sent', 'running'],
    ]);
    expect(known.notifications.map(({ upTo }) => upTo)).toEqual([1, 2, 1]);
  });

  test('keeps what the database doesn’t know', () => {
    const own = start([registered], [told('kit.registered', 0)]);
    expect(recalled(own, { facts: [], notifications: [] }, TODAY).known.notifications).toEqual(own.notifications);
  });
});

describe('what became of a send', () => {
  const key = { subject: 'kit:1', kind: 'kit.received_lab', occurrence: 1 } as const;
  const known = start(undefined, [told('kit.received_lab', 1, { status: 'sending' }), told('kit.registered', 0)]);
  const after = (more: Partial<Parameters<typeof cameBack>[2]>, now = START + 2 * DAY) =>
    cameBack(known, key, { status: 'sent', reason: null, until: null, settledAt: 0, address: 'a', ...more }, now, TODAY)
      .notifications;

  test('stands in its row, which knows all that was known then', () => {
    expect(after({})).toHaveLength(2);
    expect(after({}).at(-1)).toMatchObject({
      ...key,
      status: 'sent',
      address: 'a',
      at: START + 2 * DAY,
      upTo: 2,
      until: null,
      quiet: 0,
      flight: 'none',
    });
  });

  test('deferred, it is looked at again when the sender says, else in an hour; only nights are no age', () => {
    const now = START + 2 * DAY;
    const night = after({ status: 'deferred', reason: 'quiet_hours', until: now + 9 * HOUR });
    expect(night.at(-1)).toMatchObject({ until: now + 9 * HOUR, quiet: 9 * HOUR });
    expect(after({ status: 'deferred', reason: 'no_contact' }).at(-1)).toMatchObject({ until: now + HOUR, quiet: 0 });
    expect(after({ status: 'deferred', reason: 'no_contact', until: now + 2 * HOUR }).at(-1)).toMatchObject({
      until: now + 2 * HOUR,
      quiet: 0,
    });
    expect(after({ status: 'sent', reason: 'quiet_hours', until: now + HOUR }).at(-1)).toMatchObject({
      until: null,
      quiet: 0,
    });
    expect(after({ status: 'deferred', reason: 'quiet_hours', until: now - HOUR }).at(-1)).toMatchObject({ quiet: 0 });
    expect(after({ status: 'deferred', reason: 'quiet_hours' }).at(-1)).toMatchObject({ quiet: 0 });
  });

  test.each(['opted_out', 'address_suppressed'] as const)(
    '%s, it is a human’s: looked at again in a week, and not every hour',
    (reason) => {
      const now = START + 2 * DAY;
      const night = { status: 'deferred', reason, until: null, settledAt: 0, address: null } as const;
      expect(cameBack(known, key, night, now, TODAY).notifications.at(-1)?.until).toBe(now + 7 * DAY);
    },
  );

  test('two nights are added up', () => {
    const now = START + 2 * DAY;
    const night = { status: 'deferred', reason: 'quiet_hours', settledAt: 0, address: null } as const;
    const first = cameBack(known, key, { ...night, until: now + 9 * HOUR }, now, TODAY);
    const second = cameBack(first, key, { ...night, until: now + DAY + 8 * HOUR }, now + DAY, TODAY);
    expect(second.notifications.at(-1)?.quiet).toBe(17 * HOUR);
  });

  test('of an email that no row speaks of, it changes nothing', () => {
    expect(
      cameBack(
        known,
        { ...key, occurrence: 2 },
        { status: 'sent', reason: null, until: null, settledAt: 0, address: null },
        START,
        TODAY,
      ),
    ).toBe(known);
  });
});

test('a row takes the place of the one with its subject, kind and number', () => {
  const known = start(undefined, [told('kit.registered', 0), told('reminder.register', 0, { subject: 'order:A' })]);
  const [own] = known.notifications as [Notification];
  const put = (notification: Notification) => withNotification(known, notification).notifications.length;
  expect(put({ ...own, status: 'failed' })).toBe(2);
  expect(withNotification(known, { ...own, status: 'failed' }).notifications.at(-1)?.status).toBe('failed');
  expect(put({ ...own, occurrence: 2 })).toBe(3);
  expect(put({ ...own, kind: 'kit.failed' })).toBe(3);
  expect(put({ ...own, subject: 'kit:2' })).toBe(3);
});

describe('questions to the partner', () => {
  test('each remembers what was known when it was asked, and only the open one is answered', () => {
    const first = answered(asked(start(), 'silence', START), 'unchanged', null);
    const second = answered(asked(first, 'no_contact', START + 1), 'answered', 'reconciled:1');
    expect(second.questions).toEqual([
      { why: 'silence', askedAt: START, upTo: 2, outcome: 'unchanged', cause: null },
      { why: 'no_contact', askedAt: START + 1, upTo: 2, outcome: 'answered', cause: 'reconciled:1' },
    ]);
  });

  test('a year of silence doesn’t make what a run carries along any longer', () => {
    let known = start();
    for (let day = 0; day < 20; day += 1) known = asked(known, 'silence', START + day * DAY);
    expect(known.questions.map(({ askedAt }) => (askedAt - START) / DAY)).toEqual([
      8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
  });
});
