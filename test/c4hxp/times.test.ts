import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { believedTime, expectedTime, parseTime } from '../../src/c4hxp/times.js';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const MINUTE = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

describe('a time', () => {
  test.each([
    ['2024-01-15T10:30:00Z', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15T10:30:00.123456Z', Date.UTC(2024, 0, 15, 10, 30, 0, 123)],
    ['2024-01-15t10:30:00z', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15 10:30:00', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15T10:30', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15T10:30:00+02:00', Date.UTC(2024, 0, 15, 8, 30)],
    ['2024-01-15T10:30:00-0530', Date.UTC(2024, 0, 15, 16, 0)],
    ['2024-01-15 10:30:00+02', Date.UTC(2024, 0, 15, 8, 30)],
    [' 2024-02-29T00:00:00Z ', Date.UTC(2024, 1, 29)],
  ])('%j is read', (text, ms) => {
    expect(parseTime(text, 'UTC')).toBe(ms);
  });

  test.each([
    'yesterday',
    '2024',
    '10:30',
    '2023-02-29',
    '2024-13-01T00:00:00Z',
    '2024-01-32T00:00:00Z',
    '2024-01-15T24:30:00Z',
    '2024-01-15T10:60:00Z',
    '2024-01-15T10:30:00+99:00',
    '01/15/2024',
    '0001-01-01T00:00:00',
    `2024-01-15T10:30:00.${'1'.repeat(100_000)}Z`,
    1_705_314_600_000,
    null,
    {},
  ])('%j is none', (value) => {
    expect(parseTime(value, 'UTC')).toBeNull();
  });

  test('without an hour means the end of that day where the person is', () => {
    expect(parseTime('2024-01-18', 'UTC')).toBe(Date.UTC(2024, 0, 18, 23, 59, 59, 999));
    expect(parseTime('2024-01-18', 'America/New_York')).toBe(Date.UTC(2024, 0, 19, 4, 59, 59, 999));
    expect(parseTime('2024-01-18', 'Pacific/Kiritimati')).toBe(Date.UTC(2024, 0, 18, 9, 59, 59, 999));
    // The day on which clocks go back has 25 hours.
    expect(parseTime('2026-10-25', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 22, 59, 59, 999));
  });

  test('of this century survives its own ISO form', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (date) => {
          expect(parseTime(date.toISOString(), 'UTC')).toBe(date.getTime());
        },
      ),
    );
  });
});

describe('when something happened', () => {
  test('is the first time that can be believed, else its arrival', () => {
    const believed = (...candidates: unknown[]) => believedTime(candidates, NOW, 'UTC');
    expect(believed('2024-01-15T10:30:00Z', iso(NOW))).toBe(Date.UTC(2024, 0, 15, 10, 30));
    expect(believed(undefined, '2024-01-15T10:30:00Z')).toBe(Date.UTC(2024, 0, 15, 10, 30));
    expect(believed(iso(NOW + 10 * MINUTE))).toBe(NOW + 10 * MINUTE);
    expect(believed(iso(NOW + 10 * MINUTE + 1), iso(NOW - MINUTE))).toBe(NOW - MINUTE);
    expect(believed('1970-01-01T00:00:00Z', '2019-12-31T23:59:59Z')).toBe(NOW);
    expect(believed('2020-01-01T00:00:00Z')).toBe(Date.UTC(2020, 0, 1));
    expect(believed('9999-12-31T23:59:59Z', 'soon', 7)).toBe(NOW);
    expect(believed()).toBe(NOW);
  });
});

describe('when something is expected', () => {
  test('may lie ahead, but not absurdly far', () => {
    expect(expectedTime('2026-12-01', NOW, 'UTC')).toBe(Date.UTC(2026, 11, 1, 23, 59, 59, 999));
    expect(expectedTime('2024-01-18', NOW, 'UTC')).not.toBeNull();
    expect(expectedTime('2099-01-01', NOW, 'UTC')).toBeNull();
    expect(expectedTime('1999-01-01', NOW, 'UTC')).toBeNull();
    expect(expectedTime('Thursday', NOW, 'UTC')).toBeNull();
  });
});
