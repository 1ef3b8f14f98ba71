import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';

/** Most attempts are over by then, and a heartbeat is a call; the workflows give 10 s. */
const FIRST_BEAT_MS = 3_000;
const BEAT_EVERY_MS = 3_000;

/** One attempt of an activity as Temporal runs it. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Aborted when the journey cancels the activity, or the worker must stop. */
  readonly signal: AbortSignal;
  /** What an attempt before this one remembered; undefined: none did. */
  readonly remembered: unknown;
  /** Keeps a word for the attempts after this one, should it fail: Temporal keeps it with the heartbeat. */
  readonly remember: (word: number) => void;
}

/** For the log only: the class of an error and its code, never its message. */
interface Mishap {
  readonly error: string;
  readonly code: string | null;
}

/** What a line of the log is about: ids and codes only. */
export interface About {
  readonly subject: string;
  readonly kind?: string;
}
export type Log = (event: string, about: About & Partial<Mishap>) => void;

/**
 * Runs one attempt: Temporal is told that it is alive, and nothing but codes leaves it. A cancellation comes back with a
 * heartbeat; a stopping worker is none: the attempt fails, and another worker tries again.
 */
export async function runAttempt<T>(about: About, log: Log, work: (attempt: Attempt) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { cancellationSignal: signal, info } = context;
  // Each heartbeat takes the place of the one before, and of what that one said.
  let word: unknown = info.heartbeatDetails;
  const beat = (): void => {
    context.heartbeat(word);
  };
  const remember = (next: number): void => {
    word = next;
    beat();
  };
  let beating: NodeJS.Timeout | undefined;
  const start = setTimeout(() => {
    beat();
    beating = setInterval(beat, BEAT_EVERY_MS);
  }, FIRST_BEAT_MS);
  try {
    return await inCodes(about, log, () => work({ number: info.attempt, signal, remembered: word, remember }));
  } catch (error) {
    throw error instanceof CancelledFailure && isShutdown(signal) ? tryAgain('worker_shutdown') : error;
  } finally {
    clearTimeout(start);
    clearInterval(beating);
  }
}

/** What an attempt throws that was told to stop and has stopped. */
export const cancelled = (): CancelledFailure => new CancelledFailure('cancelled');

const isShutdown = ({ reason }: { readonly reason: unknown }): boolean =>
  reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';

interface Again {
  /** ms until the next try; absent or null: as the retry policy says. */
  readonly after?: number | null;
  /** Times of ours, to be read in Temporal's UI. */
  readonly note?: string | null;
  /** No fault of ours: the pending activity shows it, metrics and log need not. */
  readonly benign?: boolean;
}

/**
 * What Temporal should try again. It carries a code and nothing else: an SMTP reply quotes addresses, a stack quotes
 * whatever a library put into its message, and Temporal never sees a patient.
 */
export function tryAgain(code: string, { after = null, note = null, benign = false }: Again = {}): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message: note === null ? code : `${code}: ${note}`,
    nonRetryable: false,
    ...(benign ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(after === null ? {} : { nextRetryDelay: Math.max(1, Math.round(after)) }),
  });
}

/** What must not be tried again, as a code only. */
export const givenUp = (code: string): ApplicationFailure =>
  ApplicationFailure.create({
    type: code,
    message: code,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });

/** Runs work so that nothing but codes leaves it: whatever else is thrown is tried again as `mishap`. */
export async function inCodes<T>(about: About, log: Log, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    log('an activity met a mishap', {
      ...about,
      error: error instanceof Error ? error.name : typeof error,
      code: codeOf(error),
    });
    throw tryAgain('mishap');
  }
}

function codeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Za-z0-9_]{1,40}$/.test(code) ? code : null;
}
