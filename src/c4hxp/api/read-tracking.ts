import type { KitAnswer } from './read-kit.js';
import { fieldsOf, readParcels } from './read-parcel.js';
import {
  identifier,
  isObject,
  LearnedEvents,
  readable,
  sameName,
  unreadable,
  unwrap,
  type Learned,
  type Reading,
  type ReadingContext,
} from './reading.js';
import { lettersOf, wordOf } from './spelling.js';
import { ENDS, judge, standingOf, type Sighting } from './transit.js';

/** What `kits/{barcode}/tracking` tells. */
export interface TrackingAnswer {
  readonly sightings: readonly Sighting[];
  /** The kit's own events, where the history has them: the OpenAPI's kit has no timeline. */
  readonly learned: readonly Learned[];
}

const BARCODE_FIELDS = ['kit_barcode', 'barcode'].map(lettersOf);

/**
 * Reads a kit's tracking: a list, or an object with lists in it, with or without an envelope; no page says what is in it.
 * One that names another barcode is refused.
 */
export function readTracking(body: unknown, barcode: string, context: ReadingContext): Reading<TrackingAnswer> {
  const bare = unwrap(body);
  if (!isObject(bare) && !Array.isArray(bare)) return unreadable('unexpected_shape');
  const fields = isObject(bare) ? fieldsOf(bare) : new Map<string, unknown>();
  const names = BARCODE_FIELDS.map((field) => identifier.parse(fields.get(field)));
  if (!names.every((name) => sameName(name, barcode))) return unreadable('another_subject');
  const { sightings, events } = readParcels(bare, context, { leg: null, history: Array.isArray(bare) });
  return readable({ sightings, learned: events.list() });
}

/**
 * A kit that says nothing of the way that it is on, and what its tracking says of that. How a kit ends is not believed of
 * a history, as it is not of a timeline.
 */
export function withTracking(kit: KitAnswer, tracking: TrackingAnswer): KitAnswer {
  const learned = new LearnedEvents();
  const unknown = new Set(kit.unknownWords);
  for (const { event, at } of kit.learned) learned.add(event, at);
  for (const { event, at } of tracking.learned) {
    if (!ENDS.has(event)) learned.add(event, at);
    else if (!learned.has(event)) unknown.add(`timeline ${wordOf(event)}`);
  }
  const { learned: onTheWay, unknown: unknownOfParcels } = judge(
    tracking.sightings,
    standingOf(learned, tracking.sightings),
  );
  for (const word of unknownOfParcels) unknown.add(`transit ${word}`);
  learned.addAll(onTheWay);
  return { ...kit, learned: learned.list(), unknownWords: [...unknown].sort(), asksForTracking: false };
}
