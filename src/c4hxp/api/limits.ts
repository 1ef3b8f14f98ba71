import type { Allowance, LimitsTold } from '../../domain/partner-calls.js';
import { isObject } from './reading.js';
import { DAY, MINUTE, SECOND } from '../../domain/durations.js';

/** The partner's longest window: no wait it asks for is longer. */
const LONGEST = DAY;
const HOUR_S = 3_600;
/** No limit is higher. */
const MOST = 1_000_000;
/** When a 429 says nothing of how long: the partner's shortest window. */
const UNTOLD = MINUTE;

/** The headers of an answer, names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * How long a 429 (or a 503) asks us to stay away, in ms: the longest of what its header and its body say, because
 * they needn't agree; null when it says nothing that can be read.
 */
export function waitAskedFor(headers: Headers, body: unknown, now: number): number | null {
  const time = partnersTime(headers, now);
  const waits = [
    retryAfter(one(headers, 'retry-after'), time),
    ...bodyWaits(body, time),
    exhausted(headers) ? untilReset(headers, time) : null,
  ].filter((wait) => wait !== null);
  return waits.length === 0 ? null : bounded(Math.max(...waits));
}

/** As `waitAskedFor`, for a 429: never null. */
export function waitAfterRefusal(headers: Headers, body: unknown, now: number): number {
  return waitAskedFor(headers, body, now) ?? untilReset(headers, partnersTime(headers, now)) ?? UNTOLD;
}

/** How long to stay away after an answer that was given, but was the last one allowed; 0 when more are allowed. */
export function waitAfterLast(headers: Headers, now: number): number {
  if (exhausted(headers)) return bounded(untilReset(headers, partnersTime(headers, now)) ?? UNTOLD);
  return number(one(headers, 'x-ratelimit-burst-remaining')) === 0 ? MINUTE : 0;
}

/** What an answer says of the limits, with how long it closes them (ms). */
export function limitsTold(headers: Headers, closedForMs: number): LimitsTold {
  const window = number(one(headers, 'x-ratelimit-window'));
  return {
    closedForMs,
    minute: allowance(headers, 'x-ratelimit-burst-limit', 'x-ratelimit-burst-remaining'),
    hour:
      window === null || window === HOUR_S ? allowance(headers, 'x-ratelimit-limit', 'x-ratelimit-remaining') : null,
  };
}

/** Null where it can't be one. */
function allowance(headers: Headers, limitName: string, remainingName: string): Allowance | null {
  const limit = number(one(headers, limitName));
  const remaining = number(one(headers, remainingName));
  if (limit === null || remaining === null || limit < 1 || limit > MOST || remaining > limit) return null;
  return Number.isInteger(limit) && Number.isInteger(remaining) ? { limit, remaining } : null;
}

const exhausted = (headers: Headers): boolean => number(one(headers, 'x-ratelimit-remaining')) === 0;

/** The `Date` of the answer, so that a wrong clock on either side makes no difference to a point in time it names. */
function partnersTime(headers: Headers, now: number): number {
  const told = Date.parse(one(headers, 'date') ?? '');
  return Number.isNaN(told) ? now : told;
}

/** Seconds, or a date. */
function retryAfter(value: string | null, time: number): number | null {
  if (value === null) return null;
  const seconds = number(value);
  if (seconds !== null) return seconds * SECOND;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - time);
}

function bodyWaits(body: unknown, time: number): (number | null)[] {
  if (!isObject(body)) return [];
  const error = isObject(body['error']) ? body['error'] : body;
  const details = isObject(error['details']) ? error['details'] : {};
  return [details, error].flatMap((block) => {
    const seconds = number(block['retry_after']);
    return [seconds === null ? null : seconds * SECOND, pointInTime(block['reset_at'], time)];
  });
}

function untilReset(headers: Headers, time: number): number | null {
  return pointInTime(one(headers, 'x-ratelimit-reset'), time);
}

/** Unix time in s or ms, or an ISO time; a number too small to be a point in time is a wait in s. */
function pointInTime(value: unknown, time: number): number | null {
  const told = number(value);
  if (told === null) {
    const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? null : Math.max(0, at - time);
  }
  if (told < 1e8) return told * SECOND;
  return Math.max(0, (told < 1e11 ? told * SECOND : told) - time);
}

function number(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : null;
  return typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : null;
}

function one(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** At least a second, so that a wait of nothing doesn't become a tight circle. */
const bounded = (wait: number): number => Math.min(LONGEST, Math.max(SECOND, Math.ceil(wait)));
