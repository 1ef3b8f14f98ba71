import { isOperators } from '../src/domain/causes.js';
import type { Kind } from '../src/domain/vocabulary.js';
import { patientNamed } from './contact.js';
import type { Row } from './knowledge.js';
import { updates } from './results.js';
import type { Happening, Story } from './story.js';

/** What may call for an email: one thing that happened, or one that a clock has waited for. */
export interface Occasion {
  readonly kind: Kind;
  readonly occurrence: number;
  /** Whose row it is. */
  readonly subject: string;
  readonly cause: string;
  /** What opened it: its own time, its arrival (ms), and its number. */
  readonly at: number;
  readonly receivedAt: number;
  readonly seq: number;
  readonly happening: Happening;
  /** Timers: when it falls due (ms). */
  readonly due: number | null;
  /** By an explicit human order: goes out although too late. */
  readonly ordered: boolean;
  readonly row: Row | undefined;
}

/** One reason for one email of a kind, before its number is known. */
export interface Opening {
  readonly happening: Happening;
  readonly due: number | null;
  /** The number it has by itself; absent: the next free one. */
  readonly occurrence?: number;
  readonly subject?: string;
}

/** Which openings of its kind the facts give. */
export type Openings = (story: Story) => readonly Opening[];

const opening = (happening: Happening): Opening => ({ happening, due: null });

/** The first that arrived: a repeated fact opens nothing. */
export const once =
  (...events: readonly Happening['event'][]): Openings =>
  (story) =>
    story
      .all(...events)
      .slice(0, 1)
      .map(opening);

/** One per shipment: a set of barcodes not told before. */
export const perShipment: Openings = (story) => {
  const told = new Set<string>();
  const openings: Opening[] = [];
  for (const happening of story.all('order.shipped')) {
    const barcodes = happening.fact.barcodes ?? [];
    const isNew = barcodes.length === 0 ? openings.length === 0 : barcodes.some((barcode) => !told.has(barcode));
    barcodes.forEach((barcode) => told.add(barcode));
    if (isNew) openings.push(opening(happening));
  }
  return openings;
};

/** One per corrected version of the results. */
export const perUpdate: Openings = (story) => updates(story).map(opening);

/** The order's cancellation concerns the patient only where a patient is known; the partner's word of it always. */
export const kitCancelled: Openings = (story) => {
  const ofTheOrder = patientNamed(story.known.facts) ? (['order.cancelled'] as const) : [];
  return once('kit.cancelled', ...ofTheOrder)(story);
};

/** The occasions of a kind: each opening with its number and the newest row that speaks of it. */
export function occasionsOf(kind: Kind, openings: readonly Opening[], story: Story): Occasion[] {
  const lineages = byOpening(openings, story.rowsOf(kind));
  let free = Math.max(0, ...story.rowsOf(kind).map((row) => row.occurrence));
  return lineages.map(({ opening: { happening, due, occurrence, subject }, rows }) => {
    const row = rows.at(-1);
    return {
      kind,
      occurrence: row?.occurrence ?? occurrence ?? (free += 1),
      subject: subject ?? story.subject,
      cause: due === null ? happening.cause : `timer:${kind}`,
      at: happening.at,
      receivedAt: happening.receivedAt,
      seq: happening.seq,
      happening,
      due,
      ordered: row !== undefined && isOperators(row.cause),
      row,
    };
  });
}

interface Lineage {
  readonly opening: Opening;
  readonly rows: Row[];
}

/**
 * Which rows speak of which opening. A row names its fact; one that an operator's correction opened, and that a former
 * run left behind, speaks of the same as the row before it; any other of the next opening without a row.
 */
function byOpening(openings: readonly Opening[], rows: readonly Row[]): Lineage[] {
  const lineages = openings.map((each): Lineage => ({ opening: each, rows: [] }));
  let before: Lineage | undefined;
  for (const row of rows) {
    const named = lineages.find(({ opening: { happening, occurrence } }) =>
      occurrence === undefined ? row.source === happening.seq : occurrence === row.occurrence,
    );
    const repaired = isOperators(row.cause) ? before : undefined;
    const lineage = named ?? repaired ?? lineages.find((each) => each.rows.length === 0) ?? lineages.at(-1);
    lineage?.rows.push(row);
    before = lineage;
  }
  return lineages;
}
