import { z } from 'zod';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 365 * 86_400_000 } as const;

/** Parses `90s`, `15m`, `72h`, `14d`, `7y`: milliseconds; null where the text is no duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,6})(ms|s|m|h|d|y)$/.exec(text.trim());
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : null;
}

/** A duration with a default; in milliseconds. Empty is refused: it would mean "never" where that makes no sense. */
export const duration = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== null) return ms;
      context.addIssue({ code: 'custom', message: 'must be a duration such as 90s, 15m, 72h or 14d' });
      return z.NEVER;
    });

/** As `duration`, but empty means never: null. */
export const durationOrNever = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .transform((text, context) => {
      if (text.trim() === '') return null;
      const ms = parseDuration(text);
      if (ms !== null) return ms;
      context.addIssue({ code: 'custom', message: 'must be a duration such as 90s or 14d, or empty for never' });
      return z.NEVER;
    });

/** A TCP port; 0 means any free one. */
export const port = (byDefault: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number, or 0 for any free one')
    .transform(Number)
    .refine((value) => value <= 65_535, 'must be at most 65535')
    .default(byDefault);

export const wholeNumber = (byDefault: number, least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least, `must be at least ${String(least)}`)
    .default(byDefault);

export const onOff = () =>
  z
    .enum(['on', 'off', 'true', 'false', '1', '0'], 'must be on or off')
    .transform((word) => ['on', 'true', '1'].includes(word));

/** Comma-separated; blanks around the parts are dropped, empty parts too. */
export const list = () =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    );

/** Free text that may be absent: empty counts as absent. */
export const text = () =>
  z
    .string()
    .optional()
    .transform((value) => (value === undefined || value.trim() === '' ? null : value.trim()));

/** A URL of one of these schemes, without a trailing slash; null when absent. */
export const url = (...schemes: string[]) =>
  text().transform((value, context) => {
    if (value === null) return null;
    const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : '';
    if (schemes.includes(scheme)) return value.replace(/\/+$/, '');
    context.addIssue({ code: 'custom', message: `must be a URL that begins with ${schemes.join(':// or ')}://` });
    return z.NEVER;
  });

/** An IANA time zone that this Node knows. */
export const timeZone = (byDefault: string) =>
  z
    .string()
    .default(byDefault)
    .refine((zone) => {
      try {
        return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
      } catch {
        return false;
      }
    }, 'must be a time zone such as Europe/Berlin');

/** `21:00-08:00`, local time of the patient; null for none. */
export const quietHours = () =>
  text().refine(
    (value) => value === null || /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/.test(value),
    'must be two times of day such as 21:00-08:00, or empty for none',
  );

export interface Key {
  readonly id: string;
  readonly key: Buffer;
}

/** `id:base64key` of 32 bytes each, newest first. */
export const keys = () =>
  list().transform((parts, context): readonly Key[] => {
    const read = parts.map((part) => {
      const colon = part.indexOf(':');
      return { id: part.slice(0, colon), key: Buffer.from(part.slice(colon + 1), 'base64') };
    });
    const sound = read.every(({ id, key }) => /^[A-Za-z0-9._-]{1,32}$/.test(id) && key.length === 32);
    if (sound && new Set(read.map(({ id }) => id)).size === read.length) return read;
    context.addIssue({
      code: 'custom',
      message: 'must be id:key, newest first, comma-separated, each key 32 bytes in base64 (openssl rand -base64 32)',
    });
    return z.NEVER;
  });
