import type { SimEvent } from './events.js';

interface Attempt {
  /** ISO */
  readonly at: string;
  readonly outcome: 'success' | 'refused' | 'timeout' | 'network';
  readonly status: number | null;
  readonly durationMs: number;
}

/**
 * One webhook to one endpoint. `lost`: left out on purpose; `exhausted`: every attempt failed; `stopped`: the
 * stand-in was closed before its next attempt.
 */
export interface Delivery {
  readonly id: number;
  readonly webhookId: string;
  readonly event: SimEvent;
  /** The barcode or order number it is about. */
  readonly about: string | null;
  readonly endpoint: string;
  /** 2 for the second copy of a webhook that is sent twice. */
  readonly copy: 1 | 2;
  readonly state: 'pending' | 'delivered' | 'exhausted' | 'lost' | 'stopped';
  readonly attempts: readonly Attempt[];
  /** ISO; null when no attempt is to come. */
  readonly nextAttemptAt: string | null;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface DeliveryLog {
  readonly open: (delivery: Pick<Delivery, 'webhookId' | 'event' | 'about' | 'endpoint' | 'copy'>) => number;
  readonly attempted: (id: number, attempt: Attempt) => void;
  readonly next: (id: number, at: string) => void;
  readonly end: (id: number, state: Exclude<Delivery['state'], 'pending'>) => void;
  readonly list: () => readonly Delivery[];
  /** Resolves when no delivery is pending. */
  readonly settled: () => Promise<void>;
}

/** @param onEnd is told of each delivery that is over */
export function createDeliveryLog(onEnd: (delivery: Delivery) => void): DeliveryLog {
  const deliveries: Mutable<Delivery>[] = [];
  let pending = 0;
  let waiting: (() => void)[] = [];

  const entry = (id: number): Mutable<Delivery> => {
    const found = deliveries[id - 1];
    if (found === undefined) throw new Error(`no delivery ${id}`);
    return found;
  };

  return {
    open: (delivery) => {
      pending += 1;
      return deliveries.push({
        id: deliveries.length + 1,
        ...delivery,
        state: 'pending',
        attempts: [],
        nextAttemptAt: null,
      });
    },
    attempted: (id, attempt) => {
      const delivery = entry(id);
      delivery.attempts = [...delivery.attempts, attempt];
      delivery.nextAttemptAt = null;
    },
    next: (id, at) => {
      entry(id).nextAttemptAt = at;
    },
    end: (id, state) => {
      const delivery = entry(id);
      if (delivery.state !== 'pending') return;
      delivery.state = state;
      delivery.nextAttemptAt = null;
      pending -= 1;
      onEnd(delivery);
      if (pending > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    list: () => deliveries.map((delivery) => ({ ...delivery })),
    settled: () =>
      pending === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push(resolve);
          }),
  };
}
