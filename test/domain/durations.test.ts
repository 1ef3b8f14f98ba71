import { expect, test } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND, spell } from '../../src/domain/durations.js';

test.each([
  [3 * DAY, '3d'],
  [36 * HOUR, '36h'],
  [90 * MINUTE, '90min'],
  [61 * SECOND, '61s'],
  [1_500, '1500ms'],
  [0, '0ms'],
])('%d ms is spelled in the largest unit that divides it, as an operator would write it: %s', (ms, spelled) => {
  expect(spell(ms)).toBe(spelled);
});
