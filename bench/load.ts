import autocannon from 'autocannon';
import { fork } from 'node:child_process';
import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { percentileOf } from './figures.js';

export interface Load {
  readonly url: string;
  readonly secret: string;
  readonly connections: number;
  /** How long, or how many at all. */
  readonly seconds?: number;
  readonly webhooks?: number;
  /** Requests a second over all connections; null: as many as they can. */
  readonly rate: number | null;
}

export interface Measured {
  /** 2xx answers a second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were no 2xx, errors and timeouts. */
  readonly refused: number;
}

const EVENTS = [
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'results.available',
  'results.reviewed',
];

/** A kit's five events in their order, each signed, each with an id of its own; then the next kit. */
function* webhooks(secret: string): Generator<{ raw: string; signature: string }> {
  for (;;) {
    const barcode = String(randomInt(1e11, 1e12 - 1));
    const patient = { first_name: 'Jane', last_name: 'Smith', email: `jane.${barcode}@example.com` };
    for (const event of EVENTS) {
      const now = new Date().toISOString();
      const raw = JSON.stringify({
        event,
        data: { kit_barcode: barcode, kit_type: 'hormone_panel', patient, registered_at: now, completed_at: now },
        meta: { timestamp: now, webhook_id: `wh_${randomUUID()}`, api_version: '2.0.0' },
      });
      yield { raw, signature: `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}` };
    }
  }
}

/** As many as the connections can carry. */
async function flood({ url, secret, seconds, webhooks: amount, connections }: Load): Promise<Measured> {
  const next = webhooks(secret);
  const result = await autocannon({
    url,
    connections,
    ...(seconds === undefined ? {} : { duration: seconds }),
    ...(amount === undefined ? {} : { amount }),
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          const { raw, signature } = next.next().value as { raw: string; signature: string };
          return { ...request, body: raw, headers: headersOf(signature) };
        },
      },
    ],
  });
  return {
    perSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    refused: result.non2xx + result.errors + result.timeouts,
  };
}

const headersOf = (signature: string) => ({ 'content-type': 'application/json', 'x-c4hxp-signature': signature });

/**
 * Evenly spaced, whatever the answers take, each measured from the moment at which it was due: a slow answer delays
 * none of the others. (autocannon's own rate sends each second's share in one burst.)
 */
async function pace({ url, secret, seconds = 1, connections }: Load, rate: number): Promise<Measured> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const next = webhooks(secret);
  const latencies: number[] = [];
  let refused = 0;
  const start = performance.now();
  const answers: Promise<void>[] = [];
  for (let sent = 0; sent < rate * seconds; sent++) {
    const due = start + (sent * 1_000) / rate;
    if (due > performance.now()) await sleep(due - performance.now());
    const { raw, signature } = next.next().value as { raw: string; signature: string };
    answers.push(
      pool.request({ method: 'POST', path: pathname, body: raw, headers: headersOf(signature) }).then(
        async ({ statusCode, body }) => {
          await body.dump();
          if (statusCode === 200) latencies.push(performance.now() - due);
          else refused++;
        },
        () => {
          refused++;
        },
      ),
    );
  }
  await Promise.all(answers);
  const took = (performance.now() - start) / 1_000;
  await pool.close();
  return {
    perSecond: latencies.length / took,
    p50Ms: percentileOf(latencies, 0.5),
    p99Ms: percentileOf(latencies, 0.99),
    refused,
  };
}

/** Fires from a process of its own, so that the benchmark's own work is not in the measurement. */
export function load(order: Load): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(order)]);
    child.once('message', (measured) => {
      resolve(measured as Measured);
    });
    child.once('exit', (code) => {
      reject(new Error(`the load generator ended with ${String(code)}`));
    });
  });
}

const fire = (order: Load): Promise<Measured> => (order.rate === null ? flood(order) : pace(order, order.rate));

const [, script, order] = process.argv;
if (script === fileURLToPath(import.meta.url) && order !== undefined) {
  const measured = await fire(JSON.parse(order) as Load);
  process.send?.(measured, () => {
    process.disconnect();
  });
}
