import { expect, test } from '@jest/globals';
import { renderRehearsal } from '../../src/cli/rehearse.js';

test('what rehearse prints fits into 80 columns, whatever it has to say', () => {
  const change = { subject: `kit:${'X'.repeat(90)}`, kind: 'results.available', occurrence: 12 } as const;
  const printed = renderRehearsal({
    since: '2026-09-07T09:00:00.000Z',
    set: { RESULTS_RELEASE: 'reviewed' },
    journeys: 1,
    changes: [
      { ...change, now: '2026-09-10T09:00:00.000Z', then: null, why: 'held_for_review' },
      { ...change, kind: 'notice.delay', now: null, then: '2026-09-10T09:00:00.000Z', why: null },
    ],
  });
  for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(printed).toContain('1 journey since 2026-09-07 09:00 UTC');
  expect(printed).toContain('1 email more, 1 email fewer, 0 emails at another time.');
});
