import { DAY } from '../../../src/domain/durations.js';
import type { Rules } from '../../../workflows/core/rules.js';

/** What a later release changed: under v1 a kit was reminded of once, since v2 it is twice. */
export type ToyChange = 'a-second-reminder';

const FIRST_AFTER = 5 * DAY;
const SECOND_AFTER = 7 * DAY;

/** How long until the next reminder (ms); null: none is left. The change is asked for only where the rules differ. */
export function nextReminder(sent: number, rules: Rules<ToyChange>): number | null {
  if (sent === 0) return FIRST_AFTER;
  if (sent > 1) return null;
  return rules.follows('a-second-reminder') ? SECOND_AFTER : null;
}
