import { randomBytes } from 'node:crypto';
import type { C4hxpEvent } from '../../domain/events.js';
import { DAY, HOUR } from '../../domain/durations.js';

export interface SampleOverrides {
  /** When it happened; default now. */
  readonly at?: Date;
  readonly barcode?: string;
  readonly order?: string;
  readonly webhookId?: string;
  /** Values by path; a path that doesn't begin with `event`, `data` or `meta` is one inside `data`. */
  readonly set?: Readonly<Record<string, unknown>>;
}

/** A webhook as C4HXP sends them, before it is serialised. */
export interface Sample {
  readonly event: C4hxpEvent;
  readonly data: Record<string, unknown>;
  readonly meta: Record<string, unknown>;
}

/** Those of the partner's page, so that one can say `told 123456789012` after any sample. */
const BARCODE = '123456789012';
const ORDER = 'C4H-ORD-2024-001234';

/** A fresh webhook of this event: new id, new dates, the people and numbers of the partner's page. */
export function sampleEvent(event: C4hxpEvent, overrides: SampleOverrides = {}): Sample {
  const { at = new Date(), barcode = BARCODE, order = ORDER, set = {} } = overrides;
  const now = at.toISOString();
  const day = (days: number): string => new Date(at.getTime() + days * DAY).toISOString().slice(0, 10);
  const orderData = (status: string) => ({ id: 12345, order_number: order, status });
  const recipient = { first_name: 'John', last_name: 'Doe', email: 'john@example.com' };
  const patient = { first_name: 'Jane', last_name: 'Smith', email: 'jane@example.com' };
  const kit = { kit_barcode: barcode, kit_type: 'hormone_panel', patient };
  const tracking = { carrier: 'FedEx', tracking_number: '1234567890', estimated_delivery: day(3) };
  const summary = { total_biomarkers: 8, normal_count: 7, abnormal_count: 1, flags: ['high_cortisol'] };
  const hour = (hours: number): string => new Date(at.getTime() + hours * HOUR).toISOString();

  const data: Readonly<Record<C4hxpEvent, () => Record<string, unknown>>> = {
    'order.created': () => ({
      ...orderData('pending'),
      recipient,
      kit_types: ['hormone_panel'],
      created_at: now,
    }),
    'order.confirmed': () => ({ ...orderData('confirmed'), recipient, confirmed_at: now }),
    'order.shipped': () => ({
      ...orderData('shipped'),
      kits: [{ kit_id: 'KIT-123456', barcode, tracking }],
      shipped_at: now,
    }),
    'order.cancelled': () => ({ ...orderData('cancelled'), recipient, cancelled_at: now }),
    'kit.registered': () => ({ ...kit, collection_date: now, registered_at: now }),
    'kit.received_lab': () => ({ ...kit, received_at: now, estimated_completion: day(5) }),
    'kit.processing_started': () => ({ ...kit, started_at: now, estimated_completion: day(4) }),
    'kit.processing_completed': () => ({ ...kit, processing_completed_at: now }),
    'results.available': () => ({ ...kit, result_summary: summary, completed_at: now, pdf_available: true }),
    'results.reviewed': () => ({ ...kit, result_summary: summary, reviewed_at: now }),
    'system.maintenance_scheduled': () => ({ scheduled_start: hour(1), scheduled_end: hour(2) }),
    'system.maintenance_completed': () => ({ ended_at: now }),
  };
  const sample: Sample = {
    event,
    data: data[event](),
    meta: {
      timestamp: now,
      webhook_id: overrides.webhookId ?? `wh_${randomBytes(9).toString('hex')}`,
      api_version: '2.0.0',
    },
  };
  for (const [path, value] of Object.entries(set)) setAt(sample, readPath(path), value);
  return sample;
}

/** The bytes that are signed and sent. */
export const rawOf = (sample: object): Buffer => Buffer.from(JSON.stringify(sample));

const UNTOUCHABLE = new Set(['__proto__', 'prototype', 'constructor']);
const ROOTS = new Set(['event', 'data', 'meta']);

type Container = Record<string, unknown>;

/** `kits.0.barcode` means `data.kits.0.barcode`: what one wants to set is nearly always in `data`. */
export function readPath(path: string): string[] {
  const parts = path.split('.');
  if (parts.some((part) => part === '' || UNTOUCHABLE.has(part))) throw new Error(`"${path}" is no path`);
  return ROOTS.has(parts[0] ?? '') ? parts : ['data', ...parts];
}

/** The value at a path; undefined where there is none. */
export function valueAt(root: object, path: readonly string[]): unknown {
  let value: unknown = root;
  for (const part of path) {
    if (!isContainer(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** Sets the value at a path, making the objects on the way there. */
export function setAt(root: object, path: readonly string[], value: unknown): void {
  let place = root as Container;
  for (const part of path.slice(0, -1)) {
    const next = Object.hasOwn(place, part) ? place[part] : undefined;
    if (isContainer(next)) place = next;
    else place = place[part] = {} as Container;
  }
  const last = path.at(-1);
  if (last !== undefined) place[last] = value;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;
