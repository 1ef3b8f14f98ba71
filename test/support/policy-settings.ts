import type { PolicySettings } from '../../src/domain/facts.js';

/** For tests that carry settings and decide nothing by them. */
export const SETTINGS: PolicySettings = {
  switchedOff: [],
  tooLate: true,
  resultsRelease: 'available',
  resultsMaxHold: 1,
  registerReminderAfter: null,
  returnReminderAfter: null,
  processingDelayAfter: null,
  silenceAfter: null,
  kitLinger: null,
  partner: false,
};
