import { describe, expect, test } from '@jest/globals';
import {
  emailsFinding,
  journeysFinding,
  schemaFinding,
  versionsFinding,
  webhooksFinding,
} from '../../src/cli/upgrade-checks.js';

const NOW = Date.UTC(2026, 10, 24, 12);
const minutesAgo = (minutes: number): Date => new Date(NOW - minutes * 60_000);
const version = (buildId: string) => ({ deploymentName: 'kit-herald', buildId });
const at = (current: string | null, ...draining: string[]) => ({ current, draining });

describe('doctor before an upgrade', () => {
  test('says which migrations would be applied, and refuses a database that is ahead', () => {
    expect(schemaFinding({ missing: [], strange: [], contracted: null })).toBe('this release changes nothing');
    expect(schemaFinding({ missing: ['009-a', '010-b'], strange: [], contracted: null })).toMatch(
      'will apply 009-a, 010-b',
    );
    expect(schemaFinding({ missing: [], strange: ['011-c'], contracted: null })).toBe(
      'a later release has added 011-c, which this one lives with',
    );
    expect(() => schemaFinding({ missing: [], strange: ['011-c', '012-d'], contracted: '012-d' })).toThrow(
      "a later release has applied 012-d, which this one can't live with",
    );
    expect(() => schemaFinding({ missing: ['010-b'], strange: ['011-c'], contracted: null })).toThrow('011-c');
  });

  test('is content with webhooks that are on their way, and not with those that wait for minutes', () => {
    const none = { pending: 0, oldestPending: null, quarantined: 0 };
    expect(webhooksFinding(none, NOW)).toBe('each has reached its journey');
    expect(webhooksFinding({ ...none, pending: 3, oldestPending: minutesAgo(1) }, NOW)).toBe('3 are on their way');
    expect(() => webhooksFinding({ ...none, pending: 3, oldestPending: minutesAgo(7) }, NOW)).toThrow(
      '3 have not reached their journey, the first for 7 min',
    );
    expect(webhooksFinding({ ...none, quarantined: 2 }, NOW)).toMatchObject({
      warning: expect.stringContaining('2 can') as unknown,
    });
  });

  test('lets emails be in hand, and refuses those that were left in mid-send', () => {
    expect(emailsFinding({ inHand: 0, left: 0, waiting: 4 })).toBe('0 in hand, 4 wait');
    expect(emailsFinding({ inHand: 2, left: 0, waiting: 0 })).toMatch('ends what it has in hand');
    expect(() => emailsFinding({ inHand: 2, left: 1, waiting: 0 })).toThrow('1 were left in mid-send');
  });

  test('names journeys that stand still, the first five', () => {
    expect(journeysFinding({ open: 3, stuck: [], looked: 3 })).toBe('3 are open; none stands still');
    expect(journeysFinding({ open: 900, stuck: [], looked: 200 })).toMatch('of which the 200 that began last');
    const stuck = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(() => journeysFinding({ open: 9, stuck, looked: 9 })).toThrow('of a, b, c, d, e and 2 more');
  });

  test('sees who works on the journeys now, and what make-current will do', () => {
    expect(versionsFinding([null], null, null)).toBe('at work, not versioned');
    expect(versionsFinding([null], null, version('2.0.0'))).toMatch('make-current gives the journeys to 2.0.0');
    expect(versionsFinding([version('1.0.0')], at('1.0.0'), version('2.0.0'))).toMatch('version 1.0.0 is current');
    expect(versionsFinding([version('1.0.0')], at('1.0.0', '0.9.0'), version('2.0.0'))).toMatch('0.9.0 still at');
    expect(() => versionsFinding([], at('1.0.0'), null)).toThrow('nobody works');
    expect(() => versionsFinding([version('2.0.0')], at(null), version('2.0.0'))).toThrow('no version is current');
    expect(() => versionsFinding([version('2.0.0')], at('1.0.0'), version('2.0.0'))).toThrow('none of its workers');
  });

  test('warns of a release that would get no journey, or couldn’t be told from the former one', () => {
    expect(versionsFinding([version('1.0.0')], at('1.0.0'), null)).toMatchObject({
      warning: expect.stringContaining('would get no journey') as unknown,
    });
    expect(versionsFinding([version('1.0.0')], at('1.0.0'), version('1.0.0'))).toMatchObject({
      warning: expect.stringContaining('called the same') as unknown,
    });
  });
});
