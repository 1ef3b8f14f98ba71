import type { z } from 'zod';
import { C4HXP_EVENTS, type C4hxpEvent } from '../../domain/events.js';
import { cancelledOrderData, kitData, maintenanceData, orderData, shippedOrderData } from './schemas.js';

export interface WebhookEvent {
  readonly data: z.ZodType;
  /** The fields in which it tells its own time, the likeliest first: documented, else after its siblings. */
  readonly times: readonly string[];
  /**
   * Names that C4HXP's other pages, its SDK samples or a careless rename use for it. They are not accepted: a guess
   * would tell a patient something the partner has not said. They only make the quarantine's reason helpful.
   */
  readonly variants: readonly string[];
}

/**
 * What C4HXP says by each of its twelve events. The data of four is documented (order.created, order.shipped,
 * kit.registered, results.available); the others follow their siblings.
 */
export const WEBHOOK_EVENTS = {
  'order.created': {
    data: orderData,
    times: ['created_at'],
    variants: ['order.create', 'order.new', 'order.placed', 'order.received', 'orders.created'],
  },
  'order.confirmed': {
    data: orderData,
    times: ['confirmed_at'],
    variants: ['order.confirm', 'order.paid', 'order.approved', 'orders.confirmed'],
  },
  'order.shipped': {
    data: shippedOrderData,
    times: ['shipped_at'],
    variants: ['order.ship', 'order.dispatched', 'order.sent', 'kit.shipped', 'kits.shipped', 'orders.shipped'],
  },
  'order.cancelled': {
    data: cancelledOrderData,
    times: ['cancelled_at', 'canceled_at'],
    variants: ['order.canceled', 'order.cancel', 'order.voided', 'orders.cancelled', 'orders.canceled'],
  },
  'kit.registered': {
    data: kitData,
    times: ['registered_at'],
    variants: ['kit.register', 'kit.activated', 'kit.registration', 'sample.registered', 'kits.registered'],
  },
  'kit.received_lab': {
    data: kitData,
    times: ['received_at', 'received_lab_at'],
    variants: [
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
  },
  'kit.processing_started': {
    data: kitData,
    times: ['processing_started_at', 'started_at'],
    variants: [
      'kit.processing',
      'kit.process_started',
      'processing.started',
      'sample.processing',
      'sample.processing_started',
    ],
  },
  'kit.processing_completed': {
    data: kitData,
    times: ['processing_completed_at', 'completed_at'],
    variants: [
      'kit.processed',
      'kit.processing_complete',
      'kit.processing_finished',
      'processing.completed',
      'sample.processed',
      'sample.processing_completed',
    ],
  },
  'results.available': {
    data: kitData,
    times: ['completed_at', 'available_at'],
    variants: [
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
  },
  'results.reviewed': {
    data: kitData,
    // Not completed_at: that is when the results were ready, and would make a fresh review look old.
    times: ['reviewed_at'],
    variants: ['result.reviewed', 'result.review', 'results.review', 'results.approved', 'result.approved'],
  },
  // Of maintenance `meta.timestamp` dates the announcement: the times in its data are those of the window.
  'system.maintenance_scheduled': {
    data: maintenanceData,
    times: [],
    variants: ['system.maintenance', 'maintenance.scheduled', 'system.maintenance_planned'],
  },
  'system.maintenance_completed': {
    data: maintenanceData,
    times: [],
    variants: ['maintenance.completed', 'system.maintenance_finished', 'system.maintenance_ended'],
  },
} as const satisfies Record<C4hxpEvent, WebhookEvent>;

/** The name as the documentation would spell it, where only case and blanks differ. */
export const eventNamed = (name: string): string =>
  name.length > 200 ? name : name.replace(/[\s\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu, '').toLowerCase();

/** Letters only, in lower case, parts joined by a dot: `Results_Available` and `results-available` are one spelling. */
const spelling = (name: string): string =>
  name
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((part) => part !== '')
    .join('.');

const HINTS: ReadonlyMap<string, C4hxpEvent> = new Map(
  C4HXP_EVENTS.flatMap((event) =>
    [event, ...WEBHOOK_EVENTS[event].variants].map((name) => [spelling(name), event] as const),
  ),
);

/** The documented event that an unknown name probably means; null where it resembles none. */
export function hintFor(name: string): C4hxpEvent | null {
  return name.length > 64 ? null : (HINTS.get(spelling(name)) ?? null);
}
