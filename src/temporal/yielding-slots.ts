import type { CustomSlotSupplier, SlotInfo } from '@temporalio/worker';

export interface YieldingSlotsOptions {
  /** How many webhooks a second are coming in. */
  readonly load: () => number;
  /** The number from which on the worker yields. */
  readonly busyAbove: number;
  /** How many tasks may run at once otherwise, and how many under load. */
  readonly calm: number;
  readonly busy: number;
}

const LOOK_AGAIN_MS = 50;
/** ms of rest after a task, for each webhook a second: ten tasks a second at 500, two or three at 2,000. */
const REST_MS = 0.2;

interface Waiting {
  readonly sticky: boolean;
  readonly admit: () => void;
}

/** A slot that has been handed out. */
interface Permit {
  readonly sticky: boolean;
}

/**
 * Slots for a worker that shares its processor with the intake of webhooks: while many come in only a few are handed
 * out, with rests between them, and the others wait. Pausing the relay alone would change nothing, since what Temporal
 * already has keeps the cores busy. What has been handed out is never taken back.
 */
export function createYieldingSlots<Info extends SlotInfo>(options: YieldingSlotsOptions): CustomSlotSupplier<Info> {
  const { load, busyAbove, calm, busy } = options;
  const out = { sticky: 0, other: 0 };
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | null = null;
  let restUntil = 0;

  // Pollers of sticky and of normal workflow tasks each hold a slot while they wait, so one kind must never have all.
  const isFree = (sticky: boolean): boolean => {
    const yielding = load() > busyAbove;
    if (yielding && performance.now() < restUntil) return false;
    const limit = yielding ? busy : calm;
    if (out.sticky + out.other >= limit) return false;
    return limit < 2 || (sticky ? out.sticky : out.other) < limit - 1;
  };
  const take = (sticky: boolean): Permit => {
    out[sticky ? 'sticky' : 'other'] += 1;
    return { sticky };
  };
  const admitWaiting = (): void => {
    for (const one of waiting)
      if (isFree(one.sticky)) {
        waiting.delete(one);
        one.admit();
      }
    // The load falls without telling anybody: it is looked at for as long as somebody waits.
    if (waiting.size > 0) timer ??= setInterval(admitWaiting, LOOK_AGAIN_MS).unref();
    else if (timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };

  return {
    type: 'custom',
    reserveSlot({ isSticky: sticky }, signal) {
      if (isFree(sticky) && waiting.size === 0) return Promise.resolve(take(sticky));
      return new Promise((resolve, reject) => {
        const one: Waiting = {
          sticky,
          admit: () => {
            signal.removeEventListener('abort', giveUp);
            resolve(take(sticky));
          },
        };
        const giveUp = (): void => {
          waiting.delete(one);
          // The signal's own reason, because the SDK logs every other error.
          reject(signal.reason as Error);
        };
        if (signal.aborted) {
          giveUp();
          return;
        }
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.add(one);
        admitWaiting();
      });
    },
    tryReserveSlot: ({ isSticky }) => (isFree(isSticky) && waiting.size === 0 ? take(isSticky) : null),
    markSlotUsed: () => undefined,
    releaseSlot({ permit }) {
      out[(permit as Permit).sticky ? 'sticky' : 'other'] -= 1;
      restUntil = performance.now() + load() * REST_MS;
      admitWaiting();
    },
  };
}
