import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { DateTime, FixedOffsetZone } from 'luxon';
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
    // ISO 8601, extended and basic; dates of a week and of a year.
    ['20240115T103000Z', Date.UTC(2024, 0, 15, 10, 30)],
    ['20240115T1030Z', Date.UTC(2024, 0, 15, 10, 30)],
    ['20240115T10Z', Date.UTC(2024, 0, 15, 10)],
    ['20240115T103000,5+0200', Date.UTC(2024, 0, 15, 8, 30, 0, 500)],
    ['2024-W03-1T10:30:00Z', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024W031T103000Z', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-w03-1t10:30:00z', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-015T10:30:00Z', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024015T103000Z', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-366T00:00:00Z', Date.UTC(2024, 11, 31)],
    ['+002024-01-15T10:30:00Z', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15T10:30:00,123Z', Date.UTC(2024, 0, 15, 10, 30, 0, 123)],
    ['2024-01-15T10:30.5Z', Date.UTC(2024, 0, 15, 10, 30, 30)],
    ['2024-01-15T10,25Z', Date.UTC(2024, 0, 15, 10, 15)],
    ['2024-01-15T10:30:00-00:00', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15T10:30:00-00', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15T10:30:00\u221205:00', Date.UTC(2024, 0, 15, 15, 30)],
    ['2024-01-15T24:00:00Z', Date.UTC(2024, 0, 16)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['2024-01-15T10:30:00+01:00[Europe/Berlin]', Date.UTC(2024, 0, 15, 9, 30)],
    // PostgreSQL's own text.
    ['2024-01-15 10:30:00+00', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15 10:30:00.123456+05:30', Date.UTC(2024, 0, 15, 5, 0, 0, 123)],
    ['2024-01-15 10:30:00.1-03', Date.UTC(2024, 0, 15, 13, 30, 0, 100)],
    ['2024-01-15 10:30:00+00:53:28', Date.UTC(2024, 0, 15, 9, 36, 32)],
    ['2024-01-15 10:30:00 UTC', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15 10:30:00.999999999Z', Date.UTC(2024, 0, 15, 10, 30, 0, 999)],
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
    '2024-W03',
    '2024-01',
    '2023-366',
    '2023-W53-1',
    '2024-W03-8',
    '2024-01-15T',
    '2024-01-15T1',
    '2024-01-15T10:3000Z',
    '2024-01-15T1030:00Z',
    '2024-01-15T10:30:00+1',
    '2024-01-15T10:30:00+14:01',
    '-002024-01-15T10:30:00Z',
    'infinity',
    '-infinity',
    '2024-01-15 10:30:00 BC',
    '1705314600',
    '1705314600000',
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

  test('without an hour may be written as any date', () => {
    for (const date of ['20240118', '2024-W03-4', '2024W034', '2024-018', '2024018'])
      expect(parseTime(date, 'America/New_York')).toBe(Date.UTC(2024, 0, 19, 4, 59, 59, 999));
  });

  test('is the same in every form that ISO 8601 and PostgreSQL have for it', () => {
    const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    const offset = fc.integer({ min: -12 * 60, max: 14 * 60 });
    const dates = fc.constantFrom('yyyy-MM-dd', 'yyyyMMdd', "kkkk-'W'WW-c", "kkkk'W'WWc", 'yyyy-ooo', 'yyyyooo');
    const times = fc.constantFrom('HH:mm:ss.SSS', 'HHmmss.SSS', 'HH:mm:ss,SSS');
    const offsets = fc.constantFrom('ZZ', 'ZZZ');
    fc.assert(
      fc.property(
        moment,
        offset,
        dates,
        fc.constantFrom("'T'", ' ', "'t'"),
        times,
        offsets,
        (at, zone, date, t, time, z) => {
          const text = DateTime.fromJSDate(at, { zone: FixedOffsetZone.instance(zone) }).toFormat(date + t + time + z);
          expect([text, parseTime(text, 'UTC')]).toEqual([text, at.getTime()]);
        },
      ),
    );
  });

  test('is a finite whole number of ms or none, whatever came', () => {
    const sign = fc.constantFrom(...Array.from('0123456789-+:.,TtZzW [/]'));
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 40 }), (signs) => {
        const at = parseTime(signs.join(''), 'UTC');
        expect(at === null || Number.isSafeInteger(at)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
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
