import { EVENTS, inCourse, type FactEvent } from './events.js';
import type { FactBody } from './facts.js';
import type { KitState } from './subjects.js';

/** What carriers do with a kit, between us and the patient and between the patient and the lab. */
export const TRANSIT = ['delivered', 'not_delivered', 'posted', 'lost_in_transit'] as const;
type Transit = (typeof TRANSIT)[number];

/** One thing that is known of a kit's ways. */
export interface TransitStep {
  readonly what: Transit;
  /** When it happened (ms); null where that isn't known. */
  readonly at: number | null;
  /** When we heard of it first (ms). */
  readonly heardAt: number;
}

/** Whether a kit may still be on one of its ways; later they are history. */
export const isOnItsWay = (state: string): boolean => ON_ITS_WAY.some((one) => one === state);
const ON_ITS_WAY: readonly KitState[] = ['unknown', 'shipped', 'registered'];

/** What the partner's answers say of a kit's ways, in the order in which it happened or, failing that, was heard of. */
export function transitOf(facts: readonly FactBody[]): TransitStep[] {
  const found = new Map<FactEvent, TransitStep>();
  for (const { learned = [], receivedAt } of facts) {
    for (const { event, at } of learned) {
      const what = TRANSIT.find((one) => one === EVENTS[event].shows);
      if (what === undefined) continue;
      const before = found.get(event);
      // An event without a time of its own was given that of its answer.
      const times = [before?.at ?? null, at === receivedAt ? null : at].filter((time) => time !== null);
      found.set(event, {
        what,
        at: times.length === 0 ? null : Math.min(...times),
        heardAt: Math.min(before?.heardAt ?? receivedAt, receivedAt),
      });
    }
  }
  return [...found]
    .sort(([a, one], [b, other]) => (one.at ?? one.heardAt) - (other.at ?? other.heardAt) || inCourse(a, b))
    .map(([, step]) => step);
}
