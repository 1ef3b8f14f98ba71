import { z } from 'zod';
import type { FactEvent } from '../../domain/events.js';
import type { Failure } from '../../domain/facts.js';
import type { Person } from '../../domain/arrivals.js';
import { personFields, readNamedPerson } from '../people.js';
import { expectedTime, pastTime } from '../times.js';
import { failureIn, failureOf, foremost } from './failures.js';
import { fieldsOf, readParcels, said, type ParcelsRead } from './read-parcel.js';
import {
  anything,
  block,
  identifier,
  isObject,
  LearnedEvents,
  listOf,
  readable,
  sameName,
  text,
  unreadable,
  unwrap,
  type Learned,
  type Reading,
  type ReadingContext,
} from './reading.js';
import { lettersOf, wordOf } from './spelling.js';
import { canBeAtLab, impliesRegistration, statusWord, transitIn, type StatusWord } from './statuses.js';
import { ENDS, judge, standingOf, transitOf, type Sighting } from './transit.js';
import { TIMELINE_EVENTS } from './words.js';

/** What `kits/{barcode}` tells, in our words. */
export interface KitAnswer {
  /**
   * One entry per event, earliest first; those without a time last. `results.available` says no more than that the kit
   * is `completed`: whether there are results is for the answer about these to say.
   */
  readonly learned: readonly Learned[];
  /** Why the sample gives no results, where the kit has failed and a word says so. */
  readonly because: Failure | null;
  /** Words outside the closed lists, and contradictions, as `place word`, sorted: a human should look. */
  readonly unknownWords: readonly string[];
  /** The kit's patient, where one is named. */
  readonly person: Person | null;
  /** ms; when the lab expects to be done. */
  readonly completion: number | null;
  /** False while the kit can't have reached the lab, so that asking for results is pointless. */
  readonly mayHaveResults: boolean;
  /** It can't have reached the lab, and nothing is said of the way that it is on: its tracking may tell. */
  readonly asksForTracking: boolean;
}

/** Both shapes at once: the reference's (status, patient, timeline) and the OpenAPI's flat one. */
const kitBody = z.object({
  kit_barcode: identifier,
  barcode: identifier,
  status: text,
  kit_status: text,
  sample_status: text,
  patient: block(personFields),
  registered_to: block(personFields),
  shipment_to_customer: anything,
  sample: anything,
  timeline: listOf(block({ event: text, timestamp: text, description: text })),
  failure_reason: text,
  rejection_reason: text,
  status_reason: text,
  estimated_completion: text,
  updated: text,
  updated_at: text,
});
type KitBody = z.infer<typeof kitBody>;

const MOST_SAMPLES = 20;
const SAMPLE_STATUS_FIELDS = ['status', 'state', 'sample_status', 'current_status'].map(lettersOf);
const REASON_FIELDS = ['rejection_reason', 'reject_reason', 'failure_reason', 'status_reason', 'reason'].map(lettersOf);

/**
 * Reads what the partner tells of a kit. An answer that names another barcode is refused: it would tell one patient
 * another one's news.
 */
export function readKit(body: unknown, barcode: string, context: ReadingContext): Reading<KitAnswer> {
  const bare = unwrap(body);
  const parsed = kitBody.safeParse(bare);
  if (!isObject(bare) || !parsed.success) return unreadable('unexpected_shape');
  const kit = parsed.data;
  if (!sameName(kit.kit_barcode ?? kit.barcode, barcode)) return unreadable('another_subject');

  const samples = samplesOf(kit.sample);
  const statuses = statusesOf(kit, samples);
  if (statuses.length === 0 && kit.timeline.length === 0) return unreadable('unexpected_shape');

  const unknown = new Set<string>();
  const parcels = parcelsOf(kit, samples, context);
  const { learned, sightings } = learn(kit, statuses, parcels, unknown, context);
  const person = readNamedPerson(kit.patient ?? kit.registered_to);
  const own = statuses.find(({ place }) => place === 'status');
  if (person !== null && !learned.has('kit.registered') && impliesRegistration(own, kit.registered_to !== null))
    learned.add('kit.registered', null);

  const way = judge(sightings, standingOf(learned, sightings));
  way.unknown.forEach((word) => unknown.add(`transit ${word}`));
  learned.addAll(way.learned);
  // What is lost at the lab is on no way any more.
  if (learned.has('kit.received_lab'))
    for (const { place, said: word, transit } of statuses)
      if (transit?.what === 'trouble' || transit?.what === 'returned') unknown.add(`${place} ${wordOf(word)}`);

  const mayHaveResults = statuses.length === 0 || statuses.some(canBeAtLab);
  return readable({
    learned: learned.list(),
    because: becauseOf(kit, statuses, samples, learned.has('kit.failed'), unknown),
    unknownWords: [...unknown].sort(),
    person,
    completion: expectedTime(kit.estimated_completion, context.now, context.zone),
    mayHaveResults,
    asksForTracking: !mayHaveResults && !way.told,
  });
}

type Fields = ReadonlyMap<string, unknown>;

/** `sample`: an object of which no page says what is in it, a list of such, or a word. */
function samplesOf(sample: unknown): readonly Fields[] {
  const all: readonly unknown[] = Array.isArray(sample) ? sample.slice(0, MOST_SAMPLES) : [sample];
  return all.flatMap((one) => {
    if (isObject(one)) return [fieldsOf(one)];
    return said(one) === null ? [] : [new Map([['status', one]])];
  });
}

/** The words that speak of the kit first, then those of its sample. */
function statusesOf(kit: KitBody, samples: readonly Fields[]): readonly StatusWord[] {
  const own = kit.status ?? kit.kit_status;
  const ofSamples = samples.flatMap((sample) => SAMPLE_STATUS_FIELDS.flatMap((name) => said(sample.get(name)) ?? []));
  return [
    ...(own === null ? [] : [statusWord('status', own)]),
    ...[kit.sample_status, ...ofSamples].flatMap((one) => (one === null ? [] : [statusWord('sample_status', one)])),
  ];
}

/** What is said of the parcel to the customer, and of that of each sample. */
function parcelsOf(kit: KitBody, samples: readonly Fields[], context: ReadingContext): readonly ParcelsRead[] {
  const shipments = samples.map((sample) => {
    const rest = [...sample].filter(([name]) => !SAMPLE_STATUS_FIELDS.includes(name));
    return readParcels(Object.fromEntries(rest), context, { leg: 'back', history: false });
  });
  return [readParcels(kit.shipment_to_customer, context, { leg: 'out', history: false }), ...shipments];
}

/** What has happened by the timeline and the statuses, and what they say of transit. */
function learn(
  kit: KitBody,
  statuses: readonly StatusWord[],
  parcels: readonly ParcelsRead[],
  unknown: Set<string>,
  { now, zone }: ReadingContext,
): { readonly learned: LearnedEvents; readonly sightings: readonly Sighting[] } {
  const learned = new LearnedEvents();
  const ends = new LearnedEvents();
  const sightings = parcels.flatMap((one) => one.sightings);
  const happened = (event: FactEvent, at: number | null): void => {
    (ENDS.has(event) ? ends : learned).add(event, at);
  };
  for (const { events } of parcels) for (const { event, at } of events.list()) happened(event, at);
  for (const { event: word, timestamp } of kit.timeline) {
    if (word === null) continue;
    const at = pastTime(timestamp, now, zone);
    const event = timelineEvent(word);
    const transit = transitIn(event ?? null) ?? (event === undefined ? transitOf(word, false) : undefined);
    if (transit !== undefined) sightings.push({ ...transit, at, present: false, word: wordOf(word) });
    else if (event === undefined) unknown.add(`timeline ${wordOf(word)}`);
    else if (event !== null) happened(event, at);
  }

  const changed = pastTime(kit.updated_at ?? kit.updated, now, zone);
  for (const { place, said: word, event, transit } of statuses) {
    if (transit !== null) sightings.push({ ...transit, at: changed, present: true, word: wordOf(word) });
    else if (event === undefined) unknown.add(`${place} ${wordOf(word)}`);
    else if (event !== null && !learned.has(event)) learned.add(event, ends.timeOf(event) ?? changed);
  }

  // A failure or cancellation that only the timeline knows of contradicts the status: that is for a human.
  for (const end of ['kit.failed', 'kit.cancelled'] as const)
    if (ends.has(end) && !learned.has(end)) unknown.add(`timeline ${wordOf(end)}`);
  return { learned, sightings };
}

/** The event of an entry of the timeline; undefined where no table knows it. */
function timelineEvent(word: string): FactEvent | null | undefined {
  const event = TIMELINE_EVENTS.of(word);
  if (event !== undefined) return event;
  return failureOf(word) === undefined ? undefined : 'kit.failed';
}

/** Why the kit has failed. A reason that is given of one that has not is a contradiction. */
function becauseOf(
  kit: KitBody,
  statuses: readonly StatusWord[],
  samples: readonly Fields[],
  failed: boolean,
  unknown: Set<string>,
): Failure | null {
  const ofSamples = samples.flatMap((sample) => REASON_FIELDS.flatMap((name) => said(sample.get(name)) ?? []));
  const reasons = [kit.failure_reason, kit.rejection_reason, kit.status_reason, ...ofSamples].filter(
    (one) => one !== null,
  );
  if (!failed) {
    for (const reason of reasons.flatMap((one) => failureOf(one) ?? [])) unknown.add(`reason ${reason}`);
    return null;
  }
  const told = kit.timeline
    .filter(({ event }) => event !== null && timelineEvent(event) === 'kit.failed')
    .flatMap(({ event, description }) => [event, description].filter((one) => one !== null));
  const found = [
    ...statuses.map(({ failure }) => failure),
    ...[...reasons, ...told].map((sentence) => failureIn(sentence) ?? null),
  ];
  return foremost(found.filter((one) => one !== null)) ?? null;
}
