import { Agent, type Dispatcher } from 'undici';
import { z } from 'zod';
import type { LimitsTold, PartnerCalls, QuestionRank } from '../../domain/partner-calls.js';
import { exchange, interpret, type Answer } from './exchange.js';
import { limitsTold, waitAfterLast } from './limits.js';
import { readKit, type KitAnswer } from './read-kit.js';
import { readOrder, type OrderAnswer } from './read-order.js';
import { readResults, type ResultsAnswer } from './read-results.js';
import { readTracking, type TrackingAnswer } from './read-tracking.js';
import { readable, text, unreadable, unwrap, type Reading, type ReadingContext } from './reading.js';

export interface C4hxpClientOptions {
  /** Scheme, host and port; the path of the API is ours to add. */
  readonly origin: string;
  /** `id:secret`. Kept in a closure: it is in no message and no object that could be logged. */
  readonly apiKey: string;
  /** For the whole of a call, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** ms */
  readonly clock: () => number;
  /** IANA zone in which a calendar date without a time ends; default UTC. */
  readonly defaultZone?: string;
  /** Keeps the partner's limits over all who ask; absent: they are not counted, as for a question asked by hand. */
  readonly calls?: PartnerCalls;
  /** Default: an agent of its own, closed by `close`. One that is handed in stays open. */
  readonly dispatcher?: Dispatcher;
}

interface AskOptions {
  /** Gives up at once; the promise then rejects with the signal's reason, as it does while `calls` is away. */
  readonly signal?: AbortSignal;
  /** Default: `usual`. */
  readonly rank?: QuestionRank;
}

export interface HealthAnswer {
  /** The partner's word for its state, when it is a short plain one. */
  readonly status: string | null;
  readonly version: string | null;
}

/**
 * C4HXP's API v2, as far as a journey needs it. No call is repeated here: who asks decides when to ask again.
 * Where its limits leave no room, or it says that they are reached, questions are answered `rate_limited` without asking.
 */
export interface C4hxpClient {
  kit(barcode: string, options?: AskOptions): Promise<Answer<KitAnswer>>;
  tracking(barcode: string, options?: AskOptions): Promise<Answer<TrackingAnswer>>;
  resultsForKit(barcode: string, options?: AskOptions): Promise<Answer<ResultsAnswer>>;
  /** By the partner's own number for an order. */
  order(id: number, options?: AskOptions): Promise<Answer<OrderAnswer>>;
  orderByNumber(orderNumber: string, options?: AskOptions): Promise<Answer<OrderAnswer>>;
  health(options?: AskOptions): Promise<Answer<HealthAnswer>>;
  close(): Promise<void>;
}

/** Results with hundreds of biomarkers fit ten times. */
const BODY_LIMIT = 1024 * 1024;
const BASE = '/v2/public';
/** What may stand in a path: not `..`, which would leave the API, and nothing longer than any barcode. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

export function createC4hxpClient(options: C4hxpClientOptions): C4hxpClient {
  const { clock, timeoutMs, calls, defaultZone = 'UTC' } = options;
  const origin = new URL(options.origin).origin;
  const own = options.dispatcher === undefined ? new Agent({ connections: 4 }) : null;
  const dispatcher = options.dispatcher ?? own ?? new Agent();
  const headers = {
    authorization: `Api-Key ${options.apiKey}`,
    accept: 'application/json',
    // Not decompressed here, so that a small answer can't become a large one.
    'accept-encoding': 'identity',
    'user-agent': 'kit-herald',
  };
  /** ms; before this moment the partner has told us not to ask. */
  let closedUntil = 0;

  async function ask<T>(
    path: string,
    read: (body: unknown, context: ReadingContext) => Reading<T>,
    { signal, rank = 'usual' }: AskOptions,
  ): Promise<Answer<T>> {
    const before = clock();
    if (closedUntil > before) return notAsked(closedUntil - before);
    const admission = await calls?.begin(rank);
    if (admission?.admitted === false) return notAsked(admission.waitMs);
    let told: LimitsTold | null = null;
    try {
      const { answer, limits } = await askNow(path, read, signal);
      told = limits;
      return answer;
    } finally {
      // What can't be noted counts as a call that never ended; the answer is worth more.
      await admission?.ended(told).catch(() => undefined);
    }
  }

  async function askNow<T>(
    path: string,
    read: (body: unknown, context: ReadingContext) => Reading<T>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly answer: Answer<T>; readonly limits: LimitsTold | null }> {
    const exchanged = await exchange({
      dispatcher,
      origin,
      path: `${BASE}${path}`,
      headers,
      deadlineMs: timeoutMs,
      bodyLimit: BODY_LIMIT,
      signal,
    });
    const now = clock();
    const answer = interpret(exchanged, (body) => read(body, { now, zone: defaultZone }), now);
    if (!('headers' in exchanged)) return { answer, limits: null };
    const { headers: said } = exchanged;
    const closedFor = answer.outcome === 'rate_limited' ? answer.retryAfterMs : waitAfterLast(said, now);
    if (closedFor > 0) closedUntil = now + closedFor;
    return { answer, limits: limitsTold(said, closedFor) };
  }

  const askByName = <T>(
    name: string,
    pathOf: (name: string) => string,
    read: (body: unknown, name: string, context: ReadingContext) => Reading<T>,
    how: AskOptions,
  ): Promise<Answer<T>> =>
    NAME.test(name)
      ? ask(pathOf(encodeURIComponent(name)), (body, context) => read(body, name, context), how)
      : Promise.resolve({ outcome: 'rejected', status: null, requestId: null });

  return {
    kit: (barcode, how = {}) => askByName(barcode, (name) => `/kits/${name}`, readKit, how),
    tracking: (barcode, how = {}) => askByName(barcode, (name) => `/kits/${name}/tracking`, readTracking, how),
    resultsForKit: (barcode, how = {}) => askByName(barcode, (name) => `/results/kit/${name}`, readResults, how),
    order: (id, how = {}) =>
      askByName(
        String(id),
        (name) => `/orders/${name}`,
        (body, _id, context) => readOrder(body, null, context),
        how,
      ),
    orderByNumber: (number, how = {}) => askByName(number, (name) => `/orders/lookup/${name}`, readOrder, how),
    health: (how = {}) => ask('/health/', readHealth, how),
    close: async () => {
      await own?.close();
    },
  };
}

const PLAIN = /^[\w.-]{1,40}$/;
const plain = text.transform((value) => (value !== null && PLAIN.test(value) ? value : null));
const healthBody = z.object({ status: plain, version: plain });

const notAsked = (retryAfterMs: number): Extract<Answer<never>, { outcome: 'rate_limited' }> => ({
  outcome: 'rate_limited',
  retryAfterMs,
  asked: false,
  requestId: null,
});

/** Reads the partner's own word on its health; an odd one reads as null. */
export function readHealth(body: unknown): Reading<HealthAnswer> {
  const parsed = healthBody.safeParse(unwrap(body));
  return parsed.success ? readable(parsed.data) : unreadable('unexpected_shape');
}
