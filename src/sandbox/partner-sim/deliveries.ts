import { createHmac } from 'node:crypto';
import { Agent } from 'undici';
import type { DeliveryLog } from './delivery-log.js';
import type { Endpoint } from './endpoints.js';
import type { SimEvent } from './events.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

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

export interface DeliveriesOptions {
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
  readonly event: SimEvent;
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
