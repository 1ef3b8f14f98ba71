import { DateTime } from 'luxon';

const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR_2020 = Date.UTC(2020, 0, 1);
/** Clocks differ; what has happened can't lie further ahead of ours. */
const FARTHEST_AHEAD = 10 * MINUTE;
/** An expectation farther away than this is a slip: it would put off every reminder that waits for it. */
const FARTHEST_EXPECTATION = 366 * DAY;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)?$/;

/**
 * A time as the partner writes them, in ms; null where it is none. A date without a time means its last moment in
 * `zone` (an IANA zone that exists); a time without an offset is UTC, as all of the partner's are.
 */
export function parseTime(value: unknown, zone: string): number | null {
  if (typeof value !== 'string' || value.length > 40) return null;
  const text = value.trim();
  const date = DATE.exec(text);
  if (date) {
    const [year, month, day] = date.slice(1).map(Number) as [number, number, number];
    const end = DateTime.fromObject({ year, month, day }, { zone }).endOf('day');
    return end.isValid ? end.toMillis() : null;
  }
  const parts = INSTANT.exec(text);
  if (!parts) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts.slice(1, 6).map(Number);
  const second = Number(parts[6] ?? 0);
  const milli = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (parts[8] === '-' ? -1 : 1) * (Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0));
  if (month < 1 || day < 1 || hour > 23 || minute > 59 || second > 60 || Math.abs(offset) > 14 * 60) return null;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  // Years below 100 mean 19xx to Date, and the 30th of February means March: neither is what was written.
  if (midnight.getUTCFullYear() !== year || midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day)
    return null;
  return midnight.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milli;
}

/** When something happened, in ms; null where that is not told, before 2020, or over 10 minutes ahead of `now`. */
export function pastTime(value: unknown, now: number, zone: string): number | null {
  const at = parseTime(value, zone);
  return at !== null && at >= YEAR_2020 && at <= now + FARTHEST_AHEAD ? at : null;
}

/** When something happened, in ms: the first of the candidates that can be believed, else the moment it arrived. */
export function believedTime(candidates: readonly unknown[], receivedAt: number, zone: string): number {
  for (const candidate of candidates) {
    const at = pastTime(candidate, receivedAt, zone);
    if (at !== null) return at;
  }
  return receivedAt;
}

/** When something is expected, in ms; null where nothing sensible is said (before 2020, over a year ahead). */
export function expectedTime(value: unknown, now: number, zone: string): number | null {
  const at = parseTime(value, zone);
  return at !== null && at >= YEAR_2020 && at <= now + FARTHEST_EXPECTATION ? at : null;
}
