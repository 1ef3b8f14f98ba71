import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { isC4hxpEvent, isKitEvent, isOrderEvent, type C4hxpEvent } from '../../domain/events.js';
import type { Arrival, KeyedHash } from '../../domain/arrivals.js';
import { believedTime } from '../times.js';
import { hintFor, WEBHOOK_EVENTS } from './events.js';
import { meaningForKit, meaningForOrder, type Circumstances, type Meaning } from './facts.js';
import { readMaintenance } from './maintenance.js';
import { envelopeSchema, type KitData, type MaintenanceData, type OrderData } from './schemas.js';

export interface ReadingOptions {
  /** As the request said it; null where it said none, or where it no longer matters (a replay). */
  readonly contentType: string | null;
  /** ms */
  readonly receivedAt: number;
  readonly hash: KeyedHash;
  /** IANA zone for calendar dates of people whose zone is unknown. */
  readonly defaultZone: string;
  /** Whether facts say if results need a review: only under RESULTS_RELEASE=available_unless_flagged. */
  readonly revealFlags: boolean;
}

const PRINTABLE_ID = /^[\x20-\x7e]{1,200}$/;
/** An id that may stand in text columns and in Temporal, and that can't be taken for one of our own causes. */
const CAUSE_ID = /^(?!(?:body|timer|operator|reconciled|mail):)[A-Za-z0-9._:-]{1,100}$/;
const MOST_PATHS = 5;

/**
 * Reads a signed webhook. Never throws, whatever the bytes: what can't be understood comes back quarantined, with a
 * reason that names known paths and never values or unknown keys.
 */
export function readWebhook(raw: Buffer, options: ReadingOptions): Arrival {
  const quarantined = (reason: string, known: Partial<Arrival> = {}): Arrival => ({
    source: 'c4hxp',
    externalId: null,
    event: null,
    eventAt: null,
    receivedAt: options.receivedAt,
    raw,
    ...known,
    verdict: 'quarantined',
    reason,
    routed: [],
    links: [],
  });
  try {
    return read(raw, options, quarantined);
  } catch {
    // A fault of ours. Kept and visible it can be replayed after a fix; a 500 would end with the partner giving up.
    return quarantined('invalid_data');
  }
}

type Quarantine = (reason: string, known?: Partial<Arrival>) => Arrival;

function read(raw: Buffer, options: ReadingOptions, quarantined: Quarantine): Arrival {
  if (!saysJson(options.contentType)) return quarantined('unexpected_content_type');
  if (!isUtf8(raw)) return quarantined('not_utf8');
  const body = parseJson(raw);
  if (body === undefined) return quarantined('not_json');
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return quarantined('not_object');

  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success) return quarantined(faults('', envelope.error), { externalId: idOf(body) });
  const { event, meta, data } = envelope.data;
  const externalId = usableId(meta?.webhook_id);
  if (!isC4hxpEvent(event)) {
    const hint = hintFor(event);
    return quarantined(hint === null ? 'unknown_event' : `unknown_event:${hint}`, { externalId });
  }
  const parsed = WEBHOOK_EVENTS[event].data.safeParse(data);
  if (!parsed.success) return quarantined(faults('data', parsed.error), { externalId, event });

  const { receivedAt, defaultZone, hash, revealFlags } = options;
  const cause = causeOf(externalId, raw, hash);
  const around = { cause, receivedAt, timestamp: meta?.timestamp, hash, defaultZone, revealFlags };
  return {
    source: 'c4hxp',
    externalId,
    event,
    verdict: 'accepted',
    reason: null,
    receivedAt,
    raw,
    ...meaningOf(event, parsed.data, around),
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

function saysJson(contentType: string | null): boolean {
  if (contentType === null || contentType === '') return true;
  return contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

/** Undefined where it is no JSON. A byte order mark is not part of it (RFC 8259, 8.1). */
function parseJson(raw: Buffer): unknown {
  const text = raw.toString('utf8');
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text) as unknown;
  } catch {
    return undefined;
  }
}

function usableId(id: unknown): string | null {
  return typeof id === 'string' && PRINTABLE_ID.test(id) && id.trim() !== '' ? id : null;
}

/** The id of a webhook whose envelope is otherwise unreadable. */
function idOf(body: object): string | null {
  const meta: unknown = (body as Readonly<Record<string, unknown>>)['meta'];
  return typeof meta === 'object' && meta !== null && 'webhook_id' in meta ? usableId(meta.webhook_id) : null;
}

/** `invalid_data:` and the first known paths that are at fault; a path holds names of our schemas and indexes only. */
function faults(root: string, error: z.ZodError): string {
  const paths = error.issues.map((issue) => [root, ...issue.path].filter((part) => part !== '').join('.'));
  return `invalid_data:${[...new Set(paths)].slice(0, MOST_PATHS).join(',')}`;
}
