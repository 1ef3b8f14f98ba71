import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { Reason } from '../src/domain/notifications.js';

/**
 * What Temporal should try again. It carries a code and nothing else: an SMTP reply quotes addresses, a stack quotes
 * whatever a library put into its message, and Temporal never sees a patient.
 *
 * @param delay ms until the next try; absent: as the retry policy says.
 */
export function tryAgain(reason: Reason, delay?: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: reason,
    message: reason,
    nonRetryable: false,
    ...(delay === undefined ? {} : { nextRetryDelay: Math.max(1, Math.round(delay)) }),
  });
}

/** For the log only: the class of an error and its code, never its message. */
export interface Mishap {
  readonly error: string;
  readonly code: string | null;
}

/** Where mishaps are told: ids and codes only. */
export type Log = (
  event: string,
  about: { readonly subject: string; readonly kind?: string } & Partial<Mishap>,
) => void;

/** Runs an activity so that nothing but codes leaves it: whatever else is thrown is tried again as `mishap`. */
export async function inCodes<T>(work: () => Promise<T>, onMishap: (mishap: Mishap) => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    onMishap({ error: error instanceof Error ? error.name : typeof error, code: codeOf(error) });
    throw ApplicationFailure.create({ type: 'mishap', message: 'mishap', nonRetryable: false });
  }
}

function codeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Za-z0-9_]{1,40}$/.test(code) ? code : null;
}
