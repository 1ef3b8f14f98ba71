import type { JourneyKind } from '../../src/domain/kinds.js';
import type { Trigger, Triggers } from '../core/candidates.js';
import type { StoryEvent } from '../core/story.js';
import { patientNamed } from './addressee.js';
import { isNamedAlone } from './cancellation.js';
import { toldUpdates, updates } from './results.js';

const at = (event: StoryEvent): Trigger => ({ event, due: null });

/** The first that arrived: a repeated fact opens nothing. */
export const once =
  (...events: readonly StoryEvent['name'][]): Triggers =>
  (story) =>
    story
      .all(...events)
      .slice(0, 1)
      .map(at);

/** One per shipment: a set of barcodes not told before. */
export const perShipment: Triggers = (story) => {
  const told = new Set<string>();
  const triggers: Trigger[] = [];
  for (const event of story.all('order.shipped')) {
    const barcodes = event.fact.barcodes ?? [];
    const isNew = barcodes.length === 0 ? triggers.length === 0 : barcodes.some((barcode) => !told.has(barcode));
    barcodes.forEach((barcode) => told.add(barcode));
    if (isNew) triggers.push(at(event));
  }
  return triggers;
};

/** One per corrected version of the results. */
export const perUpdate: Triggers = (story) => updates(story).map(at);

/**
 * The first; and after each corrected version that was told, the first review that is later than it by their own times and
 * that the portal did not show yet when it was told.
 */
export const perReview: Triggers = (story) => {
  const reviews = story.all('results.reviewed');
  const found = reviews.slice(0, 1);
  for (const { update, covers } of toldUpdates(story)) {
    const isLater = (review: StoryEvent): boolean => review.at > update.at && review.seq > covers;
    const review = found.some(isLater) ? undefined : reviews.find(isLater);
    if (review !== undefined) found.push(review);
  }
  return found.map(at);
};

/**
 * What has a row already is looked after to its end, also where its fact turns out to be about others: a second parcel
 * shows that not every kit was cancelled, another order that the kit is not in this one.
 */
const keeping =
  (kind: JourneyKind, triggers: Triggers): Triggers =>
  (story) => {
    const found = triggers(story);
    const kept = story.notificationsOf(kind).flatMap((one) => story.sourceOf(one) ?? []);
    const others = kept.filter(({ seq }, index) => kept.findIndex((other) => other.seq === seq) === index);
    return [...found, ...others.filter(({ seq }) => found.every(({ event }) => event.seq !== seq)).map(at)];
  };

/** With all its kits. */
export const orderCancelled: Triggers = keeping('order.cancelled', once('order.cancelled'));

/**
 * The order's cancellation concerns the patient where one is known. Where it names this kit and not all of the order's,
 * and the partner's word of it: always, since nobody else is told.
 */
export const kitCancelled: Triggers = keeping('kit.cancelled', (story) => {
  const isTheirs = patientNamed(story.known.facts) || isNamedAlone(story);
  return once('kit.cancelled', ...(isTheirs ? (['order.cancelled'] as const) : []))(story);
});
