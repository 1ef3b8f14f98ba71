import { eventsThatShow, type FactEvent } from '../../domain/events.js';
import { lettersOf, wordOf } from './spelling.js';
import { LearnedEvents } from './reading.js';
import { BEFORE_TRANSIT, BEHIND_TRANSIT, PARCEL_WORDS, TRANSIT_WORDS, type Leg, type Transit } from './words.js';

/** One word of transit, as it was said of one parcel. */
export interface Sighting {
  readonly what: Transit | 'unknown';
  /** Null where nothing names the way. */
  readonly leg: Leg | null;
  /** ms; null where no time came that can be believed. */
  readonly at: number | null;
  /** It says how things stand, and is no entry of a history. */
  readonly present: boolean;
  /** For whoever keeps the tables. */
  readonly word: string;
}

/** What a word says of transit, and which way, where it names one; undefined when no table knows it. */
export interface TransitWord {
  readonly what: Transit;
  readonly leg: Leg | null;
}

/** @param ofParcel it stands where a parcel is spoken of, so that a carrier's words count as well. */
export function transitOf(value: string, ofParcel: boolean): TransitWord | undefined {
  const plain = (letters: string): Transit | undefined =>
    TRANSIT_WORDS.of(letters) ?? (ofParcel ? PARCEL_WORDS.of(letters) : undefined);
  const letters = lettersOf(value);
  const what = plain(letters);
  if (what !== undefined) return { what, leg: what === 'posted' ? 'back' : null };
  for (const [affix, leg] of BEFORE_TRANSIT.all) {
    const before = lettersOf(affix);
    const rest = letters.startsWith(before) ? plain(letters.slice(before.length)) : undefined;
    if (rest !== undefined) return { what: rest, leg: rest === 'posted' ? 'back' : leg };
  }
  for (const [affix, leg] of BEHIND_TRANSIT.all) {
    const behind = lettersOf(affix);
    const rest = letters.endsWith(behind) ? plain(letters.slice(0, -behind.length)) : undefined;
    if (rest !== undefined) return { what: rest, leg: rest === 'posted' ? 'back' : leg };
  }
  return undefined;
}

export const sightingOf = (
  value: string,
  { leg, at, present, ofParcel = true }: Omit<Sighting, 'what' | 'word'> & { readonly ofParcel?: boolean },
): Sighting => {
  const said = transitOf(value, ofParcel);
  return { what: said?.what ?? 'unknown', leg: said?.leg ?? leg, at, present, word: wordOf(value) };
};

/** How a kit stands on its way. */
interface Standing {
  /** The way that it is on: back as soon as it is registered or posted. */
  readonly leg: Leg;
  /** When the way out had ended at the latest (ms): what is dated before, and names no way, was on it. Null: unknown. */
  readonly outUntil: number | null;
  /** Trouble on the way there is over, because it got there, or the kit has ended. */
  readonly over: Readonly<Record<Leg, boolean>>;
}

/** How a journey ends is believed from the status only; a timeline merely dates it. */
export const ENDS: ReadonlySet<FactEvent> = new Set([
  'results.available',
  'results.reviewed',
  'kit.failed',
  'kit.cancelled',
]);

/** By what is known to have happened, and by the words of transit that name their way. */
export function standingOf(learned: LearnedEvents, sightings: readonly Sighting[]): Standing {
  const atLab = eventsThatShow('at_lab').some((event) => learned.has(event));
  const ended = [...ENDS].some((event) => learned.has(event));
  const posted = sightings.some(({ leg, what }) => leg === 'back' && what !== 'nothing' && what !== 'unknown');
  const back = learned.has('kit.registered') || atLab || posted;
  return {
    leg: back ? 'back' : 'out',
    outUntil: learned.timeOf('kit.registered') ?? learned.timeOf('kit.delivered'),
    over: { out: back || ended, back: atLab || ended },
  };
}

export interface Judged {
  readonly learned: LearnedEvents;
  /** Words that no table knows, and that nothing known came after. */
  readonly unknown: readonly string[];
  /** Whether anything was said of the way that the kit is on. */
  readonly told: boolean;
}

/** What the sightings of a kit's parcels come to: one word for each way, by their own times and not by their order. */
export function judge(sightings: readonly Sighting[], standing: Standing): Judged {
  const learned = new LearnedEvents();
  const legs = byLeg(sightings, standing);
  const unknown: string[] = [];

  const { out, back } = legs;
  for (const { at } of out.filter(({ what }) => what === 'delivered')) learned.add('kit.delivered', at);
  // What was delivered had been shipped.
  for (const { at } of out.filter(({ what }) => what === 'moving' || what === 'delivered'))
    learned.add('kit.shipped', at);
  for (const { at } of back.filter(({ what }) => ['moving', 'posted', 'delivered'].includes(what)))
    learned.add('kit.posted', at);
  for (const leg of ['out', 'back'] as const) {
    const trouble = legs[leg].filter((one) => isTrouble(one) && !isOvertaken(one, legs[leg]));
    if (!standing.over[leg])
      for (const { at } of trouble) learned.add(leg === 'out' ? 'kit.not_delivered' : 'kit.lost_in_transit', at);
    unknown.push(
      ...legs[leg].filter((one) => one.what === 'unknown' && !isOvertaken(one, legs[leg])).map(({ word }) => word),
    );
  }
  return { learned, unknown, told: legs[standing.leg].some(({ what }) => what !== 'nothing') };
}

/**
 * Each sighting with the way that it is about: the one that it names; the way out, if that had not ended by then; else the
 * way that the kit is on. The first delivery without a way is one to the customer: the lab itself says what it has got.
 */
function byLeg(sightings: readonly Sighting[], { leg, outUntil }: Standing): Record<Leg, Sighting[]> {
  const deliveries = sightings.filter((one) => one.what === 'delivered' && one.leg !== 'back');
  const named = deliveries.some((one) => one.leg === 'out');
  const first = deliveries.find(({ at }) => at === Math.min(...deliveries.map((one) => one.at ?? Infinity)));
  const until = Math.max(outUntil ?? -Infinity, first?.at ?? -Infinity);
  const legOf = (one: Sighting): Leg => {
    if (one.leg !== null) return one.leg;
    if (one.at !== null && one.at <= until) return 'out';
    return one.what === 'delivered' && !named && (first === undefined || one === first) ? 'out' : leg;
  };
  const placed = sightings.map((one) => ({ ...one, leg: legOf(one) }));
  return { out: placed.filter((one) => one.leg === 'out'), back: placed.filter((one) => one.leg === 'back') };
}

const isTrouble = ({ what }: Sighting): boolean => what === 'trouble' || what === 'returned';

/** Whether something good was said later, by its own time, or of how things stand now. */
function isOvertaken(one: Sighting, all: readonly Sighting[]): boolean {
  if (one.what === 'returned' || one.at === null) return false;
  const since = one.at;
  return all.some(({ what, at, present }) => {
    if (what === 'delivered') return at === null ? present && !one.present : at >= since;
    return (what === 'moving' || what === 'posted') && (at === null ? present && !one.present : at > since);
  });
}
