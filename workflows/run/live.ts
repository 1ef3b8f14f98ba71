import { CancellationScope } from '@temporalio/workflow';
import type { Journey } from './journey.js';

/**
 * Lives a journey to its end. A request to cancel it, by a click in Temporal's UI, changes nothing: what waits (a hold, a
 * reminder, results that are being retried) would be forgotten with it.
 */
export const live = (journey: Journey): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    for (;;) {
      await journey.catchUp();
      const plan = journey.decide();
      await journey.carryOut(plan);
      if (journey.isOver(plan)) return;
      await journey.handOverIfLong();
      await journey.news();
    }
  });
