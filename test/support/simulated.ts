import type { Fact, PolicySettings } from '../../src/domain/facts.js';
import { simulate, type Played, type World } from '../../workflows/core/simulate.js';
import { DAY, SETTINGS, START } from './facts.js';

/** Nobody at the partner's can be asked. */
export const ALONE: PolicySettings = { ...SETTINGS, partner: false };
/** Nor does a clock call for anything. */
export const WITHOUT_CLOCKS: PolicySettings = {
  ...ALONE,
  registerReminderAfter: null,
  returnReminderAfter: null,
  processingDelayAfter: null,
};

/** Lives of `kit:1` under these settings, watched for so many days. */
export const livesUnder =
  (settings: PolicySettings, days: number) =>
  (facts: readonly Fact[], more: Partial<World> = {}): Played =>
    simulate({ subject: 'kit:1', settings, until: START + days * DAY, facts, ...more });
