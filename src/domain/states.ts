import type { FactEvent } from './facts.js';
import type { KitState, OrderState } from './vocabulary.js';

/** Whether an event is among the facts, in whatever order they came and however often. */
export type Has = (event: FactEvent) => boolean;

/** From the highest: the first one that the facts bear out is the state. */
const KIT: readonly (readonly [KitState, readonly FactEvent[]])[] = [
  ['results.reviewed', ['results.reviewed']],
  ['results.available', ['results.available']],
  ['cancelled', ['order.cancelled', 'kit.cancelled']],
  ['failed', ['kit.failed']],
  ['processing', ['kit.processing_started', 'kit.processing_completed']],
  ['received_lab', ['kit.received_lab']],
  ['registered', ['kit.registered']],
  ['shipped', ['order.shipped', 'kit.shipped']],
];

const ORDER: readonly (readonly [OrderState, readonly FactEvent[]])[] = [
  ['cancelled', ['order.cancelled']],
  ['shipped', ['order.shipped']],
  ['confirmed', ['order.confirmed']],
  ['created', ['order.created']],
];

/** A kit's state is a function of the set of its facts, never of their arrival. */
export const kitState = (has: Has): KitState => KIT.find(([, events]) => events.some(has))?.[0] ?? 'unknown';

/** An order's likewise. */
export const orderState = (has: Has): OrderState => ORDER.find(([, events]) => events.some(has))?.[0] ?? 'unknown';
