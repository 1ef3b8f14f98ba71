import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Business } from './business.js';
import type { Faults } from './faults.js';
import { Refusal } from './refusal.js';
import { createSlidingWindow, type RateLimits, type Verdict } from './sliding-window.js';

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
  const windows = new Map<string, (now: number) => Verdict>();

  function ownerOf(header: string | undefined): SimKey {
    const given = /^Api-Key (\S+)$/.exec(header ?? '')?.[1];
    const known = keys.find(({ key }) => given !== undefined && same(key, given));
    if (known === undefined) throw new Refusal(401, 'UNAUTHORIZED', 'Invalid or missing API key');
    if (known.suspended === true) throw new Refusal(403, 'FORBIDDEN', 'This key has been suspended');
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
    throw new Refusal(429, 'RATE_LIMIT_EXCEEDED', 'Too many requests', {
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
      throw new Refusal(503, 'SERVICE_UNAVAILABLE', 'Scheduled maintenance', { retry_after: retryAfter });
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
