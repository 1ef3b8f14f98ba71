/** Wakes a loop that waits. A ring while nobody waits is not lost: the next wait ends at once. */
export interface Bell {
  ring(): void;
  /** Ends every wait from now on. */
  stop(): void;
  /** Waits for a ring, at most so many ms. */
  rung(ms: number): Promise<void>;
  /** Waits so many ms, or until `stop`. */
  stopped(ms: number): Promise<void>;
}

export function createBell(): Bell {
  let rang = false;
  let stopped = false;
  let wake: { readonly onRing: boolean; readonly end: () => void } | null = null;

  function wait(ms: number, onRing: boolean): Promise<void> {
    if (stopped || (onRing && rang)) {
      rang = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        wake = null;
        if (onRing) rang = false;
        resolve();
      };
      const timer = setTimeout(end, ms);
      wake = { onRing, end };
    });
  }

  return {
    ring() {
      rang = true;
      if (wake?.onRing === true) wake.end();
    },
    stop() {
      stopped = true;
      wake?.end();
    },
    rung: (ms) => wait(ms, true),
    stopped: (ms) => wait(ms, false),
  };
}
