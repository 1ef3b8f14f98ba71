import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';

const FIRST_BEAT = 8_000;
const BEAT_EVERY = 5_000;

/** One attempt of an activity as Temporal runs it. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Aborted when the journey calls the email back, or the worker must stop. */
  readonly signal: AbortSignal;
}

/**
 * Runs the work of an attempt and tells Temporal that it is alive, from second 8 on: most attempts are over by then,
 * and a heartbeat is a call. (A cancellation comes back with a heartbeat; nothing that matters is long before one.)
 */
export async function inAttempt<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = (): void => {
    context.heartbeat();
  };
  let beating: NodeJS.Timeout | undefined;
  const start = setTimeout(() => {
    beat();
    beating = setInterval(beat, BEAT_EVERY);
  }, FIRST_BEAT);
  try {
    return await work({ number: context.info.attempt, signal: context.cancellationSignal });
  } finally {
    clearTimeout(start);
    clearInterval(beating);
  }
}

export const calledBack = (): CancelledFailure => new CancelledFailure('cancelled');
