import { DateTime, IANAZone } from 'luxon';
import { DAY, HOUR, MINUTE } from '../src/domain/durations.js';

/** Longer than any day. */
const HORIZON = DAY + 2 * HOUR;

/** Minutes of the day at which quiet hours begin and end. */
interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * When the quiet hours end in which `now` lies, by the wall clock of `zone`; null when it lies in none.
 *
 * @param hours `21:00-08:00`, may span midnight; null, or equal ends: none.
 * @param zone IANA name; `fallbackZone` where it is null or doesn't exist.
 * @param now ms
 * @returns ms: the first moment that isn't quiet.
 */
export function quietUntil(
  hours: string | null,
  zone: string | null,
  fallbackZone: string,
  now: number,
): number | null {
  const window = readWindow(hours);
  if (window === null) return null;
  const there = zone !== null && IANAZone.isValidZone(zone) ? zone : fallbackZone;
  const isQuiet = (instant: number): boolean => holds(window, DateTime.fromMillis(instant, { zone: there }));
  if (!isQuiet(now)) return null;
  return possibleEnds(window, there, now).find((end) => !isQuiet(end)) ?? now + HORIZON;
}

/**
 * Quiet hours end when the wall clock shows their end; or when it jumps, forward over the end or back to before the
 * beginning. So: the end by today's offset, the jump if there is one, the end by the offset after it.
 */
function possibleEnds({ to }: Window, zone: string, now: number): number[] {
  const offsetAt = (instant: number): number => DateTime.fromMillis(instant, { zone }).offset;
  const endBy = (offset: number): number => {
    const past = (now + (offset - to) * MINUTE) % DAY;
    return now - past + DAY;
  };
  const before = offsetAt(now);
  const after = offsetAt(now + HORIZON);
  if (before === after) return [endBy(before)];
  const jump = jumpBetween(now, now + HORIZON, offsetAt);
  // By the later offset the next end may lie before the jump, where that offset doesn't hold yet: then the one after it.
  return [endBy(before), jump, endBy(after), endBy(after) + DAY].sort((one, other) => one - other);
}

/** The moment at which the offset changes, to the minute, between two at which it differs. */
function jumpBetween(early: number, late: number, offsetAt: (instant: number) => number): number {
  let before = Math.floor(early / MINUTE);
  let after = Math.ceil(late / MINUTE);
  const offset = offsetAt(before * MINUTE);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle * MINUTE) === offset) before = middle;
    else after = middle;
  }
  return after * MINUTE;
}

function holds({ from, to }: Window, local: DateTime): boolean {
  const minute = local.hour * 60 + local.minute;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function readWindow(hours: string | null): Window | null {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(hours ?? '');
  if (match === null) return null;
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [number, number, number, number];
  const window = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
  return window.from === window.to ? null : window;
}
