import { CancellationScope, setDefaultSignalHandler } from '@temporalio/workflow';
import type { SignalBatch } from '../../src/domain/facts.js';
import type { Journey } from '../journey.js';

/**
 * Lives a journey to its end. A request to cancel it, by a click in Temporal's UI, changes nothing: what waits (a hold, a
 * reminder, results that are being retried) would be forgotten with it.
 */
export function live(journey: Journey): Promise<void> {
  // A signal is named after the webhook it carries, so that Temporal's timeline reads as the subject's story.
  setDefaultSignalHandler((_event, batch) => {
    journey.hear(batch as SignalBatch);
  });
  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      await journey.catchUp();
      const plan = journey.decide();
      await journey.carryOut(plan);
      if (journey.isOver(plan)) return;
      await journey.handOverIfLong();
      await journey.news();
    }
  });
}
