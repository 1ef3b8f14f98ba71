import { z } from 'zod';
import type { C4hxpEvent } from '../../domain/events.js';
import { personSchema, text } from '../people.js';

/** 12 digits or `XP` and 8 digits; the partner's own pages vary, so others pass when they are sane and short. */
const BARCODE = /^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$/;
const ORDER_NUMBER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MOST_KITS = 500;

/** Never a JSON number: its leading zeros are lost, and it would be another kit's barcode. */
const barcode = z.string().trim().regex(BARCODE).toUpperCase();
const orderNumber = z.string().trim().regex(ORDER_NUMBER).toUpperCase();

const parcel = z.looseObject({
  barcode,
  tracking: z.looseObject({ carrier: text, tracking_number: text, estimated_delivery: text }).nullish().catch(null),
});
export type Parcel = z.output<typeof parcel>;

/** Kits that are mentioned in passing: those that can be understood. */
const mentionedKits = z
  .array(z.unknown())
  .max(MOST_KITS)
  .catch([])
  .transform((kits) => kits.flatMap((kit) => parcel.safeParse(kit).data ?? []));

const order = z.looseObject({
  order_number: orderNumber,
  recipient: personSchema.nullish(),
  kits: mentionedKits,
});
const shippedOrder = order.extend({ kits: z.array(parcel).min(1).max(MOST_KITS) });

const kit = z.looseObject({
  kit_barcode: barcode,
  order_number: orderNumber.nullish().catch(null),
  patient: personSchema.nullish(),
  estimated_completion: text,
});

const maintenance = z.looseObject({}).nullish();

export type OrderData = z.output<typeof order>;
export type KitData = z.output<typeof kit>;
export type MaintenanceData = z.output<typeof maintenance>;

/** What is around every event. `meta` is missing from three of the page's four samples. */
export const envelopeSchema = z.looseObject({
  event: z.string(),
  meta: z.looseObject({ webhook_id: text, timestamp: text }).nullish().catch(null),
});

/**
 * The `data` of each of the twelve events. Four are documented; the others follow their siblings. What identifies a
 * kit or an order and what holds it together is strict; everything else is taken as far as it can be understood, and
 * unknown fields pass.
 */
export const EVENT_SCHEMAS = {
  'order.created': order,
  'order.confirmed': order,
  'order.shipped': shippedOrder,
  'order.cancelled': order,
  'kit.registered': kit,
  'kit.received_lab': kit,
  'kit.processing_started': kit,
  'kit.processing_completed': kit,
  'results.available': kit,
  'results.reviewed': kit,
  'system.maintenance_scheduled': maintenance,
  'system.maintenance_completed': maintenance,
} as const satisfies Record<C4hxpEvent, z.ZodType>;
