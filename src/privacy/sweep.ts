import type { Erasing } from './erase.js';

export interface ErasureSweepOptions {
  readonly erasing: Pick<Erasing, 'resume'>;
  readonly log: (event: string, about: object) => void;
}

const LOOK_EVERY_MS = 2_000;

/** Goes on with erasures that wait, until it is stopped: an email was leaving, or a process died in between. */
export function startErasureSweep({ erasing, log }: ErasureSweepOptions): { stop(): Promise<void> } {
  let busy: Promise<void> | null = null;
  const timer = setInterval(() => {
    busy ??= look().finally(() => {
      busy = null;
    });
  }, LOOK_EVERY_MS).unref();

  /** What fails now is tried again at the next look. */
  async function look(): Promise<void> {
    try {
      const done = await erasing.resume();
      if (done > 0) log('an erasure that waited is done', { subjects: done });
    } catch (error) {
      log('an erasure waits', { error: error instanceof Error ? error.name : 'unknown' });
    }
  }

  return {
    async stop() {
      clearInterval(timer);
      await busy;
    },
  };
}
