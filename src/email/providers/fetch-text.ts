import { Agent, type Dispatcher } from 'undici';
import type { FetchText } from './sns.js';

const DEADLINE_MS = 5_000;
const LARGEST = 65_536;

/**
 * Fetches a short text over HTTPS: at most 64 kB within 5 s, no redirects, nothing kept open.
 * @param options only tests need others
 */
export function createFetchText(
  options: { readonly dispatcher?: Dispatcher; readonly deadlineMs?: number } = {},
): FetchText {
  // Asked for once in months: a connection that waits for more would only hold the process.
  const { dispatcher = new Agent({ pipelining: 0 }), deadlineMs = DEADLINE_MS } = options;
  return async (url) => {
    const { protocol, origin, pathname, search } = new URL(url);
    if (protocol !== 'https:') throw new Error('only https is fetched');
    const { statusCode, body } = await dispatcher.request({
      origin,
      path: pathname + search,
      method: 'GET',
      signal: AbortSignal.timeout(deadlineMs),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (size > LARGEST) throw new Error('the text is too long');
      chunks.push(chunk);
    }
    if (statusCode !== 200) throw new Error(`answered ${String(statusCode)}`);
    return Buffer.concat(chunks).toString('utf8');
  };
}
