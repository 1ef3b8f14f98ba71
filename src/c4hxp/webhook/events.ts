import { C4HXP_EVENTS, type C4hxpEvent } from '../../domain/events.js';

const KNOWN: ReadonlySet<string> = new Set(C4HXP_EVENTS);

export const isC4hxpEvent = (name: string): name is C4hxpEvent => KNOWN.has(name);

/**
 * Names that C4HXP's other pages, its SDK samples or a careless rename use for an event. They are not accepted: a guess
 * would tell a patient something the partner has not said. They only make the quarantine's reason helpful.
 */
const VARIANTS: Readonly<Record<C4hxpEvent, readonly string[]>> = {
  'order.created': ['order.create', 'order.new', 'order.placed', 'order.received', 'orders.created'],
  'order.confirmed': ['order.confirm', 'order.paid', 'order.approved', 'orders.confirmed'],
  'order.shipped': ['order.ship', 'order.dispatched', 'order.sent', 'kit.shipped', 'kits.shipped', 'orders.shipped'],
  'order.cancelled': ['order.canceled', 'order.cancel', 'order.voided', 'orders.cancelled', 'orders.canceled'],
  'kit.registered': ['kit.register', 'kit.activated', 'kit.registration', 'sample.registered', 'kits.registered'],
  'kit.received_lab': [
    'kit.received',
    'kit.received_at_lab',
    'kit.lab_received',
    'kit.in_lab',
    'kit.arrived',
    'sample.received',
    'sample.received_lab',
    'sample.received_at_lab',
    'lab.received',
  ],
  'kit.processing_started': [
    'kit.processing',
    'kit.process_started',
    'processing.started',
    'sample.processing',
    'sample.processing_started',
  ],
  'kit.processing_completed': [
    'kit.processed',
    'kit.processing_complete',
    'kit.processing_finished',
    'processing.completed',
    'sample.processed',
    'sample.processing_completed',
  ],
  'results.available': [
    'result.available',
    'result.ready',
    'results.ready',
    'result.completed',
    'results.completed',
    'result.created',
    'results.created',
    'order.completed',
    'kit.completed',
  ],
  'results.reviewed': ['result.reviewed', 'result.review', 'results.review', 'results.approved', 'result.approved'],
  'system.maintenance_scheduled': ['system.maintenance', 'maintenance.scheduled', 'system.maintenance_planned'],
  'system.maintenance_completed': ['maintenance.completed', 'system.maintenance_finished', 'system.maintenance_ended'],
};

/** Letters only, in lower case, parts joined by a dot: `Results_Available` and `results-available` are one spelling. */
const spelling = (name: string): string =>
  name
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((part) => part !== '')
    .join('.');

const HINTS: ReadonlyMap<string, C4hxpEvent> = new Map(
  C4HXP_EVENTS.flatMap((event) => [event, ...VARIANTS[event]].map((name) => [spelling(name), event] as const)),
);

/** The documented event that an unknown name probably means; null where it resembles none. */
export function hintFor(name: string): C4hxpEvent | null {
  return name.length > 64 ? null : (HINTS.get(spelling(name)) ?? null);
}
