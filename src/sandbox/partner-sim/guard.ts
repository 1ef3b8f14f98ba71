import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Business } from './business.js';
import { ApiRefusal } from './refusal.js';
import { SECOND } from '../../domain/durations.js';

export const DEFAULT_KEY = 'c4hxp_test_sim:sk_test_sim';

export interface SimKey {
  /** `id:secret`, as it stands in `Authorization: Api-Key id:secret`. */
  readonly key: string;
  /** A key that is known but may not read: 403. */
  readonly suspended?: boolean | undefined;
}

export interface GuardOptions {
  readonly keys: readonly SimKey[];
  readonly limits: RateLimits | null;
  readonly business: Business;
  readonly faults: Faults;
  readonly clock: () => number;
}

/** What stands before every answer of the API, in this order: faults on purpose, maintenance, the key, its limits. */
export function createGuard({ keys, limits, business, faults, clock }: GuardOptions) {
  const windows = new Map<string, (now: number) => Allowance>();

  function ownerOf(header: string | undefined): SimKey {
    const given = /^Api-Key (\S+)$/.exec(header ?? '')?.[1];
    const known = keys.find(({ key }) => given !== undefined && same(key, given));
    if (known === undefined) throw new ApiRefusal(401, 'UNAUTHORIZED', 'Invalid or missing API key');
    if (known.suspended === true) throw new ApiRefusal(403, 'FORBIDDEN', 'This key has been suspended');
    return known;
  }

  function count(key: string, reply: FastifyReply): void {
    if (limits === null) return;
    const window = windows.get(key) ?? createSlidingWindow(limits);
    windows.set(key, window);
    const { allowed, headers, retryAfter, resetAt } = window(clock());
    reply.headers(headers);
    if (allowed) return;
    reply.header('Retry-After', String(retryAfter));
    throw new ApiRefusal(429, 'RATE_LIMIT_EXCEEDED', 'Too many requests', {
      retry_after: retryAfter,
      reset_at: new Date(resetAt).toISOString(),
    });
  }

  return {
    /** For routes without a key: health and the look-up of an order. */
    open: async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      if (await faults.strike(request, reply)) return;
      const window = business.maintenance();
      if (window === null) return;
      const retryAfter = Math.ceil((window.until - clock()) / 1_000);
      reply.header('Retry-After', String(retryAfter));
      throw new ApiRefusal(503, 'SERVICE_UNAVAILABLE', 'Scheduled maintenance', { retry_after: retryAfter });
    },
    keyed: (request: FastifyRequest, reply: FastifyReply): void => {
      if (reply.sent) return;
      count(ownerOf(request.headers.authorization).key, reply);
    },
  };
}

function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export interface RateLimits {
  readonly perHour: number;
  readonly perDay: number;
  readonly perMinute: number;
}

/** A partner's key, as the rate-limit page has it. */
export const PARTNER_LIMITS: RateLimits = { perHour: 1_000, perDay: 10_000, perMinute: 50 };

interface Allowance {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole seconds until the next request is allowed. */
  readonly retryAfter: number;
  /** ms */
  readonly resetAt: number;
}

/** Sliding windows of an hour, a day and a minute over one key's requests. Refused requests aren't counted. */
export function createSlidingWindow(limits: RateLimits): (now: number) => Allowance {
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

/** How an answer of the API can go wrong. */
export const FAULTS = ['hang', 'cut', 'html', 'status', 'slow'] as const;
export interface Fault {
  readonly how: (typeof FAULTS)[number];
  /** `status` and `html`: which one; default 500 and 502. */
  readonly status?: number | undefined;
  /** How many requests it strikes; default 1. */
  readonly times?: number | undefined;
  /** Only requests whose path has this in it; default all. */
  readonly path?: string | undefined;
}

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** Whether it has struck: then the request is dealt with (or never will be). */
  readonly strike: (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;
}

/** A slow answer drips a blank every this many ms, and never ends. */
const DRIP = 50;

export function createFaults(): Faults {
  let pending: { fault: Fault; left: number }[] = [];
  return {
    add: (fault) => {
      pending.push({ fault, left: fault.times ?? 1 });
    },
    clear: () => {
      pending = [];
    },
    strike: async (request, reply) => {
      const next = pending.find(({ fault }) => request.url.includes(fault.path ?? ''));
      if (next === undefined) return false;
      next.left -= 1;
      if (next.left <= 0) pending = pending.filter((one) => one !== next);
      await commit(next.fault, reply);
      return true;
    },
  };
}

async function commit({ how, status }: Fault, reply: FastifyReply): Promise<void> {
  switch (how) {
    case 'hang':
      reply.hijack();
      return;
    case 'cut':
      reply.hijack();
      reply.raw.destroy();
      return;
    case 'html':
      await reply
        .code(status ?? 502)
        .type('text/html')
        .send('<html><body><h1>Bad Gateway</h1></body></html>');
      return;
    case 'status':
      await reply.code(status ?? 500).send({ error: { code: 'INTERNAL_SERVER_ERROR', message: 'Something broke' } });
      return;
    case 'slow':
      reply.hijack();
      drip(reply);
  }
}

function drip(reply: FastifyReply): void {
  reply.raw.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => reply.raw.write(' '), DRIP);
  reply.raw.on('close', () => {
    clearInterval(timer);
  });
}
