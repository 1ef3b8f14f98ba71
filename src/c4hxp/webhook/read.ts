import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { type C4hxpEvent, isC4hxpEvent, isKitEvent, isOrderEvent } from '../../domain/events.js';
import type { Arrival, KeyedHash, Routed } from '../../domain/arrivals.js';
import { isOrder, nameOf, STAFF, type Subject } from '../../domain/subjects.js';
import { believedTime, expectedTime } from '../times.js';
import { eventNamed, hintFor, WEBHOOK_EVENTS } from './events.js';
import { type Circumstances, type Meaning, meaningForKit, meaningForOrder } from './facts.js';
import { envelopeSchema, type KitData, type MaintenanceData, type OrderData } from './schemas.js';
import { hintsOf, hintsOfBytes, subjectsNamedIn } from './unreadable.js';

export interface ReadingOptions {
  /** ms */
  readonly receivedAt: number;
  readonly hash: KeyedHash;
  /** IANA zone for calendar dates of people whose zone is unknown. */
  readonly defaultZone: string;
  /** Whether facts say if results need a review: only under RESULTS_RELEASE=available_unless_flagged. */
  readonly revealFlags: boolean;
}

/** No blank and no `@`: a sentence or an address is no id, and would stand in clear. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:/+=~-]{0,199}$/;
/** An id that may stand in text columns and in Temporal, and that can't be taken for one of our own causes. */
const CAUSE_ID = /^(?!(?:body|timer|operator|reconciled|mail):)[A-Za-z0-9._:-]{1,100}$/;
const MOST_PATHS = 5;

/**
 * Reads a signed webhook. Never throws, whatever the bytes: what can't be understood comes back quarantined, with a
 * reason that names known paths and never values or unknown keys, and with a fact for whom it seems to be about.
 */
export function readWebhook(raw: Buffer, options: ReadingOptions): Arrival {
  try {
    return read(raw, options);
  } catch {
    // A fault of ours. Kept and visible it can be replayed after a fix; a 500 would end with the partner giving up.
    return quarantined(raw, options, 'invalid_data', { body: parseJson(raw) });
  }
}

function read(raw: Buffer, options: ReadingOptions): Arrival {
  const body = parseJson(raw);
  const unread = (reason: string, event: C4hxpEvent | null = null): Arrival =>
    quarantined(raw, options, reason, { body, event });
  if (!isUtf8(raw)) return unread('not_utf8');
  if (body === undefined) return unread('not_json');
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return unread('not_object');

  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success) return unread(faults('', pathsOf(envelope.error)));
  const { meta, data } = envelope.data;
  const event = eventNamed(envelope.data.event);
  if (!isC4hxpEvent(event)) {
    const hint = hintFor(envelope.data.event);
    return unread(hint === null ? 'unknown_event' : `unknown_event:${hint}`);
  }
  const parsed = WEBHOOK_EVENTS[event].data.safeParse(data);
  if (!parsed.success) return unread(faults('data', pathsOf(parsed.error)), event);

  const { receivedAt, defaultZone, hash, revealFlags } = options;
  const externalId = usableId(meta?.webhook_id);
  const cause = causeOf(externalId, raw, hash);
  const around = { cause, receivedAt, timestamp: meta?.timestamp, hash, defaultZone, revealFlags };
  const { unread: paths = [], ...meaning } = meaningOf(event, parsed.data, around);
  return {
    source: 'c4hxp',
    externalId,
    event,
    verdict: 'accepted',
    reason: paths.length === 0 ? null : faults('data', paths),
    receivedAt,
    raw,
    ...meaning,
  };
}

/** Kept as it came, and told to those whom it names, else to the team: `body`, as far as the bytes are a document. */
function quarantined(
  raw: Buffer,
  { receivedAt, hash }: ReadingOptions,
  reason: string,
  { body, event = null }: { readonly body: unknown; readonly event?: C4hxpEvent | null },
): Arrival {
  const externalId = idOf(body);
  const unreadable = body === undefined ? hintsOfBytes(raw) : hintsOf(body);
  const cause = causeOf(externalId, raw, hash);
  const named = subjectsNamedIn(body);
  const concerned: readonly Subject[] = named.length > 0 || !unreadable.aboutResults ? named : [STAFF];
  const routed = concerned.map((subject): Routed => {
    const order = isOrder(subject) ? { order: nameOf(subject) } : {};
    const fact = { event: 'webhook.unreadable' as const, cause, receivedAt, at: receivedAt, ...order, unreadable };
    return { subject, fact, details: null };
  });
  return {
    source: 'c4hxp',
    externalId,
    event,
    verdict: 'quarantined',
    reason,
    eventAt: null,
    receivedAt,
    raw,
    routed,
    unreadable,
    links: [],
  };
}

/** The event's own schema has already made sure that `data` is what it says. */
function meaningOf(event: C4hxpEvent, data: unknown, around: Circumstances): Meaning {
  if (isOrderEvent(event)) return meaningForOrder(event, data as OrderData, around);
  if (isKitEvent(event)) return meaningForKit(event, data as KitData, around);
  const over = event === 'system.maintenance_completed';
  return {
    eventAt: believedTime([around.timestamp], around.receivedAt, around.defaultZone),
    routed: [],
    links: [],
    maintenance: readMaintenance(data as MaintenanceData, over, around.receivedAt, around.defaultZone),
  };
}

/**
 * What a fact and `told` name as the cause: the webhook's id, or, where it has none that can stand everywhere, `body:`
 * and a keyed hash of its bytes.
 */
function causeOf(externalId: string | null, raw: Buffer, hash: KeyedHash): string {
  if (externalId !== null && CAUSE_ID.test(externalId)) return externalId;
  return `body:${hash('body', raw).toString('hex')}`;
}

/** Undefined where it is no JSON, signs that are no UTF-8 left aside. A byte order mark is no part of it (RFC 8259, 8.1). */
function parseJson(raw: Buffer): unknown {
  const text = raw.toString('utf8');
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text) as unknown;
  } catch {
    return undefined;
  }
}

function usableId(id: unknown): string | null {
  return typeof id === 'string' && ID.test(id) ? id : null;
}

/** The id of a webhook that is otherwise unreadable. */
function idOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('meta' in body)) return null;
  const { meta } = body;
  return typeof meta === 'object' && meta !== null && 'webhook_id' in meta ? usableId(meta.webhook_id) : null;
}

const pathsOf = (error: z.ZodError): readonly (readonly PropertyKey[])[] => error.issues.map(({ path }) => path);

/** `invalid_data:` and the first known paths that are at fault; a path holds names of our schemas and indexes only. */
function faults(root: string, paths: readonly (readonly PropertyKey[])[]): string {
  const told = paths.map((path) => [root, ...path].filter((part) => part !== '').join('.'));
  return `invalid_data:${[...new Set(told)].slice(0, MOST_PATHS).join(',')}`;
}

/** C4HXP documents these events by name only: the fields in which such a window is usually told. */
const STARTS = [
  'scheduled_start',
  'start_time',
  'starts_at',
  'started_at',
  'start_at',
  'start',
  'scheduled_for',
  'from',
];
const ENDS = ['scheduled_end', 'end_time', 'ends_at', 'ended_at', 'end_at', 'end', 'estimated_end', 'until'];
const WRAPPERS = ['maintenance', 'maintenance_window', 'window'];

type Fields = Readonly<Record<string, unknown>>;

/** The window that a maintenance event announces or, when `over`, ends; null for what it doesn't say. */
function readMaintenance(
  data: MaintenanceData,
  over: boolean,
  receivedAt: number,
  zone: string,
): NonNullable<Arrival['maintenance']> {
  const fields: Fields = data ?? {};
  const places = [fields, ...WRAPPERS.map((name) => fields[name]).filter(isFields)];
  const first = (names: readonly string[]): number | null => {
    for (const place of places)
      for (const name of names) {
        const at = expectedTime(place[name], receivedAt, zone);
        if (at !== null) return at;
      }
    return null;
  };
  return { from: first(STARTS), until: first(ENDS), over };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
