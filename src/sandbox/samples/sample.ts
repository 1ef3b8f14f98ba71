import { randomBytes, randomInt } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import { C4HXP_EVENTS, type C4hxpEvent } from '../../domain/events.js';
import { DAY, HOUR } from '../../domain/durations.js';
import { parseDuration } from '../../config/values.js';

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
