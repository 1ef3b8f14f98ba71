import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { DateTime } from 'luxon';
import { quietUntil } from '../../activities/quiet-hours.js';

const at = (local: string, zone: string): number => DateTime.fromISO(local, { zone }).toMillis();
const NIGHT = '21:00-08:00';

describe('quiet hours', () => {
  test.each([
    ['in the evening', '2026-11-24T21:00:00', '2026-11-25T08:00:00'],
    ['just before midnight', '2026-11-24T23:59:59', '2026-11-25T08:00:00'],
    ['at midnight', '2026-11-25T00:00:00', '2026-11-25T08:00:00'],
    ['in their last second', '2026-11-25T07:59:59', '2026-11-25T08:00:00'],
  ])('%s hold until the morning', (_when, now, until) => {
    expect(quietUntil(NIGHT, 'America/New_York', 'UTC', at(now, 'America/New_York'))).toBe(
      at(until, 'America/New_York'),
    );
  });

  test.each(['2026-11-24T08:00:00', '2026-11-24T12:00:00', '2026-11-24T20:59:59'])('do not hold at %s', (now) => {
    expect(quietUntil(NIGHT, 'Europe/Berlin', 'UTC', at(now, 'Europe/Berlin'))).toBeNull();
  });

  test('are those of the person, not of the server; where no such zone exists, of the default', () => {
    const noonInBerlin = at('2026-11-24T12:00:00', 'Europe/Berlin');
    expect(quietUntil(NIGHT, 'America/Los_Angeles', 'UTC', noonInBerlin)).not.toBeNull();
    expect(quietUntil(NIGHT, 'Mars/Olympus_Mons', 'America/Los_Angeles', noonInBerlin)).not.toBeNull();
    expect(quietUntil(NIGHT, null, 'Europe/Berlin', noonInBerlin)).toBeNull();
  });

  test.each([null, '', '08:00-08:00'])('never hold when they are %p', (hours) => {
    expect(quietUntil(hours, 'UTC', 'UTC', at('2026-11-24T23:00:00', 'UTC'))).toBeNull();
  });

  test('are an hour shorter or longer in the nights in which the clocks change', () => {
    const hours = (evening: string): number => {
      const now = at(evening, 'Europe/Berlin');
      return ((quietUntil(NIGHT, 'Europe/Berlin', 'UTC', now) ?? 0) - now) / 3_600_000;
    };
    expect(hours('2026-03-28T21:00:00')).toBe(10);
    expect(hours('2026-10-24T21:00:00')).toBe(12);
  });

  test('that would end inside the hour that spring leaves out end with the jump', () => {
    const now = at('2026-03-29T01:00:00', 'Europe/Berlin');
    expect(quietUntil('22:00-02:30', 'Europe/Berlin', 'UTC', now)).toBe(at('2026-03-29T03:00:00', 'Europe/Berlin'));
  });

  test('hold at every minute until the one they name, and not at that one, in any zone, on any day', () => {
    const time = fc.integer({ min: 0, max: 24 * 60 - 1 });
    const text = (minute: number): string =>
      `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/Sao_Paulo',
    ];
    // Around the changes of clocks, where it is hard, and anywhere else.
    const changes = [
      at('2026-03-29T02:00:00', 'Europe/Berlin'),
      at('2026-10-25T02:00:00', 'Europe/Berlin'),
      at('2026-11-01T01:30:00', 'America/New_York'),
      at('2026-03-08T02:00:00', 'America/New_York'),
      at('2026-04-05T01:30:00', 'Australia/Lord_Howe'),
      at('2026-10-04T02:00:00', 'Australia/Lord_Howe'),
    ];
    const instants = fc.oneof(
      fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -86_400_000, max: 86_400_000 })).map(([t, d]) => t + d),
      fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) }),
    );
    fc.assert(
      fc.property(instants, time, time, fc.constantFrom(...zones), (now, from, to, zone) => {
        const hours = `${text(from)}-${text(to)}`;
        const until = quietUntil(hours, zone, 'UTC', now);
        const local = DateTime.fromMillis(now, { zone });
        const minute = local.hour * 60 + local.minute;
        const inside = from < to ? minute >= from && minute < to : from > to && (minute >= from || minute < to);
        expect(until !== null).toBe(inside);
        if (until === null) return;
        expect(until).toBeGreaterThan(now);
        // A day and an hour; where spring leaves out the very minute at which they end, that of the day after.
        expect(until - now).toBeLessThan(48 * 3_600_000);
        expect(quietUntil(hours, zone, 'UTC', until)).toBeNull();
        for (const t of [until - 1, now + Math.floor((until - now) / 2), now + Math.floor((until - now) / 7)]) {
          expect(quietUntil(hours, zone, 'UTC', t)).toBe(until);
        }
      }),
      {
        numRuns: 2_000,
        // Clocks that jump back to the very end of the window, and by which its end comes a day and an hour later, or
        // that jump over it, and it comes on the day after.
        examples: [
          [1_775_307_599_999, 91, 90, 'Australia/Lord_Howe'],
          [1_772_947_679_999, 149, 148, 'America/New_York'],
          [at('2026-03-07T02:29:00', 'America/New_York'), 149, 148, 'America/New_York'],
          [1_793_481_899_999, 986, 985, 'America/New_York'],
        ],
      },
    );
  });
});
