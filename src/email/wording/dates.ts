import { HOUR } from '../../domain/durations.js';
import { isZone } from '../../domain/zones.js';

/** `date`: 16 January; `day`: with its weekday, for what somebody waits at home for. */
export type DateShape = 'date' | 'day';

const SHAPES: Record<DateShape, Intl.DateTimeFormatOptions> = {
  date: { month: 'long', day: 'numeric' },
  day: { weekday: 'long', month: 'long', day: 'numeric' },
};
const FORMATTERS = new Map<string, Intl.DateTimeFormat>();

/** Making one costs 20 times what formatting does. Bounded, because regions and zones come from outside. */
function formatter(region: string, zone: string, shape: DateShape, withYear: boolean): Intl.DateTimeFormat {
  const key = `${region} ${zone} ${shape} ${String(withYear)}`;
  const known = FORMATTERS.get(key);
  if (known !== undefined) return known;
  if (FORMATTERS.size >= 500) FORMATTERS.clear();
  const made = new Intl.DateTimeFormat(region, {
    ...SHAPES[shape],
    ...(withYear ? { year: 'numeric' } : {}),
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
  });
  FORMATTERS.set(key, made);
  return made;
}

/** A date as the person would write it, in their zone; with its year only where that isn't the year of `at`. */
export function writeDate(
  time: number,
  options: { region: string; zone: string; shape: DateShape; at: number },
): string {
  const yearOf = (ms: number): string =>
    new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: options.zone }).format(ms);
  const shape = formatter(options.region, options.zone, options.shape, yearOf(time) !== yearOf(options.at));
  return shape
    .formatToParts(time)
    .map((part, at, parts) => asWritten(part, parts[at - 1]?.type === 'day', options.region))
    .join('');
}

/** A day's number stays on the line of what follows it; and French says "1er décembre", which CLDR's patterns don't. */
function asWritten({ type, value }: Intl.DateTimeFormatPart, followsDay: boolean, region: string): string {
  if (type === 'day' && value === '1' && /^fr\b/i.test(region)) return '1er';
  return type === 'literal' && followsDay ? value.replace(/^(\.?) /, '$1\u00a0') : value;
}

const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(2100, 0);
export const isBelievable = (time: number): boolean => time >= EARLIEST && time < LATEST;

/** The zone if the runtime knows it, else the default. */
export const knownZone = (zone: string | null, byDefault: string): string =>
  zone !== null && isZone(zone) ? zone : byDefault;

/**
 * The moment a carrier's estimate stands for, and the zone to write it in. A calendar date is that date everywhere: it
 * is read and written in UTC, because as an instant it would be the day before in New York.
 */
export function readEstimate(text: string | null, zone: string): { time: number; zone: string; endsAt: number } | null {
  if (text === null) return null;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const time = Date.parse(`${text}T00:00:00Z`);
    // `2024-02-31` parses as 2 March in some engines: only what reads back as itself is a date.
    if (!isBelievable(time) || !new Date(time).toISOString().startsWith(text)) return null;
    return { time, zone: 'UTC', endsAt: time + 38 * HOUR };
  }
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return isBelievable(time) ? { time, zone, endsAt: time + 24 * HOUR } : null;
}
