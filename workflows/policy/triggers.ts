import type { Trigger, Triggers } from '../core/candidates.js';
import type { StoryEvent } from '../core/story.js';
import { patientNamed } from './addressee.js';
import { updates } from './results.js';

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

/** The order's cancellation concerns the patient only where a patient is known; the partner's word of it always. */
export const kitCancelled: Triggers = (story) => {
  const ofTheOrder = patientNamed(story.known.facts) ? (['order.cancelled'] as const) : [];
  return once('kit.cancelled', ...ofTheOrder)(story);
};
