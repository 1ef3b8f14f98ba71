import { createHmac } from 'node:crypto';
import { Agent } from 'undici';
import type { C4hxpEvent } from '../../domain/events.js';
import { HOUR, MINUTE, SECOND } from '../../domain/durations.js';

/** The page's retry schedule: how long after a failed attempt the next one follows. Six attempts in all. */
export const RETRY_SCHEDULE: readonly number[] = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR];
/** The page's timeout of one attempt. */
export const ATTEMPT_TIMEOUT = 30 * SECOND;

/** What goes wrong on the way, on purpose; shares are between 0 and 1. */
export interface Mischief {
  /** This share of webhooks is sent twice, as they were. */
  readonly duplicates?: number | undefined;
  /** This share of webhooks is never sent. */
  readonly loss?: number | undefined;
  /** Each webhook sets out up to this long after it was due (ms, scaled), so that neighbours overtake each other. */
  readonly shuffleMs?: number | undefined;
  /** Only webhooks about these barcodes and order numbers; default all. */
  readonly only?: readonly string[] | undefined;
}

/** Where webhooks are sent. */
export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly events: readonly C4hxpEvent[];
  readonly description: string;
  readonly secret: string;
}

interface DeliveriesOptions {
  readonly log: DeliveryLog;
  readonly mischief: () => Mischief;
  readonly chance: () => number;
  /** 3600 makes hours seconds. Timeouts aren't scaled: the receiver is as slow as it is. */
  readonly timeScale: number;
  readonly attemptTimeoutMs: number;
  readonly clock: () => number;
}

interface Webhook {
  readonly id: string;
  readonly event: C4hxpEvent;
  readonly about: string | null;
  /** The bytes that are signed, and sent again as they are with each retry. */
  readonly body: Buffer;
}

export interface Deliveries {
  /** Sends in the background; the log tells what becomes of it. */
  send(webhook: Webhook, endpoint: Endpoint): void;
  /** No further attempts; those under way are cut. */
  close(): Promise<void>;
}

/** `sha256=` and the lower-case hex HMAC of the raw body. */
const signatureOf = (body: Buffer, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

const strikes = ({ only }: Mischief, { about }: Webhook): boolean =>
  only === undefined || (about !== null && only.includes(about));

export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const { log, chance, timeScale, clock } = options;
  const agent = new Agent({ connections: 16 });
  const closing = new AbortController();
  const timers = new Map<NodeJS.Timeout, number>();

  function later(id: number, delay: number, work: () => Promise<void>): void {
    const wait = delay / timeScale;
    log.next(id, new Date(clock() + wait).toISOString());
    const timer = setTimeout(() => {
      timers.delete(timer);
      void work();
    }, wait);
    timers.set(timer, id);
  }

  async function attempt(id: number, webhook: Webhook, endpoint: Endpoint, number: number): Promise<void> {
    const started = clock();
    const { outcome, status } = await post(webhook, endpoint);
    log.attempted(id, { at: new Date(started).toISOString(), outcome, status, durationMs: clock() - started });
    const retryAfter = RETRY_SCHEDULE[number - 1];
    if (outcome === 'success') log.end(id, 'delivered');
    else if (closing.signal.aborted) log.end(id, 'stopped');
    else if (retryAfter === undefined) log.end(id, 'exhausted');
    else later(id, retryAfter, () => attempt(id, webhook, endpoint, number + 1));
  }

  async function post(
    { body }: Webhook,
    { url, secret }: Endpoint,
  ): Promise<{ outcome: 'success' | 'refused' | 'timeout' | 'network'; status: number | null }> {
    const { origin, pathname, search } = new URL(url);
    const timeout = AbortSignal.timeout(options.attemptTimeoutMs);
    try {
      const response = await agent.request({
        origin,
        path: `${pathname}${search}`,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'C4HXP-Webhooks/2.0 (stand-in)',
          'x-c4hxp-signature': signatureOf(body, secret),
        },
        body,
        signal: AbortSignal.any([timeout, closing.signal]),
      });
      await response.body.dump();
      const { statusCode: status } = response;
      return { outcome: status >= 200 && status < 300 ? 'success' : 'refused', status };
    } catch {
      return { outcome: timeout.aborted ? 'timeout' : 'network', status: null };
    }
  }

  return {
    send: (webhook, endpoint) => {
      if (closing.signal.aborted) return;
      const mischief = options.mischief();
      const { duplicates = 0, loss = 0, shuffleMs = 0 }: Mischief = strikes(mischief, webhook) ? mischief : {};
      const lost = chance() < loss;
      const copies: readonly (1 | 2)[] = !lost && chance() < duplicates ? [1, 2] : [1];
      for (const copy of copies) {
        const { id: webhookId, event, about } = webhook;
        const id = log.open({ webhookId, event, about, endpoint: endpoint.id, copy });
        if (lost) log.end(id, 'lost');
        else if (shuffleMs > 0) later(id, chance() * shuffleMs, () => attempt(id, webhook, endpoint, 1));
        else void attempt(id, webhook, endpoint, 1);
      }
    },
    close: async () => {
      closing.abort();
      for (const [timer, id] of timers) {
        clearTimeout(timer);
        log.end(id, 'stopped');
      }
      timers.clear();
      await log.settled();
      await agent.destroy();
    },
  };
}

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
  readonly event: C4hxpEvent;
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

interface DeliveryLog {
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

/** Numbers in [0, 1) that are the same for the same seed, so that a bad run can be had again (mulberry32). */
export function createChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
