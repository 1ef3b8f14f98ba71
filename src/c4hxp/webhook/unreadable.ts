import { EVENTS, isC4hxpEvent, type C4hxpEvent } from '../../domain/events.js';
import type { Unreadable } from '../../domain/facts.js';
import { kitSubject, orderSubject, type Subject } from '../../domain/subjects.js';
import { readBarcode, readOrderNumber } from './schemas.js';
import { eventNamed, hintFor } from './events.js';

/** No webhook is about more; what is one is for a human in any case. */
const MOST_SUBJECTS = 20;
/** A document that came as several. */
const MOST_ENTRIES = 100;
/** Whoever reads on has seen the event's name by then. */
const LONGEST_LOOK = 100_000;

type Fields = ReadonlyMap<string, unknown>;

/** Fields by the letters of their names: `kit_barcode`, `kitBarcode` and `Kit Barcode` are one. */
function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value)
      .slice(0, MOST_ENTRIES)
      .map(([key, field]) => [lettersOf(key.slice(0, 64)), field]),
  );
}

const lettersOf = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');

/** An object, or those in a list of them (which may be keyed by numbers). */
function entriesOf(value: unknown): Fields[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value) || Object.keys(value).every((key) => /^\d+$/.test(key));
  return entries ? Object.values(value).slice(0, MOST_ENTRIES).map(fieldsOf) : [fieldsOf(value)];
}

/**
 * Whom a document that can't be read seems to be about: whatever can be a barcode or an order number at a path where the
 * partner puts them. The kits where it is about kits, else the order, else the kits that the order would have held.
 */
export function subjectsNamedIn(body: unknown): Subject[] {
  const bodies = entriesOf(body);
  const places = [...bodies, ...bodies.flatMap((fields) => entriesOf(fields.get('data')))];
  const inside = (name: string): Fields[] => places.flatMap((fields) => entriesOf(fields.get(name)));
  const values = (among: readonly Fields[], ...names: readonly string[]): unknown[] =>
    among.flatMap((fields) => names.map((name) => fields.get(name)));

  const kits = [...values(places, 'kitbarcode', 'barcode'), ...values(inside('kit'), 'kitbarcode', 'barcode')];
  const orders = [...values(places, 'ordernumber'), ...values(inside('order'), 'ordernumber', 'number')];
  const ofTheOrder = values(inside('kits'), 'kitbarcode', 'barcode');
  const groups: readonly Subject[][] = [
    subjectsOf(kits, readBarcode, kitSubject),
    subjectsOf(orders, orderNumberAt, orderSubject),
    subjectsOf(ofTheOrder, readBarcode, kitSubject),
  ];
  return groups.find((subjects) => subjects.length > 0)?.slice(0, MOST_SUBJECTS) ?? [];
}

function subjectsOf(
  values: readonly unknown[],
  read: (value: unknown) => string | null,
  subjectOf: (name: string) => Subject,
): Subject[] {
  return [...new Set(values.map(read).filter((name) => name !== null))].map(subjectOf);
}

/** Here also a number: that it lost its leading zeros matters less than that nobody looks. */
const orderNumberAt = (value: unknown): string | null =>
  readOrderNumber(typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? String(value) : value);

/** What can be told of a document that can't be read, by its event's name and, where it has none, by what it holds. */
export function hintsOf(body: unknown): Unreadable {
  const hints = entriesOf(body).map((fields): Unreadable => {
    const name = fields.get('event');
    if (typeof name === 'string') return hintsOfName(name);
    const data = entriesOf(fields.get('data'));
    return { event: null, aboutResults: data.some((one) => [...one.keys()].some((key) => key.includes('result'))) };
  });
  return {
    event: hints.find(({ event }) => event !== null)?.event ?? null,
    aboutResults: hints.some(({ aboutResults }) => aboutResults),
  };
}

/** As `hintsOf`, for bytes that are no document: by what stands where its event's name would. */
export function hintsOfBytes(raw: Buffer): Unreadable {
  const text = raw.subarray(0, LONGEST_LOOK).toString('utf8');
  const name = /\bevent\b[^A-Za-z0-9]{1,20}([A-Za-z][\w .-]{0,63})/i.exec(text)?.[1];
  return name === undefined ? { event: null, aboutResults: false } : hintsOfName(name);
}

function hintsOfName(name: string): Unreadable {
  const said = eventNamed(name);
  const event: C4hxpEvent | null = isC4hxpEvent(said) ? said : hintFor(name);
  const shows = event === null ? undefined : EVENTS[event].shows;
  return { event, aboutResults: shows === 'results' || lettersOf(name.slice(0, 200)).includes('result') };
}
