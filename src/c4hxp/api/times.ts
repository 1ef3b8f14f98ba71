import { DateTime } from 'luxon';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Clocks differ; what has happened can't lie further ahead of ours. */
const AHEAD = 10 * MINUTE;
/** An expectation further ahead is a slip: it would put off every reminder that waits for it. */
const FARTHEST_EXPECTATION = 366 * DAY;
const EARLIEST = Date.UTC(2020, 0, 1);

const CALENDAR_DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}/;

/** ISO 8601 in ms: without an offset UTC, and a calendar date means the end of that day in `zone`. */
function readTime(value: string | null, zone: string): number | null {
  if (value === null) return null;
  let parsed: DateTime;
  if (CALENDAR_DATE.test(value)) parsed = DateTime.fromISO(value, { zone }).endOf('day');
  else if (INSTANT.test(value)) parsed = DateTime.fromISO(value.replace(' ', 'T'), { zone: 'utc' });
  else return null;
  const at = parsed.toMillis();
  return parsed.isValid && at >= EARLIEST ? at : null;
}

/** When something happened, in ms; null where that is not told, before 2020, or in the future. */
export function readPast(value: string | null, zone: string, now: number): number | null {
  const at = readTime(value, zone);
  return at !== null && at <= now + AHEAD ? at : null;
}

/** When something is expected, in ms; null where nothing sensible is told. */
export function readExpected(value: string | null, zone: string, now: number): number | null {
  const at = readTime(value, zone);
  return at !== null && at <= now + FARTHEST_EXPECTATION ? at : null;
}
