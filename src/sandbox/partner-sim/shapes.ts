import type { Scan, SimKit, SimOrder, SimPerson } from './world.js';

/**
 * The partner's own pages describe two shapes: the reference's (`reference`: answers in `{"data": …}`, kits with a
 * timeline) and its OpenAPI's (`openapi`: bare objects and lists, flat kits). Each is served as a whole.
 */
export type Shape = 'reference' | 'openapi';

interface Shapes {
  kit(kit: SimKit): unknown;
  /** Null: the shape has no way to say that there are none, so that it is a 404. */
  results(kit: SimKit): unknown;
  order(order: SimOrder): unknown;
  tracking(kit: SimKit): unknown;
  health(): unknown;
}

const ADDRESS = { city: 'Anytown', state: 'CA', zip: '12345', country: 'US' };
const VERSION = '2.0.0';

const reference: Shapes = {
  kit: (kit) => ({
    data: {
      kit_barcode: kit.barcode,
      kit_type: kit.kitType,
      status: kit.status,
      patient: kit.patient === null ? null : named(kit.patient),
      timeline: kit.timeline,
      estimated_completion: kit.estimatedCompletion,
      created_at: kit.createdAt,
    },
  }),
  results: (kit) =>
    kit.completedAt === null
      ? null
      : {
          data: {
            kit_barcode: kit.barcode,
            status: kit.resultsStatus,
            completed_at: kit.completedAt,
            results: kit.results.map(({ id: _id, ...result }) => result),
            pdf_url: `/v2/public/results/${kit.id}/pdf`,
            physician_review: kit.review,
          },
        },
  order: (order) => ({
    data: {
      id: order.id,
      order_number: order.number,
      status: progressOf(order),
      recipient: {
        ...named(order.recipient),
        phone: order.recipient.phone,
        address: { street: '1 Main St', ...ADDRESS },
      },
      kit_types: order.kitTypes,
      kits: order.kits.map(({ barcode, status, tracking }) => ({ barcode, status, tracking })),
      created_at: order.createdAt,
      updated_at: order.updatedAt,
      ...(order.shippedAt === null ? {} : { shipped_at: order.shippedAt }),
    },
  }),
  tracking: (kit) => ({
    data: { kit_barcode: kit.barcode, tracking: kit.tracking, timeline: kit.timeline, events: kit.scans },
  }),
  health: () => ({ data: { status: 'healthy', version: VERSION, services: { database: 'healthy', lab: 'healthy' } } }),
};

const openapi: Shapes = {
  kit: (kit) => ({
    id: kit.id,
    kit_id: `KIT-${kit.id}`,
    kit_type_code: kit.kitType,
    order_id: kit.order.id,
    kit_status: kit.status,
    sample_status: sampleStatusOf(kit),
    shipment_to_customer: kit.tracking === null ? null : { ...kit.tracking, ...lastScan(kit, 'to_customer') },
    registered_to:
      kit.patient === null
        ? null
        : {
            patient_id: null,
            ...named(kit.patient),
            sex: null,
            phone: kit.patient.phone,
            date_of_birth: kit.patient.date_of_birth,
          },
    sample: sampleOf(kit),
    created: kit.createdAt,
    updated: kit.updatedAt,
  }),
  results: (kit) =>
    kit.results.map((result) => ({
      id: result.id,
      requisition_id: null,
      kit_id: kit.id,
      test_code: result.test_code,
      test_name: result.test_name,
      result_value: result.value,
      result_unit: result.unit,
      reference_range: result.reference_range,
      status: result.status,
      created_at: kit.completedAt,
    })),
  order: (order) => ({
    id: order.id,
    order_number: order.number,
    status: OPENAPI_STATUS[order.status],
    recipient: {
      ...named(order.recipient),
      phone: order.recipient.phone,
      address: { street1: '1 Main St', ...ADDRESS },
    },
    kit_types: order.kitTypes,
    meta: {},
    client_id: null,
    provider_id: null,
    created_at: order.createdAt,
    updated_at: order.updatedAt,
  }),
  tracking: (kit) => ({ kit_id: `KIT-${kit.id}`, history: kit.timeline, events: kit.scans }),
  health: () => ({ status: 'healthy', version: VERSION }),
};

export const SHAPES: Readonly<Record<Shape, Shapes>> = { reference, openapi };

const OPENAPI_STATUS = { pending: 'pending', confirmed: 'in_progress', shipped: 'in_progress', cancelled: 'canceled' };

const named = ({ first_name, last_name, email }: SimPerson): object => ({ first_name, last_name, email });

/** How a parcel stands, flat; nothing where no carrier has seen it. */
function lastScan({ scans }: SimKit, direction: Scan['direction']): object {
  const last = scans.filter((scan) => scan.direction === direction).at(-1);
  return last === undefined ? {} : { status: last.status, updated_at: last.timestamp };
}

/** Of a sample that is on its way, or further. While it is on its way, the carrier's word is its status. */
function sampleOf(kit: SimKit): object | null {
  const status = sampleStatusOf(kit);
  if (status === 'pending') return null;
  return {
    status,
    ...(kit.status === 'shipped_to_lab' ? lastScan(kit, 'to_lab') : {}),
    ...(kit.failure === null ? {} : { rejection_reason: kit.failure }),
  };
}

function sampleStatusOf({ status, timeline }: SimKit): string {
  if (status === 'failed') return 'rejected';
  if (status === 'processing' && timeline.some(({ event }) => event === 'processing_completed')) return 'completed';
  if (status === 'shipped_to_lab') return 'in_transit';
  if (status === 'received_lab') return 'received';
  return status === 'processing' || status === 'completed' ? status : 'pending';
}

/** The reference's order goes on with its kits: the least far of them counts. */
function progressOf(order: SimOrder): string {
  const stages = ['shipped', 'delivered', 'registered', 'in_lab', 'completed'] as const;
  if (order.status !== 'shipped') return order.status;
  const stageOf = ({ status }: SimKit): number => {
    if (status === 'completed') return 4;
    if (status === 'received_lab' || status === 'processing' || status === 'failed') return 3;
    if (status === 'registered' || status === 'shipped_to_lab') return 2;
    return status === 'delivered' ? 1 : 0;
  };
  return stages[Math.min(...order.kits.map(stageOf))] ?? 'shipped';
}
