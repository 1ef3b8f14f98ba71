import { z } from 'zod';
import { usableAddress } from '../domain/address.js';
import { DAY, HOUR, MINUTE, SECOND } from '../domain/durations.js';
import { faultOfSmtpUrl } from '../domain/smtp-url.js';
import { isZone } from '../domain/zones.js';
import { readRange } from './ip-ranges.js';

/**
 * A value without what env-files of Docker, editors of Windows and shells leave around it: blanks, a carriage return,
 * a byte-order mark, one pair of quotes.
 */
export function cleanValue(text: string): string {
  const bare = text.trim();
  const [, quote, inside] = /^(["'`])(.*)\1$/s.exec(bare) ?? [];
  // Quotes inside are those of several values, as in a list: then the outer two are no pair.
  return quote === undefined || inside === undefined || inside.includes(quote) ? bare : inside.trim();
}

const UNITS = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, y: 365 * DAY } as const;

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

/** A URL of one of these schemes, without a trailing slash; null when absent. Its faults never quote it. */
export const url = (...schemes: string[]) =>
  text().transform((value, context) => {
    const fault = value === null ? null : faultOfUrl(value, schemes);
    if (fault === null) return value?.replace(/\/+$/, '') ?? null;
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });

function faultOfUrl(value: string, schemes: readonly string[]): string | null {
  const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : '';
  if (!schemes.includes(scheme)) return `must be a URL that begins with ${schemes.join(':// or ')}://`;
  const { username, password, pathname } = new URL(value);
  return [username, password, pathname].every(isDecodable)
    ? null
    : 'has a % that stands for itself: write it as %25 (and @ as %40, / as %2F, : as %3A in user and password)';
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '' || text === '';
  } catch {
    return false;
  }
}

export const smtpUrl = () =>
  url('smtp', 'smtps').transform((value, context) => {
    const fault = value === null ? null : faultOfSmtpUrl(new URL(value));
    if (fault === null) return value;
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });

/** Addresses and CIDR ranges, comma-separated. `presets`: names that stand for ranges; `advice`: what to write. */
export const ranges = (presets: readonly string[] = [], advice = 'write it as 52.1.1.1 or 10.0.0.0/8') =>
  list().transform((entries, context) => {
    for (const entry of entries.filter((one) => !presets.includes(one))) {
      try {
        readRange(entry);
      } catch (error) {
        context.addIssue({ code: 'custom', message: `${(error as Error).message}: ${advice}` });
      }
    }
    return entries;
  });

/** `Name <address>`, or an address alone; null where no mail can go there. The name may be empty. */
export function readMailbox(value: string): { readonly name: string; readonly address: string } | null {
  const [, name = '', inBrackets] = /^([^<>]*)<([^<>]+)>$/.exec(value.trim()) ?? [];
  const address = usableAddress(inBrackets ?? cleanValue(value));
  return address === null ? null : { name: cleanValue(name), address };
}

/** Commas part them, except inside quotes and brackets: a name may hold one. */
const MAILBOX = /(?:"[^"]*"|<[^>]*>|[^,"<])+/g;

/** Addresses that mail can go to, comma-separated, each with or without a name; only the addresses are kept. */
export const addresses = () =>
  text().transform((value, context): readonly string[] => {
    const parts = (value?.match(MAILBOX) ?? []).map((part) => part.trim()).filter((part) => part !== '');
    const read = parts.map(readMailbox);
    if (read.every((one) => one !== null)) return [...new Set(read.map(({ address }) => address))];
    context.addIssue({
      code: 'custom',
      message:
        'must be addresses that mail can go to, comma-separated, each as name@example.com or Name <name@example.com>',
    });
    return z.NEVER;
  });

/** One address that mail can go to; null when absent. */
export const address = () =>
  text().transform((value, context) => {
    const usable = value === null ? null : usableAddress(value);
    if (value === null || usable !== null) return usable;
    context.addIssue({ code: 'custom', message: 'must be an address that mail can go to, such as help@example.com' });
    return z.NEVER;
  });

/** An IANA time zone that this Node knows. */
export const timeZone = (byDefault: string) =>
  z.string().default(byDefault).refine(isZone, 'must be a time zone such as Europe/Berlin');

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
      const encoded = part.slice(colon + 1);
      return { id: part.slice(0, colon), encoded, key: Buffer.from(encoded, 'base64') };
    });
    const sound = read.every(
      // Buffer would leave out what is no base64, and take the rest for the key.
      ({ id, encoded, key }) =>
        /^[A-Za-z0-9._-]{1,32}$/.test(id) && /^[\w+/-]{43}=?$/.test(encoded) && key.length === 32,
    );
    if (sound && new Set(read.map(({ id }) => id)).size === read.length)
      return read.map(({ id, key }) => ({ id, key }));
    context.addIssue({
      code: 'custom',
      message: 'must be id:key, newest first, comma-separated, each key 32 bytes in base64 (openssl rand -base64 32)',
    });
    return z.NEVER;
  });

/** 32 bytes in base64, or nothing. */
export const seed = () =>
  text().transform((encoded, context): Buffer | null => {
    if (encoded === null) return null;
    const bytes = Buffer.from(encoded, 'base64');
    if (/^[\w+/-]{43}=?$/.test(encoded) && bytes.length === 32) return bytes;
    context.addIssue({ code: 'custom', message: 'must be 32 bytes in base64 (openssl rand -base64 32)' });
    return z.NEVER;
  });
