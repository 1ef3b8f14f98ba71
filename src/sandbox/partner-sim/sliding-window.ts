const SECOND = 1_000;

export interface RateLimits {
  readonly perHour: number;
  readonly perDay: number;
  readonly perMinute: number;
}

/** A partner's key, as the rate-limit page has it. */
export const PARTNER_LIMITS: RateLimits = { perHour: 1_000, perDay: 10_000, perMinute: 50 };

export interface Verdict {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole seconds until the next request is allowed. */
  readonly retryAfter: number;
  /** ms */
  readonly resetAt: number;
}

/** Sliding windows of an hour, a day and a minute over one key's requests. Refused requests aren't counted. */
export function createSlidingWindow(limits: RateLimits): (now: number) => Verdict {
  const windows = [
    { ms: 3_600 * SECOND, limit: limits.perHour },
    { ms: 86_400 * SECOND, limit: limits.perDay },
    { ms: 60 * SECOND, limit: limits.perMinute },
  ];
  const times: number[] = [];

  const used = (now: number, ms: number): number => times.length - firstAfter(times, now - ms);
  /** When the oldest request that counts leaves its window. */
  const freedAt = (now: number, ms: number): number => (times[firstAfter(times, now - ms)] ?? now) + ms;

  return (now) => {
    times.splice(0, firstAfter(times, now - 86_400 * SECOND));
    const full = windows.filter(({ ms, limit }) => used(now, ms) >= limit);
    const allowed = full.length === 0;
    if (allowed) times.push(now);
    const resetAt =
      full.length === 0 ? freedAt(now, 3_600 * SECOND) : Math.max(...full.map(({ ms }) => freedAt(now, ms)));
    return {
      allowed,
      resetAt,
      retryAfter: Math.max(1, Math.ceil((resetAt - now) / SECOND)),
      headers: {
        'X-RateLimit-Limit': String(limits.perHour),
        'X-RateLimit-Remaining': String(Math.max(0, limits.perHour - used(now, 3_600 * SECOND))),
        'X-RateLimit-Reset': String(Math.ceil(resetAt / SECOND)),
        'X-RateLimit-Window': '3600',
        'X-RateLimit-Burst-Limit': String(limits.perMinute),
        'X-RateLimit-Burst-Remaining': String(Math.max(0, limits.perMinute - used(now, 60 * SECOND))),
      },
    };
  };
}

/** Index of the first time later than `bound`; the list is in order. */
function firstAfter(times: readonly number[], bound: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
