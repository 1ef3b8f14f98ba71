import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { SettleInput } from '../../src/terms/activities.js';

/**
 * How a send died that nobody called back. The shapes: no worker took it (SCHEDULE_TO_START), the next retry would come
 * too late (an ApplicationFailure with its code), the attempts are used up, or an attempt fell silent (START_TO_CLOSE,
 * HEARTBEAT). Only the last may have handed the email over.
 */
export function endingOfDeath(error: unknown): SettleInput['ending'] {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) {
    // A schedule-to-close timeout wraps what the last attempt died of.
    const last = cause.cause ?? cause;
    if (last instanceof ApplicationFailure) return endingOfDeath(last);
    const type = last instanceof TimeoutFailure ? last.timeoutType : cause.timeoutType;
    return type === 'START_TO_CLOSE' || type === 'HEARTBEAT' ? 'no_answer' : 'retries_exhausted';
  }
  return cause instanceof ApplicationFailure && cause.type === 'no_answer' ? 'no_answer' : 'retries_exhausted';
}
