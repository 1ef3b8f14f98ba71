import { z } from 'zod';
import { addressBlock, personFields, text } from '../people.js';

/** 12 digits or `XP` and 8 digits; the partner's own pages vary, so others pass when they are sane and short. */
const BARCODE = /^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$/;
const DOCUMENTED_BARCODE = /^(?:\d{12}|XP\d{8})$/;
const ORDER_NUMBER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** From here on a number has twelve digits: below, leading zeros are lost, and it would be another kit's barcode. */
const LEAST_BARCODE = 10 ** 11;
/** Blanks, dashes of every script, and signs that nobody sees. */
const GROUPING = /[\s\p{Pd}\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu;

/**
 * The barcode that a value is, upper-cased; null where it is none. Twelve digits as a number, and blanks or dashes inside
 * one of the documented forms, are read with good will.
 */
export function readBarcode(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= LEAST_BARCODE ? String(value) : null;
  if (typeof value !== 'string' || value.length > 200) return null;
  const compact = value.normalize('NFKC').replace(GROUPING, '').toUpperCase();
  if (DOCUMENTED_BARCODE.test(compact)) return compact;
  const trimmed = value.trim();
  return BARCODE.test(trimmed) ? trimmed.toUpperCase() : null;
}

/** The order number that a text is, upper-cased; null where it is none. */
export function readOrderNumber(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return ORDER_NUMBER.test(trimmed) ? trimmed.toUpperCase() : null;
}

const MOST_KITS = 500;

/** Text or number, as `read` understands it. */
const named = (read: (value: unknown) => string | null) =>
  z.unknown().transform((value, context) => {
    const name = read(value);
    if (name !== null) return name;
    context.issues.push({ code: 'custom', input: value });
    return z.NEVER;
  });
const barcode = named(readBarcode);
const orderNumber = named(readOrderNumber);

/** What some languages make of nothing: `""`, `false` and `[]` are as good as null. */
const isNothing = (value: unknown): boolean =>
  (typeof value === 'string' && value.trim() === '') || value === false || (Array.isArray(value) && value.length === 0);
const orNothing = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (isNothing(value) ? null : value), schema.nullish());

/** `recipient` and `patient`: an object, whose fields are taken as far as they can be understood. */
const person = orNothing(z.looseObject({ ...personFields, address: addressBlock }));

const parcel = z.looseObject({
  barcode,
  tracking: z.looseObject({ carrier: text, tracking_number: text, estimated_delivery: text }).nullish().catch(null),
});
export type Parcel = z.output<typeof parcel>;

/** A list, also one whose places came as names: `{"0": {…}}`. */
const kitList = z.preprocess(
  (kits) => (isKeyedList(kits) ? Object.values(kits) : kits),
  z.array(z.unknown()).max(MOST_KITS),
);
const isKeyedList = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).every(isPlace);
const isPlace = (key: string): boolean => /^\d{1,3}$/.test(key);

/** What could be read of a list of kits, and the paths of what could not. */
const readKits = (kits: readonly unknown[]) => {
  const read = kits.map((kit) => parcel.safeParse(kit));
  return {
    parcels: read.flatMap(({ data }) => data ?? []),
    unread: read.flatMap(({ error }, nth) => error?.issues.map(({ path }) => [nth, ...path]) ?? []),
  };
};

/** Kits that are mentioned in passing: an order may tell of kits that have no barcode yet. */
const mentionedKits = kitList.catch([]).transform((kits) => ({ ...readKits(kits), unread: [] }));

/** The kits of a shipment: one that can't be read is no reason to say nothing of the others. */
const shippedKits = kitList.pipe(z.array(z.unknown()).min(1)).transform((kits, context) => {
  const read = readKits(kits);
  if (read.parcels.length > 0) return read;
  for (const path of read.unread) context.issues.push({ code: 'custom', input: kits, path });
  return z.NEVER;
});

/**
 * The `data` of the events (the table in events.ts says which is whose). What identifies a kit or an order and what
 * holds it together is strict; everything else is taken as far as it can be understood, and unknown fields pass.
 */
export const orderData = z.looseObject({
  order_number: orderNumber,
  recipient: person,
  kits: mentionedKits,
});
export const shippedOrderData = orderData.extend({ kits: shippedKits });
export const kitData = z.looseObject({
  kit_barcode: barcode,
  order_number: orderNumber.nullish().catch(null),
  patient: person,
  estimated_completion: text,
});
export const maintenanceData = orNothing(z.looseObject({}));

export type OrderData = z.output<typeof orderData> | z.output<typeof shippedOrderData>;
export type KitData = z.output<typeof kitData>;
export type MaintenanceData = z.output<typeof maintenanceData>;

/** What is around every event. `meta` is missing from three of the page's four samples. */
export const envelopeSchema = z.looseObject({
  event: z.string(),
  meta: z.looseObject({ webhook_id: text, timestamp: text }).nullish().catch(null),
});
