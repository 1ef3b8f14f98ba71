import type { Arrival, Routed } from '../domain/arrivals.js';
import { EVENTS, priorityOf } from '../domain/events.js';
import type { Unreadable } from '../domain/facts.js';
import { STAFF } from '../domain/subjects.js';
import { bodyLocation } from '../ledger/bodies.js';
import { sealDetails, type NewContact } from '../ledger/contacts.js';
import type { NewDelivery, NewLink } from '../ledger/deliveries.js';
import { decodeHash, type Sealing } from '../sealing/sealing.js';

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

/** What belongs to an arrival, found by its `dedup`: its `seq` is not known before the insert. */
export type PartOf<Part> = Part & Pick<Identity, 'dedup'>;

/** What an arrival says of the partner's maintenance. */
export interface MaintenanceNotice {
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly over: boolean;
  /** When it was said, where that is believed. */
  readonly at: Date | null;
}

/** What a subject is to be told, and the id of the index key under which its hashes are made. */
export interface RoutedDelivery extends NewDelivery {
  readonly indexKey: string;
}

/** An arrival as it is stored: everything sealed, hashed, checked and ready to be sent as parameters. */
export interface InboxRow extends Identity {
  readonly source: string;
  readonly externalId: string | null;
  readonly event: string | null;
  readonly verdict: string;
  readonly reason: string | null;
  readonly eventAt: Date | null;
  readonly receivedAt: Date;
  readonly sealed: Buffer;
  readonly deliveries: readonly PartOf<RoutedDelivery>[];
  readonly contacts: readonly PartOf<NewContact>[];
  readonly links: readonly PartOf<NewLink>[];
  readonly maintenance: PartOf<MaintenanceNotice> | null;
}

/** @throws RangeError when a time is outside 2000–2100. */
export function inboxRowOf(arrival: Arrival, identity: Identity, sealing: Sealing): InboxRow {
  const { dedup } = identity;
  const { maintenance } = arrival;
  const eventAt = instant(arrival.eventAt);
  return {
    ...identity,
    source: arrival.source,
    externalId: arrival.externalId,
    event: arrival.event,
    verdict: arrival.verdict,
    reason: arrival.reason,
    eventAt,
    receivedAt: new Date(arrival.receivedAt),
    sealed: sealing.seal(arrival.raw, bodyLocation(dedup)),
    deliveries: arrival.routed.map(({ subject, fact, indexKey = newestIndexKey(sealing) }) => ({
      dedup,
      subject,
      priority: priorityOf(fact),
      facts: JSON.stringify(fact),
      indexKey,
    })),
    contacts: arrival.routed.flatMap((routed) => contactOf(routed, dedup, sealing)),
    links: arrival.links.map(({ order, barcode }) => ({ dedup, order, barcode })),
    maintenance:
      maintenance === undefined
        ? null
        : {
            dedup,
            startsAt: instant(maintenance.from),
            endsAt: instant(maintenance.until),
            over: maintenance.over,
            at: eventAt,
          },
  };
}

function newestIndexKey({ keyIds: { index } }: Sealing): string {
  const [newest] = index;
  if (newest === undefined) throw new Error('no index key');
  return newest;
}

/**
 * What is kept of an arrival that the database refuses to take as it was read: all its bytes, and none of its words. The
 * team hears of it where it may be about results: nobody else will.
 */
export function unstorable(arrival: Arrival, hash: Sealing['hash']): Arrival {
  const { source, raw, receivedAt } = arrival;
  const unreadable = arrival.unreadable ?? hintsOf(arrival.routed);
  const cause = `body:${hash('body', raw).toString('hex')}`;
  const fact = { event: 'webhook.unreadable' as const, cause, receivedAt, at: receivedAt, unreadable };
  return {
    source,
    externalId: null,
    event: null,
    verdict: 'quarantined',
    reason: 'unstorable',
    eventAt: null,
    receivedAt,
    raw,
    routed: unreadable.aboutResults ? [{ subject: STAFF, fact, details: null }] : [],
    unreadable,
    links: [],
  };
}

const hintsOf = (routed: readonly Routed[]): Unreadable => ({
  event: null,
  aboutResults: routed.some(({ fact }) => EVENTS[fact.event].shows === 'results'),
});

function contactOf({ subject, fact, details }: Routed, dedup: Buffer, sealing: Sealing): PartOf<NewContact>[] {
  if (details === null) return [];
  const belongsTo = { dedup, subject, role: fact.person?.role ?? null };
  return [
    {
      ...belongsTo,
      at: instant(fact.at) ?? new Date(fact.receivedAt),
      // Whoever named the person has hashed it already.
      emailHash: fact.person?.address == null ? null : decodeHash(fact.person.address),
      sealed: sealDetails(sealing, belongsTo, details),
    },
  ];
}

const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(2100, 0);

/** Nothing that PostgreSQL or JavaScript could refuse reaches the statement that others share. */
function instant(ms: number | null): Date | null {
  if (ms === null) return null;
  if (!(ms >= EARLIEST && ms < LATEST)) throw new RangeError('a time outside 2000–2100');
  return new Date(ms);
}
