import type { FactEvent } from '../../domain/events.js';
import type { Learned } from './answers.js';

/** How an order and a kit go, to put what happened at the same moment in order. */
const COURSE: readonly FactEvent[] = [
  'order.created',
  'order.confirmed',
  'order.shipped',
  'order.cancelled',
  'kit.shipped',
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'kit.processing_completed',
  'kit.failed',
  'kit.cancelled',
  'results.available',
  'results.reviewed',
];

/** Gathers events, each once, with the earliest time that came for it. */
export class LearnedEvents {
  readonly #times = new Map<FactEvent, number | null>();

  add(event: FactEvent, at: number | null): void {
    const known = this.#times.get(event) ?? null;
    this.#times.set(event, known === null || at === null ? (known ?? at) : Math.min(known, at));
  }

  has(event: FactEvent): boolean {
    return this.#times.has(event);
  }

  /** Earliest first, those without a time last; equal answers give equal lists. */
  list(): readonly Learned[] {
    return [...this.#times]
      .map(([event, at]) => ({ event, at }))
      .sort((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || COURSE.indexOf(a.event) - COURSE.indexOf(b.event));
  }
}
