import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SmtpSink } from '../test/support/smtp-sink.js';
import { until } from '../test/support/until.js';
import type { Contender } from './contenders.js';
import { percentileOf } from './figures.js';

/** What one contender's way from webhook to mail server came to. */
export interface Way {
  /** ms from posting a webhook to the mail server's acceptance of its email, while nothing else waits. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Emails accepted a second, of many webhooks posted at once: until the last one. */
  readonly emailsPerSecond: number;
  /** ms of processor that whoever sends them used for each; the server of Temporal not counted. */
  readonly cpuMsPerEmail: number;
}

export interface WayOptions {
  /** Webhooks one by one, for the time that each takes. */
  readonly quiet: number;
  /** Webhooks at once, for how many a second. */
  readonly burst: number;
}

/** So far apart (ms) that each has the machine to itself. */
const GAP_MS = 250;
const AT_ONCE = 20;
const ALL_ARRIVE_WITHIN_S = 180;
const WARMING = 60;

/** A kit's registration each, which brings its patient one email: webhook in, email out. */
export async function measureWay(contender: Contender, sink: SmtpSink, { quiet, burst }: WayOptions): Promise<Way> {
  await delivered(await postAll(contender, WARMING), sink);

  const one: [string, number][] = [];
  for (let n = 0; n < quiet; n++) {
    one.push(await post(contender));
    await sleep(GAP_MS);
  }
  const arrivals = await delivered(one, sink);
  const took = one.map(([address, at]) => (arrivals.get(address) ?? Number.NaN) - at);

  const cpuBefore = contender.cpuMs();
  const began = Date.now();
  const many = await delivered(await postAll(contender, burst), sink);
  const lastAt = Math.max(...many.values());
  return {
    p50Ms: percentileOf(took, 0.5),
    p99Ms: percentileOf(took, 0.99),
    emailsPerSecond: burst / ((lastAt - began) / 1_000),
    cpuMsPerEmail: (contender.cpuMs() - cpuBefore) / burst,
  };
}

/** When each address got its email (ms since the epoch), once all have. */
async function delivered(posted: readonly [string, number][], sink: SmtpSink): Promise<Map<string, number>> {
  const missing = new Set(posted.map(([address]) => address));
  const arrivals = new Map<string, number>();
  let seen = 0;
  await until(
    'all emails to arrive',
    () => {
      for (; seen < sink.mails.length; seen++) {
        const mail = sink.mails[seen];
        for (const address of mail?.recipients ?? [])
          if (missing.delete(address)) arrivals.set(address, mail?.at ?? Number.NaN);
      }
      return missing.size === 0;
    },
    { seconds: ALL_ARRIVE_WITHIN_S },
  );
  return arrivals;
}

async function postAll(contender: Contender, count: number): Promise<[string, number][]> {
  const posted: [string, number][] = [];
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) posted.push(await post(contender));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return posted;
}

/** @returns the patient's address, and when it was posted. */
async function post({ url, secret }: Contender): Promise<[string, number]> {
  const barcode = String(randomInt(1e11, 1e12 - 1));
  const address = `jane.${barcode}@example.com`;
  const now = new Date();
  const raw = JSON.stringify({
    event: 'kit.registered',
    data: {
      kit_barcode: barcode,
      kit_type: 'hormone_panel',
      patient: { first_name: 'Jane', last_name: 'Smith', email: address },
      registered_at: now.toISOString(),
    },
    meta: { timestamp: now.toISOString(), webhook_id: `wh_${randomUUID()}`, api_version: '2.0.0' },
  });
  const signature = `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-c4hxp-signature': signature },
    body: raw,
  });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}`);
  await response.arrayBuffer();
  return [address, now.getTime()];
}
