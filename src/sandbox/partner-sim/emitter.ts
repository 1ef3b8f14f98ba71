import type { Deliveries } from './deliveries.js';
import type { Endpoints } from './endpoints.js';
import type { SimEvent } from './events.js';
import type { Payload } from './payloads.js';

export type MetaRule = 'always' | 'as_documented';

export interface EmitterOptions {
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly meta: MetaRule;
  /** Another number for each run, so that its webhook ids are no other's. */
  readonly run: number;
  /** ms */
  readonly clock: () => number;
}

export type Emit = (event: SimEvent, data: Payload, about: string | null) => void;
/** Sends these very bytes, signed. `about`: the barcode or order number that the log shows. */
export type EmitVerbatim = (event: SimEvent, body: Buffer, about: string | null) => void;

/** What happened is sent to every endpoint that wants the event: wrapped in the page's envelope, or as it is. */
export function createEmitter({ endpoints, deliveries, meta, run, clock }: EmitterOptions): {
  readonly emit: Emit;
  readonly verbatim: EmitVerbatim;
} {
  let count = 0;
  const nextId = (): string => {
    count += 1;
    return `wh_sim${run === 0 ? '' : `${String(run)}-`}${String(count).padStart(6, '0')}`;
  };
  const send = (id: string, event: SimEvent, body: Buffer, about: string | null): void => {
    for (const endpoint of endpoints.wanting(event)) deliveries.send({ id, event, about, body }, endpoint);
  };
  const emit: Emit = (event, data, about) => {
    const id = nextId();
    const envelope = { timestamp: new Date(clock()).toISOString(), webhook_id: id, api_version: '2.0.0' };
    const withMeta = meta === 'always' || event === 'order.created';
    const body = Buffer.from(JSON.stringify({ event, data, ...(withMeta ? { meta: envelope } : {}) }));
    send(id, event, body, about);
  };
  return {
    emit,
    verbatim: (event, body, about) => {
      send(nextId(), event, body, about);
    },
  };
}
