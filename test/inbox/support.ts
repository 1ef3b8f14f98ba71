import { randomBytes } from 'node:crypto';
import type { FactEvent } from '../../src/domain/events.js';
import { createSealing, type Sealing } from '../../src/sealing/sealing.js';
import type { Arrival, Person, Routed } from '../../src/domain/arrivals.js';
import type { FactBody, PersonTrace } from '../../src/domain/facts.js';
import { kitSubject, orderSubject, STAFF, type Subject } from '../../src/domain/subjects.js';

export const testSealing = (): Sealing =>
  createSealing({
    encryptionKeys: [{ id: 'e', key: randomBytes(32) }],
    indexKeys: [{ id: 'i', key: randomBytes(32) }],
  });

export const JANE: Person = {
  firstName: 'Jane-Zyxw',
  lastName: 'Smith-Qrst',
  email: 'jane.zyxw@example.com',
  locale: null,
  zone: null,
};

let ids = 0;
export const RECEIVED = Date.UTC(2026, 10, 24, 12);

interface Said {
  readonly id?: string | null;
  readonly person?: Person;
  /** What the fact itself tells of them. */
  readonly trace?: PersonTrace;
  readonly raw?: string;
  readonly at?: number;
}

/** A webhook about a kit, as the contract would read it. */
export function kitArrival(barcode: string, event: FactEvent, said: Said = {}): Arrival {
  return arrivalOf(event, [kitSubject(barcode)], said);
}

/** A webhook about an order; `barcodes` are the kits of a shipment. */
export function orderArrival(order: string, event: FactEvent, said: Said & { barcodes?: string[] } = {}): Arrival {
  const { barcodes } = said;
  return {
    ...arrivalOf(event, [orderSubject(order)], said, { order, ...(barcodes === undefined ? {} : { barcodes }) }),
    links: (barcodes ?? []).map((barcode) => ({ order, barcode })),
  };
}

function arrivalOf(event: FactEvent, subjects: Subject[], said: Said, more: Partial<FactBody> = {}): Arrival {
  const { id = `wh_${String(++ids)}`, person, trace, at = RECEIVED } = said;
  const raw = Buffer.from(said.raw ?? JSON.stringify({ event, subjects, id, person }));
  const routed = subjects.map((subject): Routed => ({
    subject,
    fact: {
      event,
      cause: id ?? 'body:x',
      receivedAt: RECEIVED,
      at,
      ...(trace === undefined ? {} : { person: trace }),
      ...more,
    },
    details: person === undefined ? null : { person },
  }));
  return {
    source: 'c4hxp',
    externalId: id,
    event,
    verdict: 'accepted',
    reason: null,
    eventAt: at,
    receivedAt: RECEIVED,
    raw,
    routed,
    links: [],
  };
}

/** A webhook that could not be read, and names a kit. */
export function unreadableOf(barcode: string, raw: string, id: string): Arrival {
  const hint = { event: 'results.available' as const, aboutResults: true };
  const [routed] = arrivalOf('webhook.unreadable', [kitSubject(barcode)], { id }, { unreadable: hint }).routed;
  return { ...unreadable(raw, id), routed: routed === undefined ? [] : [routed], unreadable: hint };
}

/** A webhook that could not be read, may be about results, and names nobody. */
export function unnamed(raw: string, id: string | null): Arrival {
  const hint = { event: null, aboutResults: true };
  const fact = { event: 'webhook.unreadable' as const, cause: id ?? 'body:x', receivedAt: RECEIVED, at: RECEIVED };
  const routed: Routed[] = [{ subject: STAFF, fact: { ...fact, unreadable: hint }, details: null }];
  return { ...unreadable(raw, id), routed, unreadable: hint };
}

/** A webhook that could not be read. */
export const unreadable = (raw: string, id: string | null = null): Arrival => ({
  source: 'c4hxp',
  externalId: id,
  event: null,
  verdict: 'quarantined',
  reason: 'not_json',
  eventAt: null,
  receivedAt: RECEIVED,
  raw: Buffer.from(raw),
  routed: [],
  links: [],
});
