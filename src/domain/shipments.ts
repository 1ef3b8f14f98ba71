import { eventsThatShow } from './events.js';
import type { FactBody } from './facts.js';
import { kitSubject, nameOf } from './subjects.js';

const SHIPPED = eventsThatShow('shipped');

/** When a kit was shipped first, as these facts say (ms); null where none does with a time of its own. */
export function shippedAt(barcode: string, facts: readonly FactBody[]): number | null {
  const times = facts.flatMap(({ event, at, receivedAt, barcodes = [], learned = [] }) => {
    if (event === 'order.shipped') return barcodes.includes(barcode) ? [at] : [];
    // An answer about an order doesn't say in which of its parcels a kit was; what it gives no time has the answer's own.
    return learned.flatMap((one) =>
      one.event !== 'order.shipped' && SHIPPED.includes(one.event) && one.at !== receivedAt ? [one.at] : [],
    );
  });
  return times.length === 0 ? null : Math.min(...times);
}

/** Those of these kits that were shipped later than this one, the earliest first; none where it isn't known when it was. */
export function shippedLaterThan(barcode: string, times: ReadonlyMap<string, number | null>): string[] {
  const own = times.get(barcode) ?? null;
  if (own === null) return [];
  return [...times]
    .flatMap(([name, at]) => (at !== null && at > own ? [{ name, at }] : []))
    .sort((one, other) => one.at - other.at)
    .map(({ name }) => name);
}

/** The kits that were shipped later than this one, as far as this kit's own journey was told. */
export function siblingsShippedLater(kit: string, facts: readonly FactBody[]): string[] {
  const barcode = nameOf(kit);
  const shipments = facts.filter(({ event }) => event === 'order.shipped');
  const others = new Set(shipments.flatMap(({ barcodes = [] }) => barcodes).filter((one) => kitSubject(one) !== kit));
  const times = [...others].sort().map((other) => [other, shippedAt(other, shipments)] as const);
  return shippedLaterThan(barcode, new Map([[barcode, shippedAt(barcode, facts)], ...times]));
}
