import { describe, expect, test } from '@jest/globals';
import { retentionFinding } from '../../src/cli/doctor-checks.js';
import { renderRetention } from '../../src/cli/retention.js';
import type { RetentionDue } from '../../src/privacy/retention.js';

const NOTHING: RetentionDue = {
  bodies: 0,
  journeys: 0,
  alarmed: 0,
  auditRows: 0,
  heldByJourney: 0,
  heldPending: 0,
  heldQuarantined: 0,
  more: false,
};
const NOW = Date.UTC(2026, 10, 24, 12);
const ran = (hoursAgo: number) => ({
  at: new Date(NOW - hoursAgo * 3_600_000).toISOString(),
  bodies: 3,
  journeys: 1,
  alarmed: 0,
  auditRows: 0,
});

describe('the dry run of retention', () => {
  test('says what the next run deletes, what is kept and why, and what the last one did', () => {
    const due = { ...NOTHING, bodies: 12, journeys: 2, heldByJourney: 7, heldPending: 1 };
    expect(renderRetention({ due, last: ran(1) }).split('\n')).toEqual([
      'The next run deletes 12 bodies, and all that names somebody of 2 ended journeys.',
      'Old enough, and kept:',
      '  7 bodies whose journey has not ended',
      '  1 webhooks that have not reached their journey: look at doctor',
      'The last run, 2026-11-24 11:00 UTC, deleted 3 bodies, and what named somebody of 1 journeys.',
    ]);
    expect(renderRetention({ due: { ...NOTHING, auditRows: 4 }, last: null })).toContain(
      '\nIt deletes 4 rows of the audit.\n',
    );
    expect(renderRetention({ due: { ...NOTHING, more: true, bodies: 9 }, last: null })).toMatch(
      /more than 9 bodies[^]*It has not run yet\.$/,
    );
  });
});

describe('doctor, of retention', () => {
  test('is content with what is due between two runs, and before anything is', () => {
    expect(retentionFinding({ ...NOTHING, bodies: 5 }, ran(5), NOW)).toMatch('5 bodies and 0 ended journeys are due');
    expect(retentionFinding(NOTHING, null, NOW)).toMatch('it has not run yet');
    expect(retentionFinding({ ...NOTHING, alarmed: 1, heldQuarantined: 1 }, ran(1), NOW)).toMatch(
      "2 that can't be read expire soon",
    );
  });

  test.each([
    ['what never reached its journey', { ...NOTHING, heldPending: 2 }, ran(1), /2 webhooks .* have not reached/],
    ['what is due and no run has come for a day', { ...NOTHING, bodies: 1 }, ran(25), /1 bodies .* it ran last/],
    ['what is due and nothing ever ran', { ...NOTHING, journeys: 1 }, null, /it has not run yet/],
  ])('complains of %s', (_what, due, last, sentence) => {
    expect(() => retentionFinding(due, last, NOW)).toThrow(sentence);
  });
});
