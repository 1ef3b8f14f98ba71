import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Topic, TOPICS } from '../../domain/kinds.js';

/** Whose emails a link stops, and which. */
export interface StopRequest {
  /** Keyed hash of the address, base64url, as facts carry it: a link tells nobody an address. */
  readonly address: string;
  readonly topic: Topic;
}

export interface StopTokens {
  make(request: StopRequest): string;
  /** Null for what we never signed. A token doesn't expire: an old reminder must still be stoppable. */
  read(token: string): StopRequest | null;
}

const HASH_BYTES = 32;
/** 96 bits: nobody guesses one, and the whole token stays at 60 characters, which no mail client folds. */
const MAC_BYTES = 12;
const VERSION = 1;

/**
 * Signed tokens of stop links: version and topic, the keyed hash of the address, a truncated HMAC-SHA-256.
 * `keys`: newest first; the first signs, all are believed, so that links outlive a rotation.
 */
export function createStopTokens(keys: readonly Buffer[]): StopTokens {
  const [newest] = keys;
  if (newest === undefined || keys.some((key) => key.length < 32))
    throw new Error('stop tokens need keys of at least 32 bytes');
  return {
    make({ address, topic }) {
      const hash = Buffer.from(address, 'base64url');
      if (hash.length !== HASH_BYTES) throw new Error('not a keyed hash of an address');
      const body = Buffer.concat([Buffer.of((VERSION << 4) | TOPICS.indexOf(topic)), hash]);
      return Buffer.concat([body, mac(newest, body)]).toString('base64url');
    },
    read(token) {
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length !== 1 + HASH_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
      const body = bytes.subarray(0, 1 + HASH_BYTES);
      const given = bytes.subarray(1 + HASH_BYTES);
      if (!keys.some((key) => timingSafeEqual(mac(key, body), given))) return null;
      const [first = 0] = body;
      const topic = TOPICS[first & 0x0f];
      if (first >> 4 !== VERSION || topic === undefined) return null;
      return { address: body.subarray(1).toString('base64url'), topic };
    },
  };
}

const mac = (key: Buffer, body: Buffer): Buffer =>
  createHmac('sha256', key).update('kit-herald stop link\0').update(body).digest().subarray(0, MAC_BYTES);
