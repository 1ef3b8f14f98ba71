import { createHmac, timingSafeEqual } from 'node:crypto';

/** Where C4HXP posts its webhooks. */
export const WEBHOOK_PATH = '/webhooks/c4hxp';

/** The header that carries the signature, as Node spells header names. */
export const SIGNATURE_HEADER = 'x-c4hxp-signature';

const SHAPE = /^sha256=[0-9a-f]{64}$/;

/**
 * Whether a header has the only shape a signature can have: `sha256=` and 64 lower-case hex digits. Two headers don't:
 * Node joins them with a comma. Says nothing about secrets, so it may be asked before the body is read.
 */
export function looksSigned(header: string | readonly string[] | undefined): header is string {
  return typeof header === 'string' && SHAPE.test(header);
}

/**
 * Whether one of the secrets signed exactly these bytes. Every secret is tried, and compared in constant time, so that
 * the time taken tells neither which secret fits nor how much of a guess was right.
 */
export function verifySignature(
  raw: Buffer,
  header: string | readonly string[] | undefined,
  secrets: readonly string[],
): boolean {
  if (!looksSigned(header)) return false;
  const claimed = Buffer.from(header.slice('sha256='.length), 'hex');
  let signed = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(raw).digest();
    if (timingSafeEqual(expected, claimed) && secret !== '') signed = true;
  }
  return signed;
}

/** The header's value for these bytes: what C4HXP would send. */
export function sign(raw: Buffer | string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;
}
