import { request } from 'undici';
import { sign } from '../../c4hxp/webhook/signature.js';

export interface Answer {
  readonly status: number;
  /** The code of a refusal, as the receiver words it; null where there is none. */
  readonly code: string | null;
  /** How long it took. */
  readonly ms: number;
}

/** The partner gives up on a delivery after this long. */
const DEADLINE = 30_000;

/**
 * Posts a webhook as C4HXP does: these bytes, signed.
 * @throws Error when there is no answer: nobody listens there, or not within 30 s.
 */
export async function postWebhook(
  url: string,
  raw: Buffer | string,
  secret: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const started = performance.now();
  // Not fetch: it refuses ports that browsers refuse, whoever listens there.
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-c4hxp-signature': sign(raw, secret), ...headers },
    body: raw,
    signal: AbortSignal.timeout(DEADLINE),
  });
  return { status: statusCode, code: codeIn(await body.text()), ms: Math.round(performance.now() - started) };
}

function codeIn(body: string): string | null {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown } };
    return typeof error?.code === 'string' ? error.code : null;
  } catch {
    return null;
  }
}
