import { DateTime } from 'luxon';
import { DAY, HOUR, MINUTE, SECOND } from '../domain/durations.js';

/** Line Islands. */
const FARTHEST_OFFSET = 14 * HOUR;
const YEAR_2020 = Date.UTC(2020, 0, 1);
/** Clocks differ; what has happened can't lie further ahead of ours. */
const FARTHEST_AHEAD = 10 * MINUTE;
/** An expectation farther away than this is a slip: it would put off every reminder that waits for it. */
const FARTHEST_EXPECTATION = 366 * DAY;

/** A date that names a day: of the calendar, of a week or of a year, with dashes or without. */
const DATE = /^(?:\+00)?\d{4}(?:-\d{2}-\d{2}|\d{4}|-W\d{2}-\d|W\d{3}|-\d{3}|\d{3})$/i;
/** Hours, minutes and seconds, the last of which may have a fraction. */
const TIME = /^(\d{2})(?:(:?)(\d{2})(?:\2(\d{2}))?)?(?:[.,](\d{1,12}))?$/;
/** `Z`, or how far ahead of UTC; PostgreSQL writes hours alone, and seconds where somebody's clock once had them. */
const OFFSET = /^(?:z|utc|gmt)$|^([+\u2212-])(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?$/i;
/** A date, a time, an offset, and in brackets what RFC 9557 adds, which says nothing new. */
const INSTANT = /^(\S{7,13}?)(?:t|\s+)([\d:.,]{2,24})\s?([zutcgm]{1,3}|[+\u2212-][\d:]{2,8})?(?:\[[^\]]{1,64}\])?$/i;

/**
 * A time as ISO 8601 or PostgreSQL write one, in ms; null where it is none, or no more precise than a week. A date without
 * a time means its last moment in `zone` (an IANA zone that exists); a time without an offset is UTC, as all of the
 * partner's are.
 */
export function parseTime(value: unknown, zone: string): number | null {
  if (typeof value !== 'string' || value.length > 120) return null;
  const text = value.trim();
  if (DATE.test(text)) return dayOf(text, zone)?.endOf('day').toMillis() ?? null;
  const [, date = '', time = '', offset = 'Z'] = INSTANT.exec(text) ?? [];
  const day = DATE.test(date) ? dayOf(date, 'UTC') : null;
  const sinceMidnight = timeOfDay(time);
  const ahead = offsetOf(offset);
  if (day === null || sinceMidnight === null || ahead === null) return null;
  return day.toMillis() + sinceMidnight - ahead;
}

/** Its beginning. Years of fewer digits than four aren't believed, and every library has its own idea of them. */
function dayOf(date: string, zone: string): DateTime | null {
  const day = DateTime.fromISO(date.toUpperCase().replace(/^\+00/, ''), { zone });
  return day.isValid && day.year >= 1000 ? day : null;
}

/** ms since midnight; a fraction is one of the smallest unit that is told. */
function timeOfDay(time: string): number | null {
  const parts = TIME.exec(time);
  if (parts === null) return null;
  const [hour = 0, minute = 0, second = 0] = [parts[1], parts[3], parts[4]].map((part) => Number(part ?? 0));
  const unit = parts[4] !== undefined ? SECOND : parts[3] !== undefined ? MINUTE : HOUR;
  const whole = hour * HOUR + minute * MINUTE + second * SECOND;
  const told = whole + Math.floor(Number(`0.${parts[5] ?? '0'}`) * unit);
  if (minute > 59 || second > 60) return null;
  // 24:00 is the midnight that ends a day.
  return hour < 24 || told === DAY ? told : null;
}

/** ms ahead of UTC. */
function offsetOf(offset: string): number | null {
  const parts = OFFSET.exec(offset);
  if (parts === null) return null;
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(2, 5).map((part: string | undefined) => Number(part ?? 0));
  const ahead = hours * HOUR + minutes * MINUTE + seconds * SECOND;
  if (minutes > 59 || seconds > 59 || ahead > FARTHEST_OFFSET) return null;
  return parts[1] === undefined || parts[1] === '+' ? ahead : -ahead;
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
