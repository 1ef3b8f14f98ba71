import { z } from 'zod';
import type { FactEvent } from '../../domain/events.js';
import type { ParcelTracking } from '../../domain/arrivals.js';
import type { HealthAnswer, OrderAnswer } from './answers.js';
import { LearnedEvents } from './learned.js';
import { block, identifier, isObject, listOf, text, unwrap } from './loose.js';
import { personBlock, readPerson } from './people.js';
import { readable, sameName, unreadable, type Reading, type ReadingContext } from './reading.js';
import { readExpected, readPast } from './times.js';
import { meaning, ORDER_STATUSES, wordOf } from './words.js';

const kitOfOrder = block({
  barcode: identifier,
  kit_barcode: identifier,
  tracking: block({ carrier: text, tracking_number: text, estimated_delivery: text }),
});

const orderBody = z.object({
  order_number: identifier,
  status: text,
  recipient: personBlock,
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

  const event = order.status === null ? null : meaning(ORDER_STATUSES, wordOf(order.status));
  const learned = new LearnedEvents();
  if (event !== undefined && event !== null) learned.add(event, timeOf(order, event, context));

  const parcels = order.kits.flatMap(parcelOf);
  const deliveries = parcels
    .map(({ estimatedDelivery }) => readExpected(estimatedDelivery, context.zone, context.now))
    .filter((at) => at !== null);
  return readable({
    orderNumber: order.order_number ?? orderNumber,
    learned: learned.list(),
    unknownStatus: event === undefined,
    person: readPerson(order.recipient),
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
  return readPast(own[event] ?? order.updated_at, zone, now);
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

const PLAIN = /^[\w.-]{1,40}$/;
const plain = text.transform((value) => (value !== null && PLAIN.test(value) ? value : null));
const healthBody = z.object({ status: plain, version: plain });

/** Reads the partner's own word on its health; an odd one reads as null. */
export function readHealth(body: unknown): Reading<HealthAnswer> {
  const parsed = healthBody.safeParse(unwrap(body));
  return parsed.success ? readable(parsed.data) : unreadable('unexpected_shape');
}
