import type { Fact, PolicySettings } from '../../src/domain/facts.js';
import type { Knowledge } from '../../workflows/core/knowledge.js';
import { nextActions, type NextActions } from '../../workflows/core/next-actions.js';
import { TODAY } from '../../workflows/core/rules.js';
import { simulate, type Played, type World } from '../../workflows/core/simulate.js';
import { Story } from '../../workflows/core/story.js';
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

/** What is known, seen at one moment by the rules of today. */
export const storyOf = (known: Knowledge, now: number): Story => Story.of(known, now, TODAY);

/** What is to be done next by what is known at this moment. */
export const nextAt = (known: Knowledge, now: number): NextActions => nextActions(storyOf(known, now));

/** … and by what a life has come to. */
export const nextOf = ({ known, projection }: Played): NextActions => nextAt(known, projection.at ?? 0);
