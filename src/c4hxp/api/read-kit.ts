import { z } from 'zod';
import type { FactEvent } from '../../domain/events.js';
import type { Person } from '../../domain/arrivals.js';
import { personFields, readNamedPerson } from '../people.js';
import { expectedTime, pastTime } from '../times.js';
import {
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
import {
  BEFORE_REGISTRATION,
  BEFORE_THE_LAB,
  KIT_STATUSES,
  meaning,
  SAMPLE_STATUSES,
  TIMELINE_EVENTS,
  wordOf,
} from './words.js';

/** What `kits/{barcode}` tells, in our words. */
export interface KitAnswer {
  /**
   * One entry per event, earliest first; those without a time last. `results.available` says no more than that the kit
   * is `completed`: whether there are results is for the answer about these to say.
   */
  readonly learned: readonly Learned[];
  /** A word outside the closed lists, or a contradiction: a human should look. */
  readonly unknownStatus: boolean;
  /** The kit's patient, where one is named. */
  readonly person: Person | null;
  /** ms; when the lab expects to be done. */
  readonly completion: number | null;
  /** False while the kit can't have reached the lab, so that asking for results is pointless. */
  readonly mayHaveResults: boolean;
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
  timeline: listOf(block({ event: text, timestamp: text })),
  estimated_completion: text,
  updated: text,
  updated_at: text,
});
type KitBody = z.infer<typeof kitBody>;

/** How a journey ends is believed from the status only; a timeline merely dates it. */
const ENDS: ReadonlySet<FactEvent> = new Set(['results.available', 'results.reviewed', 'kit.failed', 'kit.cancelled']);

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

  const statuses = statusesOf(kit);
  if (statuses.length === 0 && kit.timeline.length === 0) return unreadable('unexpected_shape');

  const person = readNamedPerson(kit.patient ?? kit.registered_to);
  const { learned, unknown } = learn(kit, statuses, context);
  const beforeRegistration = statuses.some(({ word }) => BEFORE_REGISTRATION.has(word));
  if (person !== null && !beforeRegistration && !learned.has('kit.registered')) learned.add('kit.registered', null);

  return readable({
    learned: learned.list(),
    unknownStatus: unknown,
    person,
    completion: expectedTime(kit.estimated_completion, context.now, context.zone),
    mayHaveResults: statuses.length === 0 || statuses.some(({ word }) => !BEFORE_THE_LAB.has(word)),
  });
}

interface StatusWord {
  readonly word: string;
  /** Undefined: not in the closed list. */
  readonly event: FactEvent | null | undefined;
}

/** The words that speak of the kit first, then those of its sample. */
function statusesOf(kit: KitBody): readonly StatusWord[] {
  const found: StatusWord[] = [];
  const add = (value: string | null, words: typeof KIT_STATUSES): void => {
    if (value === null) return;
    const word = wordOf(value);
    found.push({ word, event: meaning(words, word) });
  };
  add(kit.status ?? kit.kit_status, KIT_STATUSES);
  add(kit.sample_status, SAMPLE_STATUSES);
  return found;
}

function learn(
  kit: KitBody,
  statuses: readonly StatusWord[],
  { now, zone }: ReadingContext,
): { learned: LearnedEvents; unknown: boolean } {
  const learned = new LearnedEvents();
  const ends = new LearnedEvents();
  let unknown = false;

  for (const entry of kit.timeline) {
    const event = entry.event === null ? null : meaning(TIMELINE_EVENTS, wordOf(entry.event));
    if (event === undefined) unknown = true;
    else if (event !== null) (ENDS.has(event) ? ends : learned).add(event, pastTime(entry.timestamp, now, zone));
  }

  const changed = pastTime(kit.updated_at ?? kit.updated, now, zone);
  const dated = new Map(ends.list().map(({ event, at }) => [event, at]));
  for (const { event } of statuses) {
    if (event === undefined) unknown = true;
    else if (event !== null && !learned.has(event)) learned.add(event, dated.get(event) ?? changed);
  }

  // A failure or cancellation that only the timeline knows of contradicts the status: that is for a human.
  for (const end of ['kit.failed', 'kit.cancelled'] as const) if (ends.has(end) && !learned.has(end)) unknown = true;
  return { learned, unknown };
}
