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
export function readDocumentedBarcode(value: unknown): string | null {
  const name = readBarcode(value);
  return name !== null && DOCUMENTED_BARCODE.test(name) ? name : null;
}

/** The order number that a text is, upper-cased; null where it is none. */
export function readOrderNumber(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return ORDER_NUMBER.test(trimmed) ? trimmed.toUpperCase() : null;
}
