import { z } from 'zod';
import { inCourse, type FactEvent } from '../../domain/events.js';

/** Why an answer can't be used. */
export type Unreadable =
  | 'too_large'
  | 'encoded'
  | 'not_utf8'
  | 'not_json'
  | 'unexpected_status'
  | 'unexpected_shape'
  /** It is about another kit or order than the one asked for. */
  | 'another_subject';

/** What a reader made of a body. Readers never throw, whatever the body is. */
export type Reading<T> =
  { readonly readable: true; readonly value: T } | { readonly readable: false; readonly why: Unreadable };

/** What a reader must know beside the body. */
export interface ReadingContext {
  /** ms; what lies further ahead is not believed. */
  readonly now: number;
  /** IANA zone in which a calendar date without a time ends. */
  readonly zone: string;
}

export const readable = <T>(value: T): Reading<T> => ({ readable: true, value });
export const unreadable = (why: Unreadable): Reading<never> => ({ readable: false, why });

/** Barcodes and order numbers are compared trimmed and upper-cased; a number has lost its leading zeros. */
export function sameName(told: string | null, asked: string): boolean {
  if (told === null) return true;
  const plain = (name: string): string =>
    name
      .trim()
      .toUpperCase()
      .replace(/^0+(?=\d)/, '');
  return plain(told) === plain(asked);
}

/** An event that an answer implies; `at` in ms, null where the partner tells no time that can be believed. */
export interface Learned {
  readonly event: FactEvent;
  readonly at: number | null;
}

/** Gathers events, each once, with the earliest time that came for it. */
export class LearnedEvents {
  readonly #times = new Map<FactEvent, number | null>();

  add(event: FactEvent, at: number | null): void {
    const known = this.#times.get(event) ?? null;
    this.#times.set(event, known === null || at === null ? (known ?? at) : Math.min(known, at));
  }

  addAll(others: LearnedEvents): void {
    for (const { event, at } of others.list()) this.add(event, at);
  }

  has(event: FactEvent): boolean {
    return this.#times.has(event);
  }

  /** ms; null where it has no time, or hasn't come. */
  timeOf(event: FactEvent): number | null {
    return this.#times.get(event) ?? null;
  }

  /** Earliest first, those without a time last; equal answers give equal lists. */
  list(): readonly Learned[] {
    return [...this.#times]
      .map(([event, at]) => ({ event, at }))
      .sort((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || inCourse(a.event, b.event));
  }
}

/**
 * Building blocks of the tolerant readers: a field that is missing or of another type reads as null (a list as
 * empty), because the partner's own pages contradict each other. Unknown fields are dropped, not kept.
 */

/** Longer texts are not names, words or times. */
const TEXT_LIMIT = 500;

/** Trimmed text; null when empty, too long or no text. */
export const text = z.string().trim().min(1).max(TEXT_LIMIT).nullable().catch(null);

/** An identifier that some answers give as a number. */
export const identifier = z
  .union([z.string().trim().min(1).max(TEXT_LIMIT), z.number().int().nonnegative().transform(String)])
  .nullable()
  .catch(null);

export const flag = z.boolean().nullable().catch(null);

/** Anything that came or didn't, to be looked at but never kept. */
export const anything = z.unknown().optional();

/** An object of which every field may be missing; anything else reads as null. */
export const block = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).nullable().catch(null);

/** A list as it came, or the values of an object (some answers key their entries). */
export const entries = z.union([
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()).transform((keyed) => Object.values(keyed)),
]);

/** A list; entries that don't fit are left out. */
export function listOf<Entry>(entry: z.ZodType<Entry | null>) {
  return entries.catch([]).transform((all) => {
    const read: Entry[] = [];
    for (const one of all) {
      const parsed = entry.safeParse(one);
      if (parsed.success && parsed.data !== null) read.push(parsed.data);
    }
    return read;
  });
}

/** Whether a value is an object with fields (no list, not null). */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an answer is about: some come in `{"data": …}`, some bare. */
export function unwrap(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { data } = body;
  return isObject(data) || Array.isArray(data) ? data : body;
}
