import type { FactEvent } from '../../domain/events.js';

/**
 * The partner's words for how far a kit or an order is. Closed lists: a word that is not here is not guessed, it
 * makes a human look. `null` is a word that is known and tells a journey nothing.
 */
type Words = Readonly<Record<string, FactEvent | null>>;

/** `status` of the reference's kit, `kit_status` of the OpenAPI's. */
export const KIT_STATUSES: Words = {
  created: null,
  pending: null,
  shipped: 'kit.shipped',
  delivered: 'kit.shipped',
  registered: 'kit.registered',
  shipped_to_lab: null,
  received_lab: 'kit.received_lab',
  in_lab: 'kit.received_lab',
  processing: 'kit.processing_started',
  completed: 'results.available',
  failed: 'kit.failed',
  cancelled: 'kit.cancelled',
  canceled: 'kit.cancelled',
};

/** `sample_status`: about the sample, so that `completed` speaks of the lab's work and not yet of results. */
export const SAMPLE_STATUSES: Words = {
  none: null,
  created: null,
  pending: null,
  not_collected: null,
  collected: null,
  not_received: null,
  shipped: null,
  in_transit: null,
  shipped_to_lab: null,
  received: 'kit.received_lab',
  received_lab: 'kit.received_lab',
  in_lab: 'kit.received_lab',
  processing: 'kit.processing_started',
  completed: 'kit.processing_completed',
  failed: 'kit.failed',
  rejected: 'kit.failed',
  cancelled: 'kit.cancelled',
  canceled: 'kit.cancelled',
};

/** `event` of a timeline entry. */
export const TIMELINE_EVENTS: Words = {
  kit_created: null,
  kit_shipped: 'kit.shipped',
  kit_delivered: null,
  kit_registered: 'kit.registered',
  kit_shipped_to_lab: null,
  kit_received_lab: 'kit.received_lab',
  kit_in_lab: 'kit.received_lab',
  processing_started: 'kit.processing_started',
  kit_processing_started: 'kit.processing_started',
  processing_completed: 'kit.processing_completed',
  kit_processing_completed: 'kit.processing_completed',
  kit_completed: 'results.available',
  results_available: 'results.available',
  results_reviewed: 'results.reviewed',
  kit_failed: 'kit.failed',
  kit_cancelled: 'kit.cancelled',
  kit_canceled: 'kit.cancelled',
};

/** Before these no sample can be at the lab. */
export const BEFORE_THE_LAB: ReadonlySet<string> = new Set([
  'created',
  'pending',
  'shipped',
  'delivered',
  'registered',
  'shipped_to_lab',
]);

/** Before these nobody has registered the kit: a patient who is named then was named by the order. */
export const BEFORE_REGISTRATION: ReadonlySet<string> = new Set(['created', 'pending', 'shipped', 'delivered']);

/** An order's states; the later ones are told by its kits, and too late to be news of the order. */
export const ORDER_STATUSES: Words = {
  pending: 'order.created',
  confirmed: 'order.confirmed',
  in_progress: null,
  shipped: 'order.shipped',
  delivered: 'order.shipped',
  registered: null,
  in_lab: null,
  completed: null,
  cancelled: 'order.cancelled',
  canceled: 'order.cancelled',
};

/** Whether results are final, or known to be on their way. */
type Finality = Readonly<Record<string, 'final' | 'not_yet'>>;

const ON_THEIR_WAY: Finality = {
  pending: 'not_yet',
  in_progress: 'not_yet',
  processing: 'not_yet',
  preliminary: 'not_yet',
  partial: 'not_yet',
};

/** `status` of a set of results. */
export const SET_STATUSES: Finality = {
  completed: 'final',
  final: 'final',
  available: 'final',
  reviewed: 'final',
  ...ON_THEIR_WAY,
};

/** `status` of a single test, in a set or in the OpenAPI's list. */
export const TEST_STATUSES: Finality = {
  final: 'final',
  completed: 'final',
  normal: 'final',
  abnormal: 'final',
  high: 'final',
  low: 'final',
  critical: 'final',
  corrected: 'final',
  amended: 'final',
  ...ON_THEIR_WAY,
};

/** Tests that need nobody to look first: by the word alone, or by the word where an empty list of flags comes with it. */
export const HARMLESS: Readonly<Record<string, 'harmless' | 'if_unflagged'>> = {
  normal: 'harmless',
  final: 'if_unflagged',
  completed: 'if_unflagged',
};

/** One spelling for `In Lab`, `in-lab` and `kit.in_lab`. */
export const wordOf = (value: string): string =>
  value
    .trim()
    .toLowerCase()
    .replaceAll(/[\s.-]+/g, '_');

/** What a word means; undefined when the list doesn't know it (nor what every object inherits). */
export const meaning = <Meaning>(words: Readonly<Record<string, Meaning>>, word: string): Meaning | undefined =>
  Object.hasOwn(words, word) ? words[word] : undefined;
