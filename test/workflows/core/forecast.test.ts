import { beforeEach, describe, expect, test } from '@jest/globals';
import type { NotificationState } from '../../../src/domain/notifications.js';
import type { Fact } from '../../../src/domain/facts.js';
import { forecast, type LastObstacle } from '../../../workflows/core/forecast.js';
import { createFacts, DAY, patient, START, told } from '../../support/facts.js';
import { ALONE } from '../../support/simulated.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts();
});

const registered = () => make.fact('kit.registered', 0, { person: patient('jane') });
const results = (days: number) => make.fact('results.available', days, { summary: 'a' });

interface Known {
  readonly facts?: readonly Fact[];
  readonly notifications?: readonly NotificationState[];
}

/** What would become of emails if this were learned some days after START, by what is known; one line for each. */
const lines = (
  days: number,
  learned: readonly Fact[],
  { facts = [], notifications = [] }: Known = {},
  obstacle: LastObstacle | null = null,
) =>
  forecast(
    { subject: 'kit:1', settings: ALONE, prior: { facts, notifications }, facts: learned },
    () => obstacle,
    START + days * DAY,
  ).map(({ kind, becomes, reason, cause }) => [kind, becomes, reason, cause]);

describe('what would become of emails if something were learned now', () => {
  test('those that it calls for would go; those that it overtakes would not, and why', () => {
    const known = { facts: [registered()], notifications: [told('kit.registered', 0)] };
    const arrived = make.fact('kit.received_lab', 2);
    expect(lines(2, [arrived], known)).toEqual([['kit.received_lab', 'goes', null, arrived.cause]]);
    expect(lines(3, [arrived, results(3)], known).map((line) => line.slice(0, 3))).toEqual([
      ['kit.received_lab', 'not_sent', 'superseded'],
      ['results.available', 'goes', null],
    ]);
  });

  test('results that are too old would wait for a human', () => {
    const old = results(3);
    const known = { facts: [registered()], notifications: [told('kit.registered', 0)] };
    expect(lines(40, [old], known)).toEqual([['results.available', 'waits', 'too_late', old.cause]]);
  });

  test('what was told before would not go again', () => {
    const known = {
      facts: [registered(), results(3)],
      notifications: [told('kit.registered', 0), told('results.available', 3)],
    };
    expect(lines(4, [make.fact('results.available', 3, { summary: 'a' })], known)).toEqual([
      ['results.available', 'not_sent', 'already_told', 'wh_3'],
    ]);
    expect(lines(4, [], known)).toEqual([]);
  });

  test('what the sender would find stands in its way', () => {
    const known = { facts: [registered()], notifications: [told('kit.registered', 0)] };
    const until = START + 4 * DAY;
    expect(
      forecast(
        { subject: 'kit:1', settings: ALONE, prior: known, facts: [results(3)] },
        () => ({ status: 'deferred', reason: 'quiet_hours', until }),
        START + 3 * DAY,
      ),
    ).toEqual([
      {
        subject: 'kit:1',
        kind: 'results.available',
        occurrence: 1,
        becomes: 'waits',
        until,
        reason: 'quiet_hours',
        cause: 'wh_2',
      },
    ]);
    expect(lines(3, [results(3)], known, { status: 'not_sent', reason: 'erased', until: null })).toEqual([
      ['results.available', 'not_sent', 'erased', 'wh_3'],
    ]);
  });

  test('what would have come to that without it is none of its doing, nor are clocks that stop before they ring', () => {
    const known = { facts: [registered(), results(3)], notifications: [told('kit.registered', 0)] };
    const late = make.fact('kit.received_lab', 2);
    // The results are under way by themselves; reminder.return and notice.delay are needed no more.
    expect(lines(3, [late], known)).toEqual([['kit.received_lab', 'not_sent', 'superseded', late.cause]]);
  });

  test('a clock that is stopped for another reason than that it is needed no more is told', () => {
    const known = { facts: [registered()], notifications: [told('kit.registered', 0)] };
    const skip = make.command('operator.skip', 1, { kind: 'reminder.return' });
    expect(lines(1, [skip], known).map((line) => line.slice(0, 3))).toEqual([
      ['reminder.return', 'not_sent', 'operator_skipped'],
    ]);
    const cancelled = make.fact('kit.cancelled', 1);
    expect(lines(1, [cancelled], known).map(([kind]) => kind)).not.toContain('reminder.return');
  });

  test('what was found out before about something else is not among it', () => {
    const first = results(3);
    const known = {
      facts: [registered(), first],
      notifications: [told('kit.registered', 0), told('results.available', 3)],
    };
    const repeated = make.fact('results.available', 3, { summary: 'a' });
    const reviewed = make.fact('results.reviewed', 4);
    expect(lines(4, [repeated, reviewed], known)).toEqual([
      ['results.reviewed', 'goes', null, reviewed.cause],
      ['results.available', 'not_sent', 'already_told', repeated.cause],
    ]);
  });
});
