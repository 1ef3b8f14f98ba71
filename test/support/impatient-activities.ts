import type { ActivityOptions } from '@temporalio/workflow';
import type { Kind } from '../../src/domain/kinds.js';
import * as real from '../../workflows/temporal/activities.js';

/**
 * In place of `workflows/temporal/activities.ts` in a bundle for tests: the same activities and the same options, but what
 * takes days and minutes takes seconds, and an email about a failed kit has three attempts at most.
 */
export { email, endingOfDeath, local, partner, partnerOptions, upkeep } from '../../workflows/temporal/activities.js';

export const emailOptions = (kind: Kind): ActivityOptions => ({
  ...real.emailOptions(kind),
  startToCloseTimeout: '1s',
  heartbeatTimeout: '500ms',
  scheduleToCloseTimeout: '2500ms',
  retry: {
    initialInterval: '200ms',
    maximumInterval: '500ms',
    ...(kind === 'kit.failed' ? { maximumAttempts: 3 } : {}),
  },
});
