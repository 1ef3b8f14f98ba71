/** A sleep that can be woken. Being woken while nobody sleeps is not lost: the next sleep ends at once. */
export interface Wakeup {
  wake(): void;
  /** Ends every wait from now on. */
  stop(): void;
  /** Waits so many ms, or until it is woken. */
  sleep(ms: number): Promise<void>;
  /** Waits so many ms, whoever wakes it, or until `stop`. */
  pause(ms: number): Promise<void>;
}

export function createWakeup(): Wakeup {
  let woken = false;
  let stopped = false;
  let waiting: { readonly wakeable: boolean; readonly end: () => void } | null = null;

  function wait(ms: number, wakeable: boolean): Promise<void> {
    if (stopped || (wakeable && woken)) {
      woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        waiting = null;
        if (wakeable) woken = false;
        resolve();
      };
      const timer = setTimeout(end, ms);
      waiting = { wakeable, end };
    });
  }

  return {
    wake() {
      woken = true;
      if (waiting?.wakeable === true) waiting.end();
    },
    stop() {
      stopped = true;
      waiting?.end();
    },
    sleep: (ms) => wait(ms, true),
    pause: (ms) => wait(ms, false),
  };
}
