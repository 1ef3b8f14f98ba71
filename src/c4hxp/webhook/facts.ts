import { EVENTS, type KitEvent, type OrderEvent } from '../../domain/events.js';
import type { Arrival, KeyedHash, ParcelTracking, Person, Routed } from '../../domain/arrivals.js';
import type { FactBody } from '../../domain/facts.js';
import { traceOf } from '../../domain/people.js';
import { kitSubject, orderSubject } from '../../domain/subjects.js';
import { readPerson } from '../people.js';
import { believedTime, expectedTime, pastTime } from '../times.js';
import { WEBHOOK_EVENTS, type WebhookEvent } from './events.js';
import { needsReview, summaryHash } from './results.js';
import type { KitData, OrderData, Parcel } from './schemas.js';

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

/** What a webhook means: whom it concerns, and what is now known of them. */
export interface Meaning extends Pick<Arrival, 'routed' | 'links' | 'maintenance'> {
  readonly eventAt: number;
  /** The paths in `data` of what could not be read, although the rest could. */
  readonly unread?: readonly (readonly PropertyKey[])[];
}

/** An order's event is a fact about the order; the database hands it on to the kits that belong to it. */
export function meaningForOrder(event: OrderEvent, data: OrderData, around: Circumstances): Meaning {
  const order = data.order_number;
  const person = data.recipient ? readPerson(data.recipient) : null;
  const zone = person?.zone ?? around.defaultZone;
  const at = eventTime(event, data, zone, around);
  const { parcels, unread } = data.kits;
  const barcodes = [...new Set(parcels.map((kit) => kit.barcode))];
  const shipped = event === 'order.shipped';
  const delivery = shipped ? latestDelivery(parcels, zone, around.receivedAt) : null;
  const fact: FactBody = {
    ...factOf(event, at, around),
    order,
    ...(person === null ? {} : { person: traceOf(person, 'recipient', around.hash) }),
    ...(shipped || (event === 'order.cancelled' && barcodes.length > 0) ? { barcodes } : {}),
    ...(delivery === null ? {} : { delivery }),
    ...(unread.length === 0 ? {} : { unreadable: { event, aboutResults: false } }),
  };
  const details = detailsOf(person, shipped ? parcels.map(trackingOf) : []);
  return {
    eventAt: at,
    routed: [{ subject: orderSubject(order), fact, details }],
    links: barcodes.map((barcode) => ({ order, barcode })),
    unread: unread.map((path) => ['kits', ...path]),
  };
}

/** A kit's event is a fact about that kit alone. */
export function meaningForKit(event: KitEvent, data: KitData, around: Circumstances): Meaning {
  const barcode = data.kit_barcode;
  const order = data.order_number ?? null;
  const person = data.patient ? readPerson(data.patient) : null;
  const zone = person?.zone ?? around.defaultZone;
  const at = eventTime(event, data, zone, around);
  const completion = expectedTime(data.estimated_completion, around.receivedAt, zone);
  const summary = EVENTS[event].shows === 'results' ? summaryHash(barcode, data['result_summary'], around.hash) : null;
  const completedAt = event === 'results.available' ? pastTime(data['completed_at'], around.receivedAt, zone) : null;
  const fact: FactBody = {
    ...factOf(event, at, around),
    ...(order === null ? {} : { order }),
    ...(person === null ? {} : { person: traceOf(person, 'patient', around.hash) }),
    ...(completion === null ? {} : { completion }),
    ...(summary === null ? {} : { summary }),
    ...(completedAt === null ? {} : { completedAt }),
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
  const { times }: WebhookEvent = WEBHOOK_EVENTS[event];
  return believedTime([...times.map((field) => data[field]), timestamp], receivedAt, zone);
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
