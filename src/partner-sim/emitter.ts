import type { Deliveries } from './deliveries.js';
import type { Endpoints } from './endpoints.js';
import type { SimEvent } from './events.js';
import type { Payload } from './payloads.js';

export type MetaRule = 'always' | 'as_documented';

export interface EmitterOptions {
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly meta: MetaRule;
  /** ms */
  readonly clock: () => number;
}

export type Emit = (event: SimEvent, data: Payload, about: string | null) => void;

/** Wraps what happened in the page's envelope and sends it to every endpoint that wants the event. */
export function createEmitter({ endpoints, deliveries, meta, clock }: EmitterOptions): Emit {
  let count = 0;
  return (event, data, about) => {
    count += 1;
    const id = `wh_sim${String(count).padStart(6, '0')}`;
    const envelope = { timestamp: new Date(clock()).toISOString(), webhook_id: id, api_version: '2.0.0' };
    const withMeta = meta === 'always' || event === 'order.created';
    const body = Buffer.from(JSON.stringify({ event, data, ...(withMeta ? { meta: envelope } : {}) }));
    for (const endpoint of endpoints.wanting(event)) deliveries.send({ id, event, about, body }, endpoint);
  };
}
