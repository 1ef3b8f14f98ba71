import type { Prior, SignalBatch } from '../domain/facts.js';
import type { Subject } from '../domain/subjects.js';

/**
 * What the relay asks of Temporal. Every call has a deadline of 10 s; one that passes is thrown, and says nothing:
 * it may have been applied (the workflow de-duplicates).
 */
export interface Journeys {
  /** Signals a subject's running journey; `gone` when none runs (ended, terminated, or the store was lost). */
  signal(subject: Subject, signalName: string, batch: SignalBatch): Promise<'signalled' | 'gone'>;
  /** Signals it, starting it first with `prior` when none runs (reuse policy ALLOW_DUPLICATE). */
  signalWithStart(subject: Subject, signalName: string, batch: SignalBatch, prior: Prior): Promise<void>;
  /** Whether a run of this subject is open now. */
  isRunning(subject: Subject): Promise<boolean>;
  /** Another id than last time means that all of Temporal's store was lost or replaced. */
  namespaceId(): Promise<string>;
}
