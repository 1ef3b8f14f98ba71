import { pastTime } from '../times.js';
import { isObject, LearnedEvents, type ReadingContext } from './reading.js';
import { lettersOf, wordOf } from './spelling.js';
import { sightingOf, transitOf, type Sighting } from './transit.js';
import { transitIn } from './statuses.js';
import { DIRECTIONS, TIMELINE_EVENTS, type Leg } from './words.js';

/** What was read of parcels, wherever the partner speaks of them. */
export interface ParcelsRead {
  readonly sightings: readonly Sighting[];
  /** The partner's own events in between: some histories are the kit's timeline. */
  readonly events: LearnedEvents;
}

/** Fields by the letters of their names; OpenAPI says of these objects only that they are some. */
const STATUS_FIELDS = fields('tracking_status, shipment_status, transit_status, delivery_status, shipping_status');
const OWN_STATUS_FIELDS = fields('status, state, current_status, event, event_type, status_code');
/** Sentences: read for a word that they are, never kept. */
const SENTENCE_FIELDS = fields('status_description, description, message, status_detail, details, summary');
const TIME_FIELDS = fields(
  'timestamp, time, at, occurred_at, event_time, event_date, date_time, date, status_date, updated_at, updated, last_update',
);
const DIRECTION_FIELDS = fields('direction, leg, shipment_type, shipment_direction, type, way');
/** A time in one of these says by itself what happened. */
const DATED_FIELDS: readonly (readonly [what: string, fields: readonly string[]])[] = [
  [
    'delivered',
    fields('delivered_at, delivered_on, delivered, delivery_date_actual, actual_delivery, actual_delivery_date'),
  ],
  ['shipped', fields('shipped_at, shipped_on, dispatched_at, posted_at, mailed_at, picked_up_at, sent_at')],
  ['returned', fields('returned_at, returned_to_sender_at')],
  ['lost', fields('lost_at')],
];
const HISTORY_FIELDS = fields(
  'events, history, tracking_events, tracking_history, tracking_details, checkpoints, scans, timeline, updates, activities',
);
const PARCEL_FIELDS = fields(
  'tracking, tracking_info, shipment, shipments, shipping, parcel, parcels, package, packages, data, current, latest_event, last_event',
);

/** A parcel has a few events, and a kit two parcels: what is more is something else. */
const MOST_ENTRIES = 200;
const DEEPEST = 5;

function fields(names: string): readonly string[] {
  return names.split(',').map(lettersOf);
}

/** Fields by the letters of their names; at most so many, so that no answer is long to read. */
export const fieldsOf = (value: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(value)
      .slice(0, MOST_ENTRIES)
      .map(([name, field]) => [lettersOf(name.slice(0, 64)), field]),
  );

/** A word that may be one of the tables': text, short enough, and not empty. */
export const said = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= 200 && lettersOf(value) !== '' ? value : null;

/** A list whose places came as names. */
const isPlace = (name: string): boolean => /^\d{1,3}$/.test(name);

interface Place {
  /** The way that the place names. */
  readonly leg: Leg | null;
  readonly history: boolean;
  readonly depth: number;
}

/**
 * Reads all that is said of a kit's parcels: a word, an object with a status, times and events, or a list of any of
 * these, however deep. Never throws; what it doesn't understand it leaves out, but for words where a status would be.
 */
export function readParcels(
  value: unknown,
  context: ReadingContext,
  { leg, history }: Pick<Place, 'leg' | 'history'>,
): ParcelsRead {
  const sightings: Sighting[] = [];
  const events = new LearnedEvents();
  let left = MOST_ENTRIES;

  const time = (told: unknown): number | null => pastTime(told, context.now, context.zone);

  function look(one: unknown, place: Place): void {
    left -= 1;
    if (left < 0 || place.depth > DEEPEST) return;
    if (Array.isArray(one))
      for (const entry of one.slice(0, MOST_ENTRIES)) look(entry, { ...place, depth: place.depth + 1 });
    else if (isObject(one)) lookInside(fieldsOf(one), place);
    else if (said(one) !== null) see([one as string], [], { leg: place.leg, at: null, present: !place.history });
  }

  function lookInside(found: ReadonlyMap<string, unknown>, place: Place): void {
    const valuesOf = (names: readonly string[]): unknown[] => names.map((name) => found.get(name));
    const wordsIn = (names: readonly string[]): string[] => valuesOf(names).flatMap((one) => said(one) ?? []);
    const leg = wordsIn(DIRECTION_FIELDS).flatMap((word) => DIRECTIONS.of(word) ?? [])[0] ?? place.leg;
    const at =
      valuesOf(TIME_FIELDS)
        .map(time)
        .find((one) => one !== null) ?? null;
    const about = { leg, at, present: !place.history };
    see([...wordsIn(STATUS_FIELDS), ...wordsIn(OWN_STATUS_FIELDS)], wordsIn(SENTENCE_FIELDS), about);
    for (const [what, names] of DATED_FIELDS)
      for (const told of valuesOf(names).map(time))
        if (told !== null) sightings.push(sightingOf(what, { leg, at: told, present: false }));

    const deeper = { leg, history: place.history, depth: place.depth + 1 };
    for (const [name, field] of found) {
      if (typeof field !== 'object' || field === null) continue;
      const way = DIRECTIONS.of(name);
      if (way !== undefined) look(field, { ...deeper, leg: way });
      else if (HISTORY_FIELDS.includes(name)) look(field, { ...deeper, history: true });
      else if (PARCEL_FIELDS.includes(name) || isPlace(name)) look(field, deeper);
    }
  }

  /** The first of several fields whose word is known; a sentence only where it is one. */
  function see(words: readonly string[], sentences: readonly string[], about: Omit<Sighting, 'what' | 'word'>): void {
    for (const word of [...words, ...sentences]) {
      const event = TIMELINE_EVENTS.of(word);
      if (event !== undefined) {
        const seen = event === null ? null : transitIn(event);
        if (seen !== null) sightings.push({ ...about, ...seen, word: wordOf(word) });
        else if (event !== null) events.add(event, about.at);
        return;
      }
      if (transitOf(word, true) === undefined) continue;
      sightings.push(sightingOf(word, about));
      return;
    }
    const [unknown] = words;
    if (unknown !== undefined) sightings.push(sightingOf(unknown, about));
    else if (sentences.length > 0 && !about.present) sightings.push({ ...about, what: 'unknown', word: 'a_sentence' });
  }

  look(value, { leg, history, depth: 0 });
  return { sightings, events };
}
