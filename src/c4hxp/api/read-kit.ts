import { z } from 'zod';
import type { FactEvent } from '../../domain/events.js';
import type { KitAnswer } from './answers.js';
import { LearnedEvents } from './learned.js';
import { block, identifier, isObject, listOf, text, unwrap } from './loose.js';
import { personBlock, readPerson } from './people.js';
import { readable, sameName, unreadable, type Reading, type ReadingContext } from './reading.js';
import { readExpected, readPast } from './times.js';
import {
  BEFORE_REGISTRATION,
  BEFORE_THE_LAB,
  KIT_STATUSES,
  meaning,
  SAMPLE_STATUSES,
  TIMELINE_EVENTS,
  wordOf,
} from './words.js';

/** Both shapes at once: the reference's (status, patient, timeline) and the OpenAPI's flat one. */
const kitBody = z.object({
  kit_barcode: identifier,
  barcode: identifier,
  status: text,
  kit_status: text,
  sample_status: text,
  patient: personBlock,
  registered_to: personBlock,
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

  const person = readPerson(kit.patient ?? kit.registered_to);
  const { learned, unknown } = learn(kit, statuses, context);
  const beforeRegistration = statuses.some(({ word }) => BEFORE_REGISTRATION.has(word));
  if (person !== null && !beforeRegistration && !learned.has('kit.registered')) learned.add('kit.registered', null);

  return readable({
    learned: learned.list(),
    unknownStatus: unknown,
    person,
    completion: readExpected(kit.estimated_completion, context.zone, context.now),
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
    else if (event !== null) (ENDS.has(event) ? ends : learned).add(event, readPast(entry.timestamp, zone, now));
  }

  const changed = readPast(kit.updated_at ?? kit.updated, zone, now);
  const dated = new Map(ends.list().map(({ event, at }) => [event, at]));
  for (const { event } of statuses) {
    if (event === undefined) unknown = true;
    else if (event !== null && !learned.has(event)) learned.add(event, dated.get(event) ?? changed);
  }

  // A failure or cancellation that only the timeline knows of contradicts the status: that is for a human.
  for (const end of ['kit.failed', 'kit.cancelled'] as const) if (ends.has(end) && !learned.has(end)) unknown = true;
  return { learned, unknown };
}
