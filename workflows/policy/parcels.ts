import { DAY } from '../../src/domain/durations.js';
import { eventsThatShow } from '../../src/domain/events.js';
import { kitSubject } from '../../src/domain/subjects.js';
import type { Story, StoryEvent } from '../core/story.js';

/** No parcel takes longer: what is expected later, or before it left, is a slip and is not believed. */
const LONGEST_DELIVERY = 60 * DAY;

/** Whether something can be expected then, of what began at `start` and takes `longest` at most (all ms). */
export const isWithin = (expected: number, start: number, longest: number): boolean =>
  expected >= start && expected <= start + longest;

/** When a shipment should be delivered by what it says itself (ms); null where it doesn't say so, or can't mean it. */
export function deliveryOf({ at, fact: { delivery } }: StoryEvent): number | null {
  return delivery !== undefined && isWithin(delivery, at, LONGEST_DELIVERY) ? delivery : null;
}

/**
 * What each set of barcodes was told of first: an order may send a second parcel, such as a replacement, long after. In
 * the order of arrival, so that a number that was given stays with its parcel.
 */
export function shipmentsOf(story: Story): StoryEvent[] {
  const seen = new Set<string>();
  return story.all('order.shipped').filter(({ fact: { barcodes = [] } }) => {
    const isNew = barcodes.some((barcode) => !seen.has(barcode));
    barcodes.forEach((barcode) => seen.add(barcode));
    return isNew;
  });
}

/** Whether it tells of this kit's parcel, or names none. */
export const isOf = (story: Story, { fact: { barcodes } }: StoryEvent): boolean =>
  barcodes?.some((barcode) => kitSubject(barcode) === story.subject) ?? true;

/** Whether it is a shipment that names this kit. */
export const isShipmentOf = (story: Story, parcel: StoryEvent): boolean =>
  parcel.fact.barcodes !== undefined && isOf(story, parcel);

/** What tells of this kit's own parcel; all that tells of parcels where none names it. */
export function parcelsOf(story: Story): StoryEvent[] {
  const all = story.all(...eventsThatShow('shipped'));
  const own = all.filter((event) => isOf(story, event));
  return own.length === 0 ? all : own;
}

/**
 * What tells of the parcel that this kit is in now, as it was told first: of several shipments that name it the newest,
 * for one that came back may be sent anew.
 */
export function parcelOf(story: Story): StoryEvent | undefined {
  const parcels = parcelsOf(story);
  const naming = parcels.filter((parcel) => isShipmentOf(story, parcel));
  return naming.length > 1 ? naming.sort((a, b) => b.at - a.at)[0] : parcels[0];
}

/** When the kit should be delivered by what was told last (ms); null where no parcel of it says so. */
export function expectedDelivery(story: Story): number | null {
  const told = parcelsOf(story).filter((parcel) => deliveryOf(parcel) !== null);
  const last = told.sort((a, b) => a.at - b.at).at(-1);
  return last === undefined ? null : deliveryOf(last);
}
