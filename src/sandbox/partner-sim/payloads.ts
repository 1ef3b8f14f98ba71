import type { SimEvent } from './events.js';
import type { SimPerson } from './people.js';
import type { SimKit, SimOrder } from './world.js';

/**
 * `data` of each webhook. Four are documented on the partner's page (order.created, order.shipped, kit.registered,
 * results.available); the others follow their nearest documented sibling.
 */
export type Payload = Readonly<Record<string, unknown>>;

export const orderPayload = (order: SimOrder, event: SimEvent, at: string): Payload => ({
  id: order.id,
  order_number: order.number,
  status: order.status,
  ...(event === 'order.shipped' ? shipment(order, at) : orderNews(order, event, at)),
});

const orderNews = (order: SimOrder, event: SimEvent, at: string): Payload => ({
  recipient: named(order.recipient),
  kit_types: order.kitTypes,
  ...(event === 'order.created' ? { created_at: order.createdAt } : {}),
  ...(event === 'order.confirmed' ? { confirmed_at: at } : {}),
  ...(event === 'order.cancelled' ? { cancelled_at: at } : {}),
});

const shipment = (order: SimOrder, at: string): Payload => ({
  kits: order.kits.map((kit) => ({ kit_id: `KIT-${kit.id}`, barcode: kit.barcode, tracking: kit.tracking })),
  shipped_at: at,
});

const TIME_FIELDS: Partial<Record<SimEvent, string>> = {
  'kit.registered': 'registered_at',
  'kit.received_lab': 'received_at',
  'kit.processing_started': 'started_at',
  'kit.processing_completed': 'completed_at',
  'results.available': 'completed_at',
  'results.reviewed': 'reviewed_at',
};

export function kitPayload(kit: SimKit, event: SimEvent, at: string): Payload {
  const timeField = TIME_FIELDS[event] ?? 'updated_at';
  return {
    kit_barcode: kit.barcode,
    kit_type: kit.kitType,
    ...(kit.patient === null ? {} : { patient: named(kit.patient) }),
    ...(event === 'kit.registered' ? { collection_date: at } : {}),
    ...(event === 'kit.received_lab' || event === 'kit.processing_started'
      ? { estimated_completion: kit.estimatedCompletion }
      : {}),
    ...(event === 'results.available' ? { result_summary: summaryOf(kit), pdf_available: true } : {}),
    ...(event === 'results.reviewed' ? { physician_review: { reviewed: true, reviewer: kit.review?.reviewer } } : {}),
    [timeField]: at,
  };
}

export const maintenancePayload = (from: string, until: string, event: SimEvent): Payload =>
  event === 'system.maintenance_scheduled'
    ? { scheduled_start: from, scheduled_end: until, description: 'Planned maintenance of the API' }
    : { completed_at: until, description: 'Maintenance is over' };

function summaryOf(kit: SimKit): Payload {
  const normal = kit.results.filter(({ status }) => status === 'normal').length;
  return {
    total_biomarkers: kit.results.length,
    normal_count: normal,
    abnormal_count: kit.results.length - normal,
    flags: kit.results.flatMap(({ flags }) => flags),
  };
}

const named = ({ first_name, last_name, email }: SimPerson): Payload => ({ first_name, last_name, email });
