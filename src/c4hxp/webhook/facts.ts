import type { C4hxpEvent } from '../../domain/events.js';
import type { Arrival, KeyedHash, ParcelTracking, Person, Routed } from '../../domain/arrivals.js';
import type { FactBody } from '../../domain/facts.js';
import { traceOf } from '../../domain/people.js';
import { kitSubject, orderSubject } from '../../domain/subjects.js';
import { readPerson } from '../people.js';
import type { KitData, OrderData, Parcel } from './schemas.js';
import { needsReview, summaryHash } from './results.js';
import { believedTime, expectedTime } from '../times.js';

export type OrderEvent = Extract<C4hxpEvent, `order.${string}`>;
export type KitEvent = Extract<C4hxpEvent, `kit.${string}` | `results.${string}`>;

/** What every fact of one webhook is made with. */
export interface Circumstances {
  readonly cause: string;
  /** ms */
  readonly receivedAt: number;
  /** `meta.timestamp`, as it came. */
  readonly timestamp: unknown;
  readonly hash: KeyedHash;
  readonly defaultZone: string;
  readonly revealFlags: boolean;
}

export type Route = Pick<Arrival, 'routed' | 'links'> & { readonly eventAt: number };

/** The fields in which an event tells its own time, the likeliest first: documented, else after its siblings. */
const TIMES: Readonly<Record<OrderEvent | KitEvent, readonly string[]>> = {
  'order.created': ['created_at'],
  'order.confirmed': ['confirmed_at'],
  'order.shipped': ['shipped_at'],
  'order.cancelled': ['cancelled_at', 'canceled_at'],
  'kit.registered': ['registered_at'],
  'kit.received_lab': ['received_at', 'received_lab_at'],
  'kit.processing_started': ['processing_started_at', 'started_at'],
  'kit.processing_completed': ['processing_completed_at', 'completed_at'],
  'results.available': ['completed_at', 'available_at'],
  // Not completed_at: that is when the results were ready, and would make a fresh review look old.
  'results.reviewed': ['reviewed_at'],
};

/** An order's event is a fact about the order; the database hands it on to the kits that belong to it. */
export function routeOrder(event: OrderEvent, data: OrderData, around: Circumstances): Route {
  const order = data.order_number;
  const person = data.recipient ? readPerson(data.recipient) : null;
  const zone = person?.zone ?? around.defaultZone;
  const at = eventTime(event, data, zone, around);
  const barcodes = [...new Set(data.kits.map((kit) => kit.barcode))];
  const shipped = event === 'order.shipped';
  const delivery = shipped ? latestDelivery(data.kits, zone, around.receivedAt) : null;
  const fact: FactBody = {
    ...factOf(event, at, around),
    order,
    ...(person === null ? {} : { person: traceOf(person, 'recipient', around.hash) }),
    ...(shipped ? { barcodes } : {}),
    ...(delivery === null ? {} : { delivery }),
  };
  const details = detailsOf(person, shipped ? data.kits.map(trackingOf) : []);
  return {
    eventAt: at,
    routed: [{ subject: orderSubject(order), fact, details }],
    links: barcodes.map((barcode) => ({ order, barcode })),
  };
}

/** A kit's event is a fact about that kit alone. */
export function routeKit(event: KitEvent, data: KitData, around: Circumstances): Route {
  const barcode = data.kit_barcode;
  const order = data.order_number ?? null;
  const person = data.patient ? readPerson(data.patient) : null;
  const zone = person?.zone ?? around.defaultZone;
  const at = eventTime(event, data, zone, around);
  const completion = expectedTime(data.estimated_completion, around.receivedAt, zone);
  const summary = event.startsWith('results.') ? summaryHash(barcode, data['result_summary'], around.hash) : null;
  const fact: FactBody = {
    ...factOf(event, at, around),
    ...(order === null ? {} : { order }),
    ...(person === null ? {} : { person: traceOf(person, 'patient', around.hash) }),
    ...(completion === null ? {} : { completion }),
    ...(summary === null ? {} : { summary }),
    ...(event === 'results.available' && around.revealFlags
      ? { needsReview: needsReview(data['result_summary']) }
      : {}),
  };
  return {
    eventAt: at,
    routed: [{ subject: kitSubject(barcode), fact, details: detailsOf(person, []) }],
    links: order === null ? [] : [{ order, barcode }],
  };
}

function factOf(event: OrderEvent | KitEvent, at: number, { cause, receivedAt }: Circumstances): FactBody {
  return { event, cause, receivedAt, at };
}

function eventTime(
  event: OrderEvent | KitEvent,
  data: Readonly<Record<string, unknown>>,
  zone: string,
  { timestamp, receivedAt }: Circumstances,
): number {
  return believedTime([...TIMES[event].map((field) => data[field]), timestamp], receivedAt, zone);
}

/** Several parcels count as delivered when the last one is. */
function latestDelivery(kits: readonly Parcel[], zone: string, receivedAt: number): number | null {
  const times = kits.flatMap((kit) => expectedTime(kit.tracking?.estimated_delivery, receivedAt, zone) ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

function trackingOf(kit: Parcel): ParcelTracking {
  return {
    barcode: kit.barcode,
    carrier: shortText(kit.tracking?.carrier),
    trackingNumber: shortText(kit.tracking?.tracking_number),
    estimatedDelivery: shortText(kit.tracking?.estimated_delivery),
  };
}

/** No carrier has a longer name, and no parcel a longer number: what is longer is something else. */
function shortText(value: string | null | undefined): string | null {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' || trimmed.length > 100 ? null : trimmed;
}

function detailsOf(person: Person | null, parcels: readonly ParcelTracking[]): Routed['details'] {
  if (person === null && parcels.length === 0) return null;
  return { ...(person === null ? {} : { person }), ...(parcels.length === 0 ? {} : { parcels }) };
}
