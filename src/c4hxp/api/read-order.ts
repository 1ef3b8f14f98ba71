import { z } from 'zod';
import type { FactEvent } from '../../domain/events.js';
import type { ParcelTracking, Person } from '../../domain/arrivals.js';
import { personFields, readNamedPerson } from '../people.js';
import { expectedTime, pastTime } from '../times.js';
import {
  block,
  identifier,
  isObject,
  LearnedEvents,
  listOf,
  readable,
  sameName,
  text,
  unreadable,
  unwrap,
  type Learned,
  type Reading,
  type ReadingContext,
} from './reading.js';
import { wordOf } from './spelling.js';
import { ORDER_STATUSES } from './words.js';

/** What `orders/…` tells. */
export interface OrderAnswer {
  readonly orderNumber: string | null;
  readonly learned: readonly Learned[];
  /** As of a kit. */
  readonly unknownWords: readonly string[];
  /** The order's recipient: not assumed to be any kit's patient. */
  readonly person: Person | null;
  readonly barcodes: readonly string[];
  readonly parcels: readonly ParcelTracking[];
  /** ms; the latest expected delivery of its parcels. */
  readonly delivery: number | null;
}

const kitOfOrder = block({
  barcode: identifier,
  kit_barcode: identifier,
  tracking: block({ carrier: text, tracking_number: text, estimated_delivery: text }),
});

const orderBody = z.object({
  order_number: identifier,
  status: text,
  recipient: block(personFields),
  kits: listOf(kitOfOrder),
  created_at: text,
  confirmed_at: text,
  shipped_at: text,
  cancelled_at: text,
  canceled_at: text,
  updated_at: text,
});
type OrderBody = z.infer<typeof orderBody>;

const BARCODE = /^[A-Z0-9][A-Z0-9._-]{0,63}$/;

/** Reads an order. `orderNumber` is what was asked for, null where the question was by the partner's own id. */
export function readOrder(body: unknown, orderNumber: string | null, context: ReadingContext): Reading<OrderAnswer> {
  const bare = unwrap(body);
  const parsed = orderBody.safeParse(bare);
  if (!isObject(bare) || !parsed.success) return unreadable('unexpected_shape');
  const order = parsed.data;
  if (orderNumber !== null && !sameName(order.order_number, orderNumber)) return unreadable('another_subject');
  if (order.status === null && order.recipient === null) return unreadable('unexpected_shape');

  const event = order.status === null ? null : ORDER_STATUSES.of(order.status);
  const learned = new LearnedEvents();
  if (event !== undefined && event !== null) learned.add(event, timeOf(order, event, context));

  const parcels = order.kits.flatMap(parcelOf);
  const deliveries = parcels
    .map(({ estimatedDelivery }) => expectedTime(estimatedDelivery, context.now, context.zone))
    .filter((at) => at !== null);
  return readable({
    orderNumber: order.order_number ?? orderNumber,
    learned: learned.list(),
    unknownWords: order.status === null || event !== undefined ? [] : [`order ${wordOf(order.status)}`],
    person: readNamedPerson(order.recipient),
    barcodes: [...new Set(order.kits.flatMap(barcodeOf))].sort(),
    parcels,
    delivery: deliveries.length === 0 ? null : Math.max(...deliveries),
  });
}

function timeOf(order: OrderBody, event: FactEvent, { zone, now }: ReadingContext): number | null {
  const own: Partial<Record<FactEvent, string | null>> = {
    'order.created': order.created_at,
    'order.confirmed': order.confirmed_at,
    'order.shipped': order.shipped_at,
    'order.cancelled': order.cancelled_at ?? order.canceled_at,
  };
  return pastTime(own[event] ?? order.updated_at, now, zone);
}

type KitOfOrder = NonNullable<z.infer<typeof kitOfOrder>>;

function barcodeOf(kit: KitOfOrder): string[] {
  const barcode = (kit.barcode ?? kit.kit_barcode)?.toUpperCase();
  return barcode !== undefined && BARCODE.test(barcode) ? [barcode] : [];
}

function parcelOf(kit: KitOfOrder): ParcelTracking[] {
  const { tracking } = kit;
  if (tracking === null) return [];
  return barcodeOf(kit).map((barcode) => ({
    barcode,
    carrier: tracking.carrier,
    trackingNumber: tracking.tracking_number,
    estimatedDelivery: tracking.estimated_delivery,
  }));
}
