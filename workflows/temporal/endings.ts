import { decodeTimeoutType, type ProtoFailure } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Death } from '../../src/domain/activities.js';

/**
 * How a send died that nobody called back. The shapes: no worker took it (SCHEDULE_TO_START), the next retry would come
 * too late (the last attempt's own failure, or SCHEDULE_TO_CLOSE around its timeout), the attempts are used up, or an
 * attempt fell silent (START_TO_CLOSE, HEARTBEAT). Only one that fell silent may have handed the email over.
 */
export function endingOfDeath(error: unknown): Death {
  const death = error instanceof ActivityFailure ? error.cause : error;
  if (death instanceof ApplicationFailure) return death.type === 'no_answer' ? 'no_answer' : 'retries_exhausted';
  // The SDK's TimeoutFailure leaves out what it wraps; the failure that it was made of has it.
  return death instanceof TimeoutFailure && fellSilent(death.failure) ? 'no_answer' : 'retries_exhausted';
}

function fellSilent(failure: ProtoFailure | null | undefined): boolean {
  if (failure?.applicationFailureInfo?.type === 'no_answer') return true;
  const type = decodeTimeoutType(failure?.timeoutFailureInfo?.timeoutType);
  if (type === 'START_TO_CLOSE' || type === 'HEARTBEAT') return true;
  return failure?.cause !== null && failure?.cause !== undefined && fellSilent(failure.cause);
}
