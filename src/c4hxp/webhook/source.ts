import type { Arrival, KeyedHash, WebhookSource } from '../../domain/arrivals.js';
import { type ReadingOptions, readWebhook } from './read.js';
import { looksSigned, SIGNATURE_HEADER, verifySignature, WEBHOOK_PATH } from './signature.js';

export interface C4hxpWebhooksOptions extends Pick<ReadingOptions, 'hash' | 'defaultZone' | 'revealFlags'> {
  /** Each of them counts, so that one can follow another. None: nothing is signed, and reading is all there is. */
  readonly secrets: readonly string[];
}

/** C4HXP's webhooks, signed by HMAC-SHA-256 over the raw body. */
export function createC4hxpWebhooks({ secrets, ...reading }: C4hxpWebhooksOptions): WebhookSource {
  return {
    name: 'c4hxp',
    path: WEBHOOK_PATH,
    signatureHeader: 'X-C4HXP-Signature',
    looksSigned: (headers) => looksSigned(headers[SIGNATURE_HEADER]),
    verify: (raw, headers) => verifySignature(raw, headers[SIGNATURE_HEADER], secrets),
    read(raw, { receivedAt }) {
      const readBy = (hash: KeyedHash): Arrival => readWebhook(raw, { ...reading, hash, receivedAt });
      return { ...readBy(reading.hash), routedUnder: (hash) => readBy(hash).routed };
    },
  };
}
