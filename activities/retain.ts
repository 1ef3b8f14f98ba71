import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND } from '../src/domain/durations.js';
import type { Retention } from '../src/privacy/retention.js';
import { cancelled, runAttempt, type Log } from './attempt.js';

export interface RetainPorts {
  readonly retention: Pick<Retention, 'run'>;
  /** Webhooks a second that come in. */
  readonly load: () => number;
  readonly log: Log;
  /** ms between two batches, and between two looks at the load; default: the time itself. */
  readonly rest?: (ms: number) => Promise<unknown>;
}

const REST_MS = 100;
const LOOK_AGAIN_MS = SECOND;

/**
 * Deletes what is older than the settings let it be, a small batch at a time, and none while webhooks come in. One that
 * is cut off begins anew: what is gone is gone.
 */
export function createRetain({ retention, load, log, rest = sleep }: RetainPorts): () => Promise<void> {
  return () =>
    runAttempt({ subject: 'retention' }, log, async ({ signal }) => {
      await retention.run(async () => {
        await rest(REST_MS);
        while (load() > 0 && !signal.aborted) await rest(LOOK_AGAIN_MS);
        if (signal.aborted) throw cancelled();
      });
    });
}
