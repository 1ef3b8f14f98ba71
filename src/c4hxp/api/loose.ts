import { z } from 'zod';

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
