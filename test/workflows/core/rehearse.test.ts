import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Fact, PolicySettings } from '../../../src/domain/facts.js';
import { rehearse, type Change, type Rules } from '../../../workflows/core/rehearse.js';
import { createFacts, DAY, HOUR, MINUTE, patient, recipient, SECOND, SETTINGS, START } from '../../support/facts.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const IN_FORCE: Rules = { settings: { ...SETTINGS, partner: false }, quietUntil: () => null };
const ALWAYS = { since: START - DAY, until: START + 40 * DAY };
const setting = (other: Partial<PolicySettings>): Rules => ({
  ...IN_FORCE,
  settings: { ...IN_FORCE.settings, ...other },
});
const under = (facts: readonly Fact[], other: Rules, window: Partial<typeof ALWAYS> = {}): Change[] =>
  rehearse({ subject: 'kit:1', facts }, { inForce: IN_FORCE, other }, { ...ALWAYS, ...window });
const registered = () => make.fact('kit.registered', 0, { person: patient('jane') });
const results = (days: number) => make.fact('results.available', days, { summary: 'a' });
const held = setting({ resultsRelease: 'reviewed' });

describe('a rehearsal of other rules on one journey', () => {
  test('finds no change where there is none, nor where nothing was known', () => {
    expect(under([registered(), results(3)], IN_FORCE)).toEqual([]);
    expect(under([], held)).toEqual([]);
    expect(under([registered(), results(3)], held, { until: START - SECOND })).toEqual([]);
  });

  test('tells what would have gone later, with both times', () => {
    expect(under([registered(), results(3)], held)).toEqual([
      {
        subject: 'kit:1',
        kind: 'results.available',
        occurrence: 1,
        now: START + 3 * DAY + SECOND,
        then: START + 6 * DAY + SECOND,
        why: null,
      },
    ]);
  });

  test('tells what would not have gone, or not yet, and why', () => {
    const why = (facts: readonly Fact[], other: Rules, window = {}) =>
      under(facts, other, window).map(({ kind, then, why: reason }) => [kind, then, reason]);
    expect(why([registered(), results(3), make.fact('results.reviewed', 4)], held)).toEqual([
      ['results.available', null, 'superseded'],
    ]);
    make = createFacts();
    expect(why([registered(), results(3)], held, { until: START + 4 * DAY })).toEqual([
      ['results.available', null, 'held_for_review'],
    ]);
    make = createFacts();
    const noReminder = setting({ returnReminderAfter: null });
    expect(why([registered()], noReminder)).toEqual([['reminder.return', null, null]]);
  });

  test('tells each email that would have gone beside, under the subject that keeps it', () => {
    const facts = [
      make.fact('order.created', 0, { order: 'C4H-1', person: recipient('buyer') }),
      make.fact('order.shipped', 0, { order: 'C4H-1', barcodes: ['1'] }),
    ];
    const none = setting({ registerReminderAfter: null });
    const changes = rehearse({ subject: 'kit:1', facts }, { inForce: none, other: IN_FORCE }, ALWAYS);
    expect(changes.map(({ subject, kind, occurrence, now }) => [subject, kind, occurrence, now])).toEqual([
      ['order:C4H-1', 'reminder.register', 1, null],
      ['order:C4H-1', 'reminder.register', 2, null],
    ]);
  });

  test('leaves out what had gone before the time that is asked about, by both', () => {
    const facts = [registered(), results(3)];
    expect(under(facts, held, { since: START + 6 * DAY + SECOND })).toHaveLength(1);
    expect(under(facts, held, { since: START + 6 * DAY + 2 * SECOND })).toEqual([]);
  });

  test('a minute is a change, less is none', () => {
    const moved = (by: number) =>
      under([registered()], setting({ returnReminderAfter: 5 * DAY + by })).map(({ kind }) => kind);
    expect(moved(59 * SECOND)).toEqual([]);
    expect(moved(-59 * SECOND)).toEqual([]);
    expect(moved(MINUTE)).toEqual(['reminder.return']);
  });

  test('what waits for the end of a night goes then', () => {
    const morning = START + 3 * DAY + 4 * HOUR;
    const quietUntil: Rules['quietUntil'] = ({ kind }, now) =>
      kind === 'results.available' && now < morning ? morning : null;
    const facts = [registered(), results(3)];
    expect(under(facts, { ...IN_FORCE, quietUntil })).toMatchObject([
      { kind: 'results.available', then: morning + SECOND, why: null },
    ]);
    expect(under(facts, { ...IN_FORCE, quietUntil }, { until: morning - HOUR })).toMatchObject([
      { then: null, why: 'quiet_hours' },
    ]);
  });

  test('an email that goes a second time after a bounce went when it went first', () => {
    const facts = [registered(), results(3), make.report('mail.bounced', 3.5, 'results.available', 1, false)];
    expect(under(facts, held)).toMatchObject([{ kind: 'results.available', now: START + 3 * DAY + SECOND }]);
  });
});
