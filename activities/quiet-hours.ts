import { DateTime, IANAZone } from 'luxon';

const MINUTE = 60_000;

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
 * @returns ms: the first full minute that isn't quiet.
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
  let end = nextEnd(window, DateTime.fromMillis(now, { zone: there }));
  // Where the clock jumps over the end, quiet hours end with the jump.
  while (end - MINUTE > now && !isQuiet(end - MINUTE)) end -= MINUTE;
  return end;
}

function holds({ from, to }: Window, local: DateTime): boolean {
  const minute = local.hour * 60 + local.minute;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function nextEnd({ to }: Window, local: DateTime): number {
  const time = { hour: Math.floor(to / 60), minute: to % 60, second: 0, millisecond: 0 };
  const today = local.set(time);
  return (today > local ? today : local.plus({ days: 1 }).set(time)).toMillis();
}

function readWindow(hours: string | null): Window | null {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(hours ?? '');
  if (match === null) return null;
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [number, number, number, number];
  const window = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
  return window.from === window.to ? null : window;
}
