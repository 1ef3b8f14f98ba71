import autocannon from 'autocannon';
import { fork } from 'node:child_process';
import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

export interface Load {
  readonly url: string;
  readonly secret: string;
  readonly seconds: number;
  readonly connections: number;
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

async function fire({ url, secret, seconds, connections, rate }: Load): Promise<Measured> {
  const next = webhooks(secret);
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(rate === null ? {} : { overallRate: rate }),
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          const { raw, signature } = next.next().value as { raw: string; signature: string };
          return {
            ...request,
            body: raw,
            headers: { 'content-type': 'application/json', 'x-c4hxp-signature': signature },
          };
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

const [, script, order] = process.argv;
if (script === fileURLToPath(import.meta.url) && order !== undefined) {
  const measured = await fire(JSON.parse(order) as Load);
  process.send?.(measured, () => {
    process.disconnect();
  });
}
