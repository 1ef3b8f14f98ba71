import { randomInt } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import { C4HXP_EVENTS } from '../../domain/events.js';
import { parseDuration } from '../../config/values.js';
import { sampleEvent, type Sample } from './sample.js';

const step = z.object({
  event: z.enum(C4HXP_EVENTS),
  /** How long after the event before it: `2d`, `90s`. */
  after: z
    .string()
    .default('0s')
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== null) return ms;
      context.addIssue({ code: 'custom', message: 'must be a duration such as 90s or 2d' });
      return z.NEVER;
    }),
  set: z.record(z.string(), z.unknown()).default({}),
});

/** Other keys are for those who check what comes of the journey. */
const journey = z.object({ events: z.array(step).min(1) });
export type Journey = z.output<typeof journey>;

/**
 * Reads a journey: YAML (or JSON) with `events`, each with `event`, `after` (since the one before) and `set`.
 * @throws Error with one line for each fault.
 */
export function readJourney(text: string): Journey {
  const parsed = journey.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
}

/**
 * The webhooks of a journey, with fresh dates: the last event happens at `end`, the others as much earlier as the
 * journey says. Its kit and order are new ones, so that nothing was told of them; `{kit}`, `{kit2}` …, `{order}`,
 * `{order2}` … in a value stand for them. `names` (such as kit → XP00000001) gives them beforehand, and holds them afterwards.
 */
export function samplesOf({ events }: Journey, end: Date, names = new Map<string, string>()): Sample[] {
  const nameFor = (placeholder: string): string => {
    const name = names.get(placeholder) ?? (placeholder.startsWith('order') ? freshOrder(end) : freshBarcode());
    names.set(placeholder, name);
    return name;
  };
  let at = end.getTime() - events.slice(1).reduce((total, { after }) => total + after, 0);
  return events.map(({ event, after, set }, index) => {
    if (index > 0) at += after;
    return sampleEvent(event, {
      at: new Date(at),
      barcode: nameFor('kit'),
      order: nameFor('order'),
      set: Object.fromEntries(Object.entries(set).map(([path, value]) => [path, filledIn(value, nameFor)])),
    });
  });
}

function filledIn(value: unknown, nameFor: (placeholder: string) => string): unknown {
  if (typeof value === 'string') return value.replace(/\{((?:kit|order)\d*)\}/g, (_, name: string) => nameFor(name));
  if (Array.isArray(value)) return value.map((item) => filledIn(item, nameFor));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, nameFor)]));
}

const digits = (count: number): string => String(randomInt(10 ** count)).padStart(count, '0');
const freshBarcode = (): string => `XP${digits(8)}`;
const freshOrder = (at: Date): string => `C4H-ORD-${String(at.getUTCFullYear())}-${digits(6)}`;
