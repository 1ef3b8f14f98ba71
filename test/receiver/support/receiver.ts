import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { closeApp } from '../../../src/host/ports.js';
import { sign } from '../../../src/c4hxp/webhook/signature.js';
import { WEBHOOK_PATH } from '../../../src/c4hxp/webhook/signature.js';
import { createC4hxpWebhooks, type C4hxpWebhooksOptions } from '../../../src/c4hxp/webhook/source.js';
import { createReceiverApp, type ReceiverOptions } from '../../../src/receiver/app.js';
import type { Arrival, WebhookSource } from '../../../src/domain/arrivals.js';
import { hash, NOW } from '../../c4hxp/webhook/support/reading.js';

export const SECRET = 'a-secret-that-only-tests-know';
export const WEBHOOK = JSON.stringify({
  event: 'kit.registered',
  data: { kit_barcode: '123456789012' },
  meta: { webhook_id: 'wh_1' },
});

export interface TestReceiver {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly url: string;
  readonly kept: Arrival[];
  /** `name code` (or `name verdict event`) of all that was counted. */
  readonly counted: string[];
  readonly logged: object[];
  readonly post: (body: string | Buffer, headers?: Record<string, string>) => Promise<Response>;
  readonly close: () => Promise<void>;
}

/** C4HXP, who signs with SECRET. */
export const c4hxp = (options: Partial<C4hxpWebhooksOptions> = {}): WebhookSource =>
  createC4hxpWebhooks({ secrets: [SECRET], hash, defaultZone: 'UTC', revealFlags: false, ...options });

/** The public app on a free port; what it keeps is an array. */
export async function startReceiver(options: Partial<ReceiverOptions> = {}): Promise<TestReceiver> {
  const kept: Arrival[] = [];
  const counted: string[] = [];
  const logged: object[] = [];
  const log = (fields: object, message: string) => logged.push({ ...fields, message });
  const app = createReceiverApp({
    sources: [c4hxp()],
    keep: (arrival) => Promise.resolve({ fresh: kept.push(arrival) > 0 }),
    figures: () => Promise.resolve({ lastReceivedAt: new Date(NOW), processedToday: kept.length }),
    ready: () => [],
    clock: () => NOW,
    allowedIps: [],
    trustProxy: [],
    requireHttps: false,
    count: (name, labels) => counted.push([name, ...Object.values(labels)].join(' ')),
    log: { warn: log, error: log },
    ...options,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}`;
  return {
    app,
    port,
    url,
    kept,
    counted,
    logged,
    post: (body, headers = {}) =>
      fetch(`${url}${WEBHOOK_PATH}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-c4hxp-signature': sign(body, SECRET), ...headers },
        body,
      }),
    close: () => closeApp(app),
  };
}

/** Runs with a receiver of its own, and closes it whatever happens. */
export async function withReceiver(
  options: Partial<ReceiverOptions>,
  work: (receiver: TestReceiver) => Promise<void>,
): Promise<void> {
  const receiver = await startReceiver(options);
  try {
    await work(receiver);
  } finally {
    await receiver.close();
  }
}
