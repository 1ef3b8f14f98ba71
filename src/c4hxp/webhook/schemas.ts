import { z } from 'zod';
import { addressBlock, personFields, text } from '../people.js';

/** 12 digits or `XP` and 8 digits; the partner's own pages vary, so others pass when they are sane and short. */
const BARCODE = /^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$/;
const ORDER_NUMBER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MOST_KITS = 500;

/** Never a JSON number: its leading zeros are lost, and it would be another kit's barcode. */
const barcode = z.string().trim().regex(BARCODE).toUpperCase();
const orderNumber = z.string().trim().regex(ORDER_NUMBER).toUpperCase();

/** `recipient` and `patient`: an object, whose fields are taken as far as they can be understood. */
const person = z.looseObject({ ...personFields, address: addressBlock });

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

/**
 * The `data` of the events (the table in events.ts says which is whose). What identifies a kit or an order and what
 * holds it together is strict; everything else is taken as far as it can be understood, and unknown fields pass.
 */
export const orderData = z.looseObject({
  order_number: orderNumber,
  recipient: person.nullish(),
  kits: mentionedKits,
});
export const shippedOrderData = orderData.extend({ kits: z.array(parcel).min(1).max(MOST_KITS) });
export const kitData = z.looseObject({
  kit_barcode: barcode,
  order_number: orderNumber.nullish().catch(null),
  patient: person.nullish(),
  estimated_completion: text,
});
export const maintenanceData = z.looseObject({}).nullish();

export type OrderData = z.output<typeof orderData>;
export type KitData = z.output<typeof kitData>;
export type MaintenanceData = z.output<typeof maintenanceData>;

/** What is around every event. `meta` is missing from three of the page's four samples. */
export const envelopeSchema = z.looseObject({
  event: z.string(),
  meta: z.looseObject({ webhook_id: text, timestamp: text }).nullish().catch(null),
});
