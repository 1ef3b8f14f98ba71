import type { Dispatcher } from 'undici';
import type { Headers } from './limits.js';

export interface ExchangeOptions {
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
export type Exchanged =
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
