import { describe, expect, test } from '@jest/globals';
import { timelineOf } from '../../src/desk/timeline.js';
import type { SubjectAnswer, ToldNotification, ToldWebhook } from '../../src/ledger/ledger.js';
import { subjectAnswer } from '../support/answers.js';

const at = (minute: number): string => `2026-03-03T14:${String(minute).padStart(2, '0')}:00.000Z`;

const webhook = (minute: number, over: Partial<ToldWebhook> = {}): ToldWebhook => ({
  id: 'wh_1',
  event: 'results.available',
  receivedAt: at(minute),
  status: 'relayed',
  duplicates: 0,
  altered: false,
  idReused: false,
  bodyState: 'kept',
  reason: null,
  ...over,
});
const told = (minute: number, over: Partial<ToldNotification> = {}): ToldNotification => ({
  kind: 'results.available',
  occurrence: 1,
  status: 'sent',
  reason: null,
  cause: 'wh_1',
  decidedAt: at(minute),
  settledAt: at(minute),
  to: 'z•••@example.com',
  messageId: '<1@herald.example>',
  smtpReply: null,
  attempts: 1,
  possiblyDuplicate: false,
  decisions: [],
  ...over,
});
const decided = (minute: number, verdict: 'send' | 'wait' | 'not_send', reason: ToldNotification['reason'] = null) => ({
  at: at(minute),
  verdict,
  reason,
  cause: 'wh_1',
  rule: 'results.available',
});
const titles = (over: Partial<SubjectAnswer>): string[] => timelineOf(subjectAnswer(over)).map(({ title }) => title);

describe('the timeline', () => {
  test('has what came in, was decided, went out and comes next in one row, by time', () => {
    const entries = timelineOf(
      subjectAnswer({
        webhooks: [webhook(9, { event: 'kit.received_lab' }), webhook(1)],
        transit: [{ what: 'posted', at: null, heardAt: at(3) }],
        notifications: [told(6, { decisions: [decided(2, 'wait', 'quiet_hours'), decided(6, 'send')] })],
        acknowledged: [{ by: 'jane', reason: 'called the lab', at: at(8), codes: [] }],
        next: { what: 'notice.delay', at: at(0) },
      }),
    );
    expect(entries.map(({ what, title, detail }) => [what, title, detail])).toEqual([
      ['in', 'Came in: results available', ''],
      ['decided', 'Waits: Results are ready', 'until quiet hours end'],
      ['in', 'Parcel: posted by the patient', ''],
      ['out', 'Email: Results are ready', 'sent; to z•••@example.com'],
      ['decided', 'jane has dealt with what was shown', 'called the lab'],
      ['in', 'Came in: kit received lab', ''],
      ['next', 'Next: a notice of delay', 'unless news comes first'],
    ]);
  });

  test('is empty where nothing is known, and has no next where nothing comes', () => {
    expect(timelineOf(subjectAnswer({}))).toEqual([]);
  });

  test('has no email of what never went, only why', () => {
    const never = told(5, { status: 'not_sent', reason: 'too_late', decisions: [decided(5, 'not_send', 'too_late')] });
    expect(timelineOf(subjectAnswer({ notifications: [never] }))).toMatchObject([
      { what: 'decided', title: 'Not sent: Results are ready', detail: 'it is too old to send by itself' },
    ]);
  });

  test.each<[string, Partial<ToldNotification>, string]>([
    ['delivered', { status: 'delivered' }, 'delivered; to z•••@example.com'],
    ['perhaps twice', { possiblyDuplicate: true }, 'sent; to z•••@example.com; may have gone twice'],
    [
      'refused, by which words',
      { status: 'failed', reason: 'address_refused', smtpReply: '550 no such user z•••' },
      'failed; to z•••@example.com; the mail server refused the address; the mail server said: 550 no such user z•••',
    ],
    ['nowhere that is known', { status: 'sent', to: null }, 'sent'],
  ])('says of an email that it went %s', (_what, over, detail) => {
    expect(timelineOf(subjectAnswer({ notifications: [told(1, over)] }))[0]?.detail).toBe(detail);
  });

  test('leads to each email that somebody may have seen, and to none of the team’s', () => {
    const shown = (over: Partial<ToldNotification>) =>
      timelineOf(subjectAnswer({ notifications: [told(1, over)] }))[0]?.shows;
    expect(shown({})).toEqual({ email: '<1@herald.example>' });
    expect(shown({ kind: 'staff.alert' })).toBeUndefined();
    expect(shown({ messageId: null })).toBeUndefined();
  });

  test('says of a webhook that it waits, came again, or can’t be read, and leads to the last', () => {
    const odd = webhook(1, { status: 'quarantined', reason: 'not_json', event: null });
    expect(
      timelineOf(subjectAnswer({ webhooks: [odd, webhook(2, { status: 'pending', duplicates: 2 })] })),
    ).toMatchObject([
      { title: 'Something came in that can’t be read', detail: 'in quarantine (not_json)', shows: { webhook: 'wh_1' } },
      { title: 'Came in: results available', detail: 'not handed on yet; came 3 times' },
    ]);
    expect(timelineOf(subjectAnswer({ webhooks: [webhook(1)] }))[0]).not.toHaveProperty('shows');
  });

  test('names an event that isn’t known as it came, and who acknowledged as somebody once that is gone', () => {
    expect(titles({ webhooks: [webhook(1, { event: 'kit.teleported' })] })).toEqual(['Came in: kit.teleported']);
    expect(titles({ acknowledged: [{ by: null, reason: null, at: at(1), codes: [] }] })).toEqual([
      'Somebody has dealt with what was shown',
    ]);
  });
});
