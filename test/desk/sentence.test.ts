import { describe, expect, test } from '@jest/globals';
import { answerAloud } from '../../src/desk/sentence.js';
import type { SubjectAnswer, ToldNotification } from '../../src/ledger/ledger.js';

const at = (minute: number): string => `2020-03-03T14:${String(minute).padStart(2, '0')}:00.000Z`;
const told = (kind: ToldNotification['kind'], minute: number, more: Partial<ToldNotification> = {}) =>
  ({
    kind,
    occurrence: 1,
    status: 'sent',
    reason: null,
    decidedAt: at(minute),
    settledAt: at(minute),
    ...more,
  }) as const;
const aloud = (
  notifications: readonly object[],
  more: Partial<SubjectAnswer> = {},
  firstName: string | null = 'Jane',
) =>
  answerAloud(
    {
      subject: 'kit:1',
      notifications,
      webhooks: [{}],
      next: null,
      closedAt: null,
      ...more,
    } as unknown as SubjectAnswer,
    firstName,
    'UTC',
  );
const REACHED = 'was told on 3 March 2020 at 14:02 that';

describe('the answer that can be read aloud', () => {
  test('says who was told what and when, and what became of the email', () => {
    const word = told('results.available', 2);
    expect(aloud([word])).toBe(`Jane ${REACHED} results are ready; the mail server took the email.`);
    expect(aloud([{ ...word, status: 'delivered' }], {}, null)).toBe(
      `The patient ${REACHED} results are ready; the mail provider confirmed delivery.`,
    );
    expect(aloud([{ ...word, status: 'unknown', reason: 'no_answer' }])).toMatch(
      /^It is not known whether Jane was told that results are ready: /,
    );
    expect(aloud([{ ...word, status: 'deferred', reason: 'no_contact' }])).toMatch(
      /^Jane was not told yet that results are ready: /,
    );
    expect(aloud([{ ...word, status: 'bounced', reason: 'bounced_permanent' }])).toMatch(/^Jane was not reached/);
  });

  test('speaks of results before all else, whatever came later', () => {
    expect(aloud([told('results.available', 2), told('kit.cancelled', 9)])).toContain('results are ready');
  });

  test('speaks of what the kit’s own patient was told, and not of another kit that its order’s buyer heard of since', () => {
    const notifications = [told('kit.failed', 2), told('order.shipped', 9, { occurrence: 2 })];
    expect(aloud(notifications)).toContain(`Jane ${REACHED} the kit could not be completed`);
    expect(aloud(notifications, { subject: 'order:A' })).toContain('The buyer was told');
  });

  test('speaks of what was pointless only where there is nothing else', () => {
    const pointless = told('notice.delay', 9, { status: 'not_sent', reason: 'cancelled' });
    expect(aloud([told('kit.failed', 2), pointless])).toContain('the kit could not be completed');
    expect(aloud([pointless])).toMatch(/^Jane was not told that it takes longer than usual: /);
  });

  test('says that nobody was told, and what comes next', () => {
    expect(aloud([], { webhooks: [] })).toBe('Nothing has come in about this yet, so nobody was told anything.');
    expect(aloud([], { next: { what: 'reminder.return', at: at(30) } })).toBe(
      'Nobody was told anything yet. Next, unless something comes before: a reminder to post the sample, on 3 March 2020 at 14:30.',
    );
    expect(aloud([], { next: { what: 'reminder.return', at: at(30) }, closedAt: at(5) })).toBe(
      'Nobody was told anything yet.',
    );
  });
});
