import type { Answer, Unreadable } from './answers.js';
import type { Exchanged } from './exchange.js';
import { waitAfterRefusal, waitAskedFor, type Headers } from './limits.js';
import { isObject } from './loose.js';
import type { Reading } from './reading.js';

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
