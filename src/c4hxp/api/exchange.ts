import type { Dispatcher } from 'undici';
import { waitAfterRefusal, waitAskedFor, type Headers } from './limits.js';
import { isObject, type Reading, type Unreadable } from './reading.js';

/**
 * What became of one question to the partner. A closed set: whoever asks decides by `outcome` alone, and nothing of
 * the partner's own wording goes further than `requestId`, which its support asks for.
 */
export type Answer<T> =
  | { readonly outcome: 'answered'; readonly value: T; readonly requestId: string | null }
  /** The partner knows no such kit, order or results. */
  | { readonly outcome: 'not_found'; readonly requestId: string | null }
  /** 401 and 403: asking again with the same key changes nothing. */
  | { readonly outcome: 'unauthorized' | 'forbidden'; readonly requestId: string | null }
  /** 400, 422 and other refusals of the question itself; also names that are not fit to be asked for. */
  | { readonly outcome: 'rejected'; readonly status: number | null; readonly requestId: string | null }
  /** Not before this many ms have passed. `asked` is false where no request was made, because the limit is known. */
  | {
      readonly outcome: 'rate_limited';
      readonly retryAfterMs: number;
      readonly asked: boolean;
      readonly requestId: string | null;
    }
  | {
      readonly outcome: 'unavailable';
      readonly why: 'timeout' | 'network' | 'server_error';
      readonly status: number | null;
      /** What the partner asked for, when it did. */
      readonly retryAfterMs: number | null;
      readonly requestId: string | null;
    }
  | {
      readonly outcome: 'unreadable';
      readonly why: Unreadable;
      readonly status: number;
      readonly requestId: string | null;
    };

interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From the call to the last byte of the answer. */
  readonly deadlineMs: number;
  /** Longer answers are cut off. */
  readonly bodyLimit: number;
  readonly signal: AbortSignal | undefined;
}

/** What came back from one GET; `nothing` when no whole answer did. */
type Exchanged =
  | { readonly came: 'answer'; readonly status: number; readonly headers: Headers; readonly body: Buffer }
  | { readonly came: 'too_large'; readonly status: number; readonly headers: Headers }
  | { readonly came: 'nothing'; readonly why: 'timeout' | 'network' };

class DeadlinePassed extends Error {}

/**
 * One GET with a deadline for the whole of it: connecting, headers and a body that drips in. Redirects are not
 * followed (they would carry the key elsewhere), nothing is repeated.
 * Rejects only with the reason of `signal`, when the caller has given up.
 */
export async function exchange(options: ExchangeOptions): Promise<Exchanged> {
  const { signal } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const deadline = setTimeout(() => {
    controller.abort(new DeadlinePassed());
  }, options.deadlineMs);
  const giveUp = (): void => {
    controller.abort(signal?.reason);
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await get(options, controller.signal);
  } catch {
    signal?.throwIfAborted();
    return { came: 'nothing', why: controller.signal.reason instanceof DeadlinePassed ? 'timeout' : 'network' };
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', giveUp);
  }
}

async function get(options: ExchangeOptions, signal: AbortSignal): Promise<Exchanged> {
  const {
    statusCode: status,
    headers,
    body,
  } = await options.dispatcher.request({
    origin: options.origin,
    path: options.path,
    method: 'GET',
    headers: options.headers,
    signal,
    // The deadline above covers both, and tells a timeout from a broken connection.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (size > options.bodyLimit) return { came: 'too_large', status, headers };
    chunks.push(chunk);
  }
  return { came: 'answer', status, headers, body: Buffer.concat(chunks) };
}

/** Turns what came back into one of the closed outcomes. Never throws. */
export function interpret<T>(exchanged: Exchanged, read: (body: unknown) => Reading<T>, now: number): Answer<T> {
  if (exchanged.came === 'nothing')
    return { outcome: 'unavailable', why: exchanged.why, status: null, retryAfterMs: null, requestId: null };

  const { status, headers } = exchanged;
  const parsed: Parsed =
    exchanged.came === 'too_large' ? { ok: false, why: 'too_large' } : parse(exchanged.body, headers);
  const body = parsed.ok ? parsed.json : undefined;
  const requestId = requestIdOf(headers, body);

  if (status === 429)
    return { outcome: 'rate_limited', retryAfterMs: waitAfterRefusal(headers, body, now), asked: true, requestId };
  if (status >= 500 || status === 408 || status === 425)
    return {
      outcome: 'unavailable',
      why: 'server_error',
      status,
      retryAfterMs: waitAskedFor(headers, body, now),
      requestId,
    };
  if (status === 401) return { outcome: 'unauthorized', requestId };
  if (status === 403) return { outcome: 'forbidden', requestId };
  if (status === 404 || status === 410) return { outcome: 'not_found', requestId };
  if (status >= 400) return { outcome: 'rejected', status, requestId };
  if (status !== 200) return { outcome: 'unreadable', why: 'unexpected_status', status, requestId };
  if (!parsed.ok) return { outcome: 'unreadable', why: parsed.why, status, requestId };

  const reading = read(body);
  return reading.readable
    ? { outcome: 'answered', value: reading.value, requestId }
    : { outcome: 'unreadable', why: reading.why, status, requestId };
}

type Parsed = { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly why: Unreadable };

function parse(body: Buffer, headers: Headers): Parsed {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return { ok: false, why: 'encoded' };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return { ok: false, why: 'not_utf8' };
  }
  try {
    return { ok: true, json: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, why: 'not_json' };
  }
}

const PLAIN_ID = /^[A-Za-z0-9._:-]{1,100}$/;

/** The id by which the partner's support finds a request: from `meta`, or the usual header. */
function requestIdOf(headers: Headers, body: unknown): string | null {
  const meta = isObject(body) && isObject(body['meta']) ? body['meta'] : {};
  const candidates = [meta['request_id'], headers['x-request-id']];
  return candidates.find((one): one is string => typeof one === 'string' && PLAIN_ID.test(one)) ?? null;
}
