import type { KitEvent, OrderEvent } from '../../domain/events.js';
import { ApiRefusal, notFound } from './refusal.js';
import {
  kitPayload,
  kitsCancelledPayload,
  maintenancePayload,
  orderPayload,
  parcelPayload,
  type Emit,
  type Payload,
} from './webhooks.js';
import {
  personNumber,
  type KitStatus,
  type Scan,
  type NewOrder,
  type SimKit,
  type SimOrder,
  type SimPerson,
  type World,
} from './world.js';
import { DAY } from '../../domain/durations.js';
import { amendedPanel, panel } from './results.js';

/** What the API lists of a kit's results, whatever its status is. */
export interface Listing {
  /** Default: `completed`. */
  readonly kit?: KitStatus | undefined;
  /** The word for the set (which the OpenAPI's shape has no place for). Default: `completed`. */
  readonly set?: string | undefined;
  /** A word for each test. Default: none, of which the reference's shape makes a 404. */
  readonly tests?: readonly string[] | undefined;
  readonly flags?: readonly string[] | undefined;
}

interface How {
  /** The records change, but no webhook tells of it: it was lost at the partner's. */
  readonly silent?: boolean | undefined;
}

interface Shipping extends How {
  /** Also of an order that has been cancelled: the warehouse didn't hear of it. */
  readonly anyway?: boolean | undefined;
}

/**
 * What happens at the partner's. Each step changes the records that the API answers from and emits the webhook that
 * tells of it, so that both always agree. Steps may come in any order that the records allow; a step that they don't
 * allow is an ApiRefusal.
 */
export interface Business {
  readonly order: (order?: Omit<NewOrder, 'at'>, how?: How) => SimOrder;
  readonly confirm: (orderNumber: string, how?: How) => void;
  /** A parcel with the kits that haven't left yet; with all of them, where all have. */
  readonly ship: (orderNumber: string, how?: Shipping) => void;
  readonly cancel: (orderNumber: string, how?: How) => void;
  /** Some kits of an order; order.cancelled names them. The order is cancelled with its last kit. */
  readonly cancelKits: (orderNumber: string, barcodes: readonly string[], how?: How) => void;
  /** No webhook is documented for it. */
  readonly deliver: (barcode: string) => void;
  readonly register: (barcode: string, patient?: SimPerson, how?: How) => void;
  /** What the carrier says of the parcel that is on its way, in the carrier's words; no webhook tells of it. */
  readonly scan: (barcode: string, status: string) => void;
  /** The patient posts the sample; no webhook is documented for it. */
  readonly postSample: (barcode: string) => void;
  readonly receiveAtLab: (barcode: string, how?: How) => void;
  readonly startProcessing: (barcode: string, how?: How) => void;
  readonly completeProcessing: (barcode: string, how?: How) => void;
  readonly releaseResults: (barcode: string, flags?: readonly string[], how?: How) => void;
  /** A day on which the API tells of results that aren't there, or not all; no webhook does. */
  readonly listResults: (barcode: string, listing?: Listing) => void;
  readonly review: (barcode: string, how?: How) => void;
  /** The lab corrects a value. Flags as before: the summary stays the same. A review of the former version is gone. */
  readonly amend: (barcode: string, flags?: readonly string[], how?: How) => void;
  /** The lab can't use the sample, for a reason in its own words; only the API tells. */
  readonly fail: (barcode: string, reason?: string) => void;
  /** One more kit of the same type in the same order; no webhook tells of it until it is shipped. */
  readonly replace: (barcode: string, replacement?: string) => SimKit;
  /** The status alone, so that it and the timeline contradict each other. */
  readonly setStatus: (barcode: string, status: KitStatus) => void;
  /** Whether the API knows the kit: one that it has lost sight of is a 404. */
  readonly hide: (barcode: string, hidden: boolean) => void;
  readonly scheduleMaintenance: (from: Date, until: Date, how?: How) => void;
  readonly completeMaintenance: (how?: How) => void;
  /** The window that is on at this moment (ms), else null. */
  readonly maintenance: () => { readonly until: number } | null;
}

interface BusinessOptions {
  readonly world: World;
  readonly emit: Emit;
  /** ms */
  readonly clock: () => number;
}

export function createBusiness({ world, emit, clock }: BusinessOptions): Business {
  let window: { from: number; until: number } | null = null;
  const now = (): string => new Date(clock()).toISOString();

  function orderStep(
    orderNumber: string,
    event: OrderEvent,
    { silent, anyway }: Shipping,
    /** Returns what the webhook says. */
    change: (order: SimOrder, at: string) => Payload,
  ): void {
    const order = world.order(orderNumber);
    if (order === undefined) throw notFound('order');
    if (order.status === 'cancelled' && anyway !== true)
      throw new ApiRefusal(409, 'ORDER_INVALID_STATE', 'The order has been cancelled');
    const at = now();
    const payload = change(order, at);
    order.updatedAt = at;
    if (silent !== true) emit(event, payload, order.number);
  }

  function kitStep(
    barcode: string,
    status: KitStatus | null,
    told: { readonly timeline?: string; readonly event?: KitEvent } & How,
    change: (kit: SimKit, at: string) => void = () => undefined,
  ): void {
    const kit = kitOf(barcode);
    const at = now();
    change(kit, at);
    if (status !== null) kit.status = status;
    kit.updatedAt = at;
    if (told.timeline !== undefined)
      kit.timeline.push({ event: told.timeline, timestamp: at, description: told.timeline.replaceAll('_', ' ') });
    if (told.event !== undefined && told.silent !== true)
      emit(told.event, kitPayload(kit, told.event, at), kit.barcode);
  }

  function kitOf(barcode: string): SimKit {
    const kit = world.kit(barcode);
    if (kit === undefined) throw notFound('kit');
    return kit;
  }

  const scanned = (kit: SimKit, direction: Scan['direction'], status: string, timestamp: string): void => {
    kit.scans.push({ direction, status, timestamp });
  };

  return {
    order: (order = {}, how = {}) => {
      const added = world.addOrder({ ...order, at: now() });
      if (how.silent !== true)
        emit('order.created', orderPayload(added, 'order.created', added.createdAt), added.number);
      return added;
    },
    confirm: (orderNumber, how = {}) => {
      orderStep(orderNumber, 'order.confirmed', how, (order, at) => {
        order.status = 'confirmed';
        order.confirmedAt = at;
        return orderPayload(order, 'order.confirmed', at);
      });
    },
    ship: (orderNumber, how = {}) => {
      orderStep(orderNumber, 'order.shipped', how, (order, at) => {
        order.status = 'shipped';
        order.shippedAt = at;
        const left = order.kits.filter(({ tracking }) => tracking === null);
        const parcel = left.length === 0 ? order.kits : left;
        for (const kit of parcel) {
          kit.tracking = {
            carrier: 'FedEx',
            tracking_number: String(1_234_560_000 + kit.id),
            estimated_delivery: new Date(clock() + 3 * DAY).toISOString().slice(0, 10),
          };
          kitStep(kit.barcode, 'shipped', { timeline: 'kit_shipped' });
          scanned(kit, 'to_customer', 'in_transit', at);
        }
        return parcelPayload(order, parcel, at);
      });
    },
    cancel: (orderNumber, how = {}) => {
      orderStep(orderNumber, 'order.cancelled', how, (order, at) => {
        order.status = 'cancelled';
        order.cancelledAt = at;
        for (const kit of order.kits) if (kit.status !== 'completed') kitStep(kit.barcode, 'cancelled', {});
        return orderPayload(order, 'order.cancelled', at);
      });
    },
    cancelKits: (orderNumber, barcodes, how = {}) => {
      orderStep(orderNumber, 'order.cancelled', how, (order, at) => {
        const kits = barcodes.map(kitOf);
        if (kits.some((kit) => kit.order !== order)) throw notFound('kit in this order');
        for (const { barcode } of kits) kitStep(barcode, 'cancelled', {});
        if (order.kits.every(({ status }) => status === 'cancelled')) {
          order.status = 'cancelled';
          order.cancelledAt = at;
        }
        return kitsCancelledPayload(order, kits, at);
      });
    },
    deliver: (barcode) => {
      kitStep(barcode, 'delivered', {}, (kit, at) => {
        scanned(kit, 'to_customer', 'delivered', at);
      });
    },
    scan: (barcode, status) => {
      kitStep(barcode, null, {}, (kit, at) => {
        scanned(kit, isStillOut(kit) ? 'to_customer' : 'to_lab', status, at);
      });
    },
    register: (barcode, patient, how = {}) => {
      kitStep(barcode, 'registered', { timeline: 'kit_registered', event: 'kit.registered', ...how }, (kit) => {
        if (kit.patient !== null)
          throw new ApiRefusal(409, 'KIT_ALREADY_REGISTERED', 'This kit has been registered already');
        kit.patient = patient ?? personNumber(kit.id);
      });
    },
    postSample: (barcode) => {
      kitStep(barcode, 'shipped_to_lab', {}, (kit, at) => {
        scanned(kit, 'to_lab', 'in_transit', at);
      });
    },
    receiveAtLab: (barcode, how = {}) => {
      kitStep(barcode, 'received_lab', { timeline: 'kit_received_lab', event: 'kit.received_lab', ...how }, (kit) => {
        kit.estimatedCompletion = new Date(clock() + 5 * DAY).toISOString();
      });
    },
    startProcessing: (barcode, how = {}) => {
      kitStep(barcode, 'processing', { timeline: 'processing_started', event: 'kit.processing_started', ...how });
    },
    completeProcessing: (barcode, how = {}) => {
      kitStep(barcode, null, { timeline: 'processing_completed', event: 'kit.processing_completed', ...how });
    },
    releaseResults: (barcode, flags = [], how = {}) => {
      kitStep(barcode, 'completed', { event: 'results.available', ...how }, (kit, at) => {
        kit.results = panel(kit.id, flags);
        kit.resultsStatus = 'completed';
        kit.completedAt = at;
      });
    },
    listResults: (barcode, { kit: status = 'completed', set = 'completed', tests = [], flags = [] } = {}) => {
      kitStep(barcode, status, {}, (kit, at) => {
        const all = panel(kit.id, flags);
        kit.results = tests.flatMap((word, n) => all.slice(n, n + 1).map((result) => ({ ...result, status: word })));
        kit.resultsStatus = set;
        kit.completedAt = tests.length === 0 ? null : at;
      });
    },
    review: (barcode, how = {}) => {
      kitStep(barcode, null, { event: 'results.reviewed', ...how }, (kit, at) => {
        kit.review = { reviewed: true, reviewer: 'Dr. Example', reviewed_at: at, notes: 'Looked at.' };
      });
    },
    amend: (barcode, flags = [], how = {}) => {
      kitStep(barcode, 'completed', { event: 'results.available', ...how }, (kit, at) => {
        kit.results = amendedPanel(kit.id, flags);
        kit.review = null;
        kit.completedAt = at;
      });
    },
    fail: (barcode, reason = 'Specimen unsuitable for analysis') => {
      kitStep(barcode, 'failed', {}, (kit, at) => {
        kit.failure = reason;
        kit.timeline.push({ event: 'kit_failed', timestamp: at, description: reason });
      });
    },
    replace: (barcode, replacement) => {
      const kit = kitOf(barcode);
      return world.addKit(kit.order, kit.kitType, replacement, now());
    },
    setStatus: (barcode, status) => {
      kitStep(barcode, status, {});
    },
    hide: (barcode, hidden) => {
      kitOf(barcode).hidden = hidden;
    },
    scheduleMaintenance: (from, until, how = {}) => {
      window = { from: from.getTime(), until: until.getTime() };
      const event = 'system.maintenance_scheduled';
      if (how.silent !== true) emit(event, maintenancePayload(from.toISOString(), until.toISOString(), event), null);
    },
    completeMaintenance: (how = {}) => {
      const from = new Date(window?.from ?? clock()).toISOString();
      window = null;
      const event = 'system.maintenance_completed';
      if (how.silent !== true) emit(event, maintenancePayload(from, now(), event), null);
    },
    maintenance: () => {
      const at = clock();
      return window !== null && window.from <= at && at < window.until ? { until: window.until } : null;
    },
  };
}

const isStillOut = ({ status }: SimKit): boolean => status === 'created' || status === 'shipped';
