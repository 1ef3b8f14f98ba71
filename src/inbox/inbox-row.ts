import { priorityOf } from '../domain/events.js';
import { decodeHash } from '../ledger/keys.js';
import type { Arrival, Routed } from '../domain/arrivals.js';
import type { Sealing } from '../sealing/sealing.js';
import type { Identity } from './identity.js';

/** An arrival as it is stored: everything sealed, hashed, checked and ready to be sent as parameters. */
export interface Row extends Identity {
  readonly source: string;
  readonly externalId: string | null;
  readonly event: string | null;
  readonly verdict: string;
  readonly reason: string | null;
  readonly eventAt: Date | null;
  readonly receivedAt: Date;
  readonly sealed: Buffer;
  readonly deliveries: readonly DeliveryRow[];
  readonly contacts: readonly ContactRow[];
  readonly links: readonly { readonly order: string; readonly barcode: string }[];
  readonly maintenance: { readonly startsAt: Date | null; readonly endsAt: Date | null; readonly over: boolean } | null;
}

interface DeliveryRow {
  readonly subject: string;
  readonly priority: number;
  /** json of a FactBody */
  readonly facts: string;
}

interface ContactRow {
  readonly subject: string;
  readonly role: string | null;
  readonly at: Date;
  readonly emailHash: Buffer | null;
  readonly nameHash: Buffer | null;
  readonly sealed: Buffer;
}

/** @throws RangeError when a time is outside 2000–2100. */
export function rowOf(arrival: Arrival, identity: Identity, sealing: Sealing): Row {
  const { maintenance } = arrival;
  return {
    ...identity,
    source: arrival.source,
    externalId: arrival.externalId,
    event: arrival.event,
    verdict: arrival.verdict,
    reason: arrival.reason,
    eventAt: instant(arrival.eventAt),
    receivedAt: new Date(arrival.receivedAt),
    sealed: sealing.seal(arrival.raw, bodyPlace(identity.dedup)),
    deliveries: arrival.routed.map(({ subject, fact }) => ({
      subject,
      priority: priorityOf(fact),
      facts: JSON.stringify(fact),
    })),
    contacts: arrival.routed.flatMap((routed) => contactOf(routed, identity.dedup, sealing)),
    links: arrival.links,
    maintenance:
      maintenance === undefined
        ? null
        : { startsAt: instant(maintenance.from), endsAt: instant(maintenance.until), over: maintenance.over },
  };
}

/** What is kept of an arrival that the database refuses to take as it was read: all its bytes, and none of its words. */
export function unstorable(arrival: Arrival): Arrival {
  return {
    source: arrival.source,
    externalId: null,
    event: null,
    verdict: 'quarantined',
    reason: 'unstorable',
    eventAt: null,
    receivedAt: arrival.receivedAt,
    raw: arrival.raw,
    routed: [],
    links: [],
  };
}

/** Where an arrival's raw bytes are sealed. */
export const bodyPlace = (dedup: Buffer): { table: string; column: string; key: Buffer } => ({
  table: 'inbox_bodies',
  column: 'sealed',
  key: dedup,
});

function contactOf({ subject, fact, details }: Routed, dedup: Buffer, sealing: Sealing): ContactRow[] {
  if (details === null) return [];
  return [
    {
      subject,
      role: fact.person?.role ?? null,
      at: instant(fact.at) ?? new Date(fact.receivedAt),
      // Whoever named the person has hashed both already.
      emailHash: fact.person?.address == null ? null : decodeHash(fact.person.address),
      nameHash: fact.person?.name == null ? null : decodeHash(fact.person.name),
      sealed: sealing.seal(Buffer.from(JSON.stringify(details)), {
        table: 'contacts',
        column: 'sealed',
        key: dedup,
      }),
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
