import { z } from 'zod';
import { KIT_STATUSES } from '../api/words.js';
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

/** As `readBarcode`, where other things than barcodes may stand: only what has one of the documented forms. */
function readDocumentedBarcode(value: unknown): string | null {
  const name = readBarcode(value);
  return name !== null && DOCUMENTED_BARCODE.test(name) ? name : null;
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
const isMissing = (value: unknown): boolean => value === null || value === undefined || isNothing(value);
const orNothing = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (isNothing(value) ? null : value), schema.nullish());

/** `recipient` and `patient`: an object, whose fields are taken as far as they can be understood. */
const person = orNothing(z.looseObject({ ...personFields, address: addressBlock }));

const parcel = z.looseObject({
  barcode,
  status: text,
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
 * The kits that a cancellation names: by the shapes of a shipment, as bare barcodes, or as one. Where it tells of several
 * and calls some of them cancelled, it names those. A kit that has no barcode yet is not named; one whose barcode can't be
 * read makes it unreadable where no other is, because the whole order is another thing than one of its kits.
 */
const cancelledKits = z
  .array(z.unknown())
  .max(MOST_KITS)
  .transform((kits, context) => {
    const read = readKits(kits);
    if (read.parcels.length === 0)
      for (const path of read.unread) context.issues.push({ code: 'custom', input: kits, path });
    const cancelled = read.parcels.filter(
      ({ status }) => status != null && KIT_STATUSES.of(status) === 'kit.cancelled',
    );
    return { ...read, named: cancelled.length === 0 ? read.parcels : cancelled };
  });

/** Everything in a cancellation that names a kit, in one list. */
function withNamedKits(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  const listIn = (value: unknown): unknown[] =>
    Array.isArray(value) ? value : isKeyedList(value) ? Object.values(value) : [value];
  const { kits, kit, barcodes, kit_barcodes, kit_barcode, barcode: own } = data as Record<string, unknown>;
  const named = [
    ...[...listIn(kits), kit].map(asKit),
    ...[barcodes, kit_barcodes, kit_barcode, own].flatMap(listIn).map((one) => asKit({ barcode: one })),
  ];
  return { ...data, kits: named.filter((one) => one !== null) };
}

/** Null: no kit, or one without a barcode. A bare word, and no number, may be meant for a barcode and not be one. */
function asKit(entry: unknown): object | null {
  if (isMissing(entry) || typeof entry === 'boolean') return null;
  if (typeof entry !== 'object') {
    const name = readDocumentedBarcode(entry);
    return name === null && typeof entry === 'number' ? null : { barcode: name };
  }
  const { barcode: own, kit_barcode } = entry as Record<string, unknown>;
  const name = isMissing(own) ? kit_barcode : own;
  return isMissing(name) ? null : { ...entry, barcode: name };
}

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
export const cancelledOrderData = z.preprocess(withNamedKits, orderData.extend({ kits: cancelledKits }));
export const kitData = z.looseObject({
  kit_barcode: barcode,
  order_number: orderNumber.nullish().catch(null),
  patient: person,
  estimated_completion: text,
});
export const maintenanceData = orNothing(z.looseObject({}));

export type OrderData = z.output<typeof orderData | typeof shippedOrderData | typeof cancelledOrderData>;
export type KitData = z.output<typeof kitData>;
export type MaintenanceData = z.output<typeof maintenanceData>;

/** What is around every event. `meta` is missing from three of the page's four samples. */
export const envelopeSchema = z.looseObject({
  event: z.string(),
  meta: z.looseObject({ webhook_id: text, timestamp: text }).nullish().catch(null),
});
