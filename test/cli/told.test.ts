import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import type { AttentionCode } from '../../src/domain/attention.js';
import { FAILURES } from '../../src/domain/facts.js';
import { KIND_NAMES } from '../../src/domain/kinds.js';
import { REASONS, STATUSES } from '../../src/domain/notifications.js';
import { TRANSIT } from '../../src/domain/transit.js';
import { renderTold } from '../../src/cli/told.js';
import { FAILURE_WORDS, REASON_WORDS, STATUS_WORDS, TRANSIT_WORDS } from '../../src/domain/words.js';
import type { SubjectAnswer, ToldNotification } from '../../src/ledger/ledger.js';
import { subjectAnswer } from '../support/answers.js';

const PLAIN = { width: 80, colour: false, decisions: false, all: false };

const notification = (over: Partial<ToldNotification>): ToldNotification => ({
  kind: 'kit.registered',
  occurrence: 1,
  status: 'sent',
  reason: null,
  cause: 'wh_1',
  decidedAt: '2026-11-24T12:00:00.000Z',
  settledAt: '2026-11-24T12:00:01.000Z',
  to: 'z•••@example.com',
  messageId: '<1@lab.example>',
  smtpReply: '250 ok',
  attempts: 1,
  possiblyDuplicate: false,
  decisions: [],
  ...over,
});

const story = (over: Partial<SubjectAnswer> = {}): SubjectAnswer =>
  subjectAnswer({
    subject: 'kit:123456789012',
    state: 'results.available',
    order: 'C4H-ORD-2024-001234',
    ...over,
  });

const needs = (code: AttentionCode, sentence: string): SubjectAnswer['attention'][number] => ({
  code,
  kind: null,
  since: '2026-11-24T13:00:00.000Z',
  sentence,
});

describe('what told prints', () => {
  test('answers first whether they were told, when and where to', () => {
    const text = renderTold(
      story({
        notifications: [
          notification({}),
          notification({ kind: 'kit.received_lab', status: 'not_sent', reason: 'superseded', to: null }),
          notification({ kind: 'results.available', settledAt: '2026-11-25T09:30:00.000Z' }),
        ],
        next: { what: 'notice.delay', at: '2026-12-01T00:00:00.000Z' },
      }),
      PLAIN,
    );
    expect(text.split('\n').slice(0, 9)).toEqual([
      'Kit 123456789012, order C4H-ORD-2024-001234',
      '  State: results.available',
      '  Told: 2 emails, the last results.available 2026-11-25 09:30 to',
      '  z•••@example.com.',
      '  Results: told 2026-11-25 09:30 to z•••@example.com.',
      '  Next: notice.delay, 2026-12-01 00:00',
      '',
      'Emails (times in UTC)',
      '  2026-11-24 12:00  sent       kit.registered          to z•••@example.com',
    ]);
    expect(text).toContain('not sent   kit.received_lab        newer news overtook it');
  });

  test('says that nobody was told, and what a human must do', () => {
    const text = renderTold(
      story({
        attention: [
          needs('no_contact', 'No address is known for results.available. Find it and run correct-contact.'),
          needs('two_orders', 'This barcode stands in two orders.'),
        ],
        acknowledged: [
          { by: 'Ann', reason: 'called the lab', at: '2026-11-24T14:00:00.000Z', codes: ['maybe_amended'] },
          { by: null, reason: null, at: '2026-11-24T15:00:00.000Z', codes: [] },
        ],
        notifications: [notification({ status: 'deferred', reason: 'no_contact', settledAt: null, to: null })],
      }),
      PLAIN,
    );
    expect(text).toContain('Told: nothing so far; see below why.');
    expect(text.split('\n').slice(4, 10)).toEqual([
      '  NEEDS ATTENTION since 2026-11-24 13:00: No address is known for',
      '  results.available. Find it and run correct-contact.',
      '  NEEDS ATTENTION since 2026-11-24 13:00: This barcode stands in two orders.',
      '  Acknowledged 2026-11-24 14:00 by Ann (maybe_amended): called the lab.',
      '  Acknowledged 2026-11-24 15:00: the reason is not kept any more.',
      '',
    ]);
    expect(text).toContain('no address is known');
    expect(renderTold(story(), PLAIN)).toContain('Nobody was told anything so far.');
  });

  test('says first of all whether the results were told, and if not why not', () => {
    const results = (over: Partial<ToldNotification>): string =>
      renderTold(story({ notifications: [notification({ kind: 'results.available', ...over })] }), PLAIN);
    expect(results({ status: 'bounced', reason: 'bounced_permanent' })).toContain(
      '  Results: NOT TOLD: results.available came back, it can not be delivered.\n',
    );
    expect(results({ status: 'deferred', reason: 'held_for_review', to: null })).toContain(
      '  Results: NOT TOLD: results.available waits, held until the review comes.\n',
    );
    expect(renderTold(story(), PLAIN)).toContain('  Results: NOT TOLD so far.\n');
    expect(renderTold(story({ state: 'registered' }), PLAIN)).not.toContain('Results');
  });

  test('says why a kit failed, and which were shipped later, calling none of them its replacement', () => {
    const text = renderTold(
      story({ state: 'failed', because: 'insufficient', shippedLater: ['123456789013', '123456789014'] }),
      PLAIN,
    );
    expect(text.split('\n').slice(1, 5)).toEqual([
      '  State: failed',
      '  Failed because: too little sample (insufficient).',
      '  Nobody was told anything so far.',
      '  Shipped later in this order: 123456789013, 123456789014.',
    ]);
    expect(text).not.toMatch(/replace/i);
    expect(renderTold(story({ because: 'recollect' }), PLAIN)).toContain('  Had failed because: the lab asks');
  });

  test('says of the ways what is known, and no time that isn’t', () => {
    const heardAt = '2026-11-26T08:00:00.000Z';
    const transit = [
      { what: 'delivered', at: '2026-11-24T12:00:00.000Z', heardAt },
      { what: 'posted', at: null, heardAt },
    ] as const;
    expect(renderTold(story({ state: 'registered', transit }), { ...PLAIN, width: 120 })).toContain(
      '  On the way: delivered 2026-11-24 12:00; posted by the patient, as we heard 2026-11-26 08:00.\n',
    );
    expect(renderTold(story({ state: 'received_lab', transit }), PLAIN)).not.toContain('On the way');
    expect(renderTold(story({ state: 'registered' }), PLAIN)).not.toContain('On the way');
  });

  test('names reminders that were never needed on one line, and tells them in full when asked', () => {
    const stopped = { status: 'not_sent', reason: 'superseded', to: null, smtpReply: null, attempts: 0 } as const;
    const given = story({
      notifications: [
        notification({}),
        notification({ ...stopped, kind: 'reminder.register', occurrence: 2 }),
        notification({ ...stopped, kind: 'reminder.return' }),
        notification({ ...stopped, kind: 'notice.delay', reason: 'cancelled' }),
        notification({ ...stopped, kind: 'kit.received_lab' }),
      ],
    });
    const text = renderTold(given, PLAIN).split('\n');
    expect(text.slice(text.indexOf('Emails (times in UTC)'))).toEqual([
      'Emails (times in UTC)',
      '  2026-11-24 12:00  sent       kit.registered          to z•••@example.com',
      '  2026-11-24 12:00  not sent   kit.received_lab        newer news overtook it',
      '  Not needed: reminder.register #2, reminder.return, notice.delay (--all)',
      '',
      'Webhooks: none',
    ]);
    const full = renderTold(given, { ...PLAIN, all: true });
    expect(full).not.toContain('Not needed:');
    expect(full).toContain('not sent   reminder.return         not needed any more');
    expect(full).toContain('not sent   notice.delay            no longer needed');
  });

  test('tells on a line of its own what of a reminder is no matter of course', () => {
    const late = { kind: 'reminder.return', status: 'not_sent', to: null, attempts: 0 } as const;
    for (const over of [
      { ...late, reason: 'too_late' },
      { ...late, reason: 'opted_out' },
      { ...late, reason: 'superseded', attempts: 2 },
      { ...late, status: 'unknown', reason: 'no_answer' },
    ] as const)
      expect(renderTold(story({ notifications: [notification(over)] }), PLAIN)).not.toContain('Not needed');
  });

  test('says until when the partner can’t be asked', () => {
    const text = renderTold(story({ partnerMaintenance: { until: '2026-11-24T18:00:00.000Z' } }), PLAIN);
    expect(text).toContain("  C4HXP's maintenance, until 2026-11-24 18:00: it is not asked; emails go on.\n");
  });

  test('has plain words for every status and every reason', () => {
    for (const status of STATUSES) expect(STATUS_WORDS[status]).toMatch(/^[a-z ]+$/);
    for (const reason of REASONS) expect(REASON_WORDS[reason]).not.toMatch(/_/);
    for (const failure of FAILURES) expect(FAILURE_WORDS[failure]).toMatch(/^[a-z ]+$/);
    for (const step of TRANSIT) expect(TRANSIT_WORDS[step]).toMatch(/^[a-z, ]+$/);
  });

  test('shows the decisions behind an email when asked', () => {
    const decisions = [
      { at: '2026-11-24T11:00:00.000Z', verdict: 'wait', reason: 'quiet_hours', cause: 'wh_1', rule: 'QH' },
    ] as const;
    const given = story({ notifications: [notification({ decisions })] });
    expect(renderTold(given, { ...PLAIN, decisions: true })).toContain(
      '    · 2026-11-24 11:00 wait (quiet_hours), by wh_1: QH',
    );
    expect(renderTold(given, PLAIN)).not.toContain('quiet_hours');
  });

  test('fits into the width, has no colour when none is wanted, and loses no notification, whatever comes', () => {
    const any = fc.record({
      kind: fc.constantFrom(...KIND_NAMES),
      status: fc.constantFrom(...STATUSES),
      reason: fc.option(fc.constantFrom(...REASONS)),
      smtpReply: fc.option(fc.string({ maxLength: 300, unit: 'binary' })),
      to: fc.option(fc.emailAddress()),
      attempts: fc.nat(99),
      occurrence: fc.nat(500_000),
      possiblyDuplicate: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), fc.integer({ min: 60, max: 200 }), (notes, width) => {
        const text = renderTold(story({ notifications: notes.map(notification) }), { ...PLAIN, width, all: true });
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(Math.min(width, 120));
        expect(text).not.toMatch(CONTROL);
        expect(text.match(/^ {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}/gm) ?? []).toHaveLength(notes.length);
      }),
    );
  });
});

const CONTROL = /(?!\n)\p{Cc}/u;
