import { randomBytes } from 'node:crypto';
import { C4HXP_EVENTS, type C4hxpEvent, type KitEvent, type OrderEvent } from '../../domain/events.js';
import type { Deliveries, Endpoint } from './deliveries.js';
import { ApiRefusal } from './refusal.js';
import type { SimKit, SimOrder, SimPerson } from './world.js';

export interface NewEndpoint {
  readonly url: string;
  /** Default: all twelve. */
  readonly events?: readonly C4hxpEvent[] | undefined;
  readonly description?: string | undefined;
  /** Default: a new one, as the partner's support would hand out. */
  readonly secret?: string | undefined;
}

export interface Endpoints {
  /** @throws ApiRefusal for a URL that the partner would not deliver to */
  readonly register: (endpoint: NewEndpoint) => Endpoint;
  readonly remove: (id: string) => boolean;
  readonly list: () => readonly Endpoint[];
  readonly wanting: (event: C4hxpEvent) => readonly Endpoint[];
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @param plainHttp whether it delivers to plain HTTP elsewhere than on this machine, too */
export function createEndpoints(plainHttp = false): Endpoints {
  const endpoints = new Map<string, Endpoint>();
  let count = 0;
  return {
    register: ({ url, events = C4HXP_EVENTS, description = '', secret }) => {
      count += 1;
      const endpoint: Endpoint = {
        id: `we_${count}`,
        url: deliverable(url, plainHttp),
        events,
        description,
        secret: secret ?? `whsec_${randomBytes(24).toString('hex')}`,
      };
      endpoints.set(endpoint.id, endpoint);
      return endpoint;
    },
    remove: (id) => endpoints.delete(id),
    list: () => [...endpoints.values()],
    wanting: (event) => [...endpoints.values()].filter(({ events }) => events.includes(event)),
  };
}

/** The partner delivers to HTTPS only; on this machine plain HTTP will do. */
function deliverable(url: string, plainHttp: boolean): string {
  if (!URL.canParse(url)) throw new ApiRefusal(422, 'VALIDATION_ERROR', 'webhook_url is not a URL');
  const { protocol, hostname, href } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && (plainHttp || LOOPBACK.has(hostname))))
    throw new ApiRefusal(422, 'VALIDATION_ERROR', 'webhook_url must be HTTPS');
  return href;
}

export type MetaRule = 'always' | 'as_documented';

interface EmitterOptions {
  readonly endpoints: Endpoints;
  readonly deliveries: Deliveries;
  readonly meta: MetaRule;
  /** Another number for each run, so that its webhook ids are no other's. */
  readonly run: number;
  /** ms */
  readonly clock: () => number;
}

export type Emit = (event: C4hxpEvent, data: Payload, about: string | null) => void;
/** Sends these very bytes, signed. `about`: the barcode or order number that the log shows. */
export type EmitVerbatim = (event: C4hxpEvent, body: Buffer, about: string | null) => void;

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
  const send = (id: string, event: C4hxpEvent, body: Buffer, about: string | null): void => {
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

/**
 * `data` of each webhook. Four are documented on the partner's page (order.created, order.shipped, kit.registered,
 * results.available); the others follow their nearest documented sibling.
 */
export type Payload = Readonly<Record<string, unknown>>;

export const orderPayload = (order: SimOrder, event: Exclude<OrderEvent, 'order.shipped'>, at: string): Payload => ({
  ...orderHead(order),
  recipient: named(order.recipient),
  kit_types: order.kitTypes,
  ...(event === 'order.created' ? { created_at: order.createdAt } : {}),
  ...(event === 'order.confirmed' ? { confirmed_at: at } : {}),
  ...(event === 'order.cancelled' ? { cancelled_at: at } : {}),
});

/** order.shipped: an order may leave in several parcels, and each webhook names the kits of its own. */
export const parcelPayload = (order: SimOrder, parcel: readonly SimKit[], at: string): Payload => ({
  ...orderHead(order),
  kits: parcel.map((kit) => ({ kit_id: `KIT-${kit.id}`, barcode: kit.barcode, tracking: kit.tracking })),
  shipped_at: at,
});

/** order.cancelled of some kits, after the parcel's example: the order itself may go on. */
export const kitsCancelledPayload = (order: SimOrder, kits: readonly SimKit[], at: string): Payload => ({
  ...orderHead(order),
  recipient: named(order.recipient),
  kits: kits.map(({ id, barcode, status }) => ({ kit_id: `KIT-${id}`, barcode, status })),
  cancelled_at: at,
});

const orderHead = ({ id, number, status }: SimOrder): Payload => ({ id, order_number: number, status });

const TIME_FIELDS: Readonly<Record<KitEvent, string>> = {
  'kit.registered': 'registered_at',
  'kit.received_lab': 'received_at',
  'kit.processing_started': 'started_at',
  'kit.processing_completed': 'completed_at',
  'results.available': 'completed_at',
  'results.reviewed': 'reviewed_at',
};

export function kitPayload(kit: SimKit, event: KitEvent, at: string): Payload {
  return {
    kit_barcode: kit.barcode,
    kit_type: kit.kitType,
    ...(kit.patient === null ? {} : { patient: named(kit.patient) }),
    ...(event === 'kit.registered' ? { collection_date: at } : {}),
    ...(event === 'kit.received_lab' || event === 'kit.processing_started'
      ? { estimated_completion: kit.estimatedCompletion }
      : {}),
    ...(event === 'results.available' ? { result_summary: summaryOf(kit), pdf_available: true } : {}),
    ...(event === 'results.reviewed' ? { physician_review: { reviewed: true, reviewer: kit.review?.reviewer } } : {}),
    [TIME_FIELDS[event]]: at,
  };
}

export const maintenancePayload = (from: string, until: string, event: C4hxpEvent): Payload =>
  event === 'system.maintenance_scheduled'
    ? { scheduled_start: from, scheduled_end: until, description: 'Planned maintenance of the API' }
    : { completed_at: until, description: 'Maintenance is over' };

function summaryOf(kit: SimKit): Payload {
  const normal = kit.results.filter(({ flags }) => flags.length === 0).length;
  return {
    total_biomarkers: kit.results.length,
    normal_count: normal,
    abnormal_count: kit.results.length - normal,
    flags: kit.results.flatMap(({ flags }) => flags),
  };
}

const named = ({ first_name, last_name, email }: SimPerson): Payload => ({ first_name, last_name, email });
