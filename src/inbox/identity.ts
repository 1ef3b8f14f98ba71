import type { Arrival } from '../domain/arrivals.js';
import type { Sealing } from '../sealing/sealing.js';

/** What makes two arrivals the same, and what tells whether their bytes differ. */
export interface Identity {
  /** Unique key of the inbox: kept for ever, since it is the only defence against replays. */
  readonly dedup: Buffer;
  /** Keyed hash of the raw bytes. */
  readonly bodyMac: Buffer;
}

/**
 * An arrival's identities, one per index key, newest first.
 *
 * The same webhook id, event and subjects are the same webhook, whatever its bytes; without an id, or unread
 * (quarantined: nothing signed may be lost behind a reused id), the bytes decide. Keyed, since a bare hash of a body
 * would give a result away to whoever guesses.
 */
export function identitiesOf(arrival: Arrival, hashes: Sealing['hashes']): Identity[] {
  const macs = hashes('body', arrival.raw);
  return hashes('webhook', whatCounts(arrival)).map((dedup, index) => ({ dedup, bodyMac: macs[index] ?? dedup }));
}

function whatCounts({ source, externalId, event, verdict, routed, raw }: Arrival): Buffer {
  if (externalId === null || verdict === 'quarantined') return Buffer.concat([Buffer.from(`${source}\0raw\0`), raw]);
  // None of these can hold a NUL: ids are printable, events and subjects our own.
  const subjects = routed.map(({ subject }) => subject).sort();
  return Buffer.from([source, 'id', externalId, event ?? '', ...subjects].join('\0'));
}
