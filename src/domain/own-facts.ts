import { EVENTS, kitState, orderState, type FactEvent } from './events.js';
import type { FactBody } from './facts.js';
import { isKit, kitSubject, nameOf, type KitState, type OrderState } from './subjects.js';

/**
 * Which of the facts that a subject is told are about it. All that an order is told goes to every kit that was ever linked
 * to it; but a cancellation may name other kits, and a barcode may stand in two orders. Whoever asks what has happened to
 * a subject (the policy, a search attribute) asks here.
 */
export function ownFacts<T extends FactBody>(subject: string, facts: readonly T[]): T[] {
  const own = factsOfItsOrder(subject, facts);
  if (!isKit(subject) && isCancelledWhole(own)) return own;
  const isOwn = (barcode: string): boolean => kitSubject(barcode) === subject;
  return own.filter((fact) => kitsCancelledBy(fact)?.some(isOwn) ?? true);
}

/** … that are its order's or its own, whichever kits they name: all but what another order was told. */
export function factsOfItsOrder<T extends FactBody>(subject: string, facts: readonly T[]): T[] {
  if (!isKit(subject)) return [...facts];
  const order = orderOf(subject, facts);
  return facts.filter((fact) => fact.order === undefined || fact.order === order || EVENTS[fact.event].of === 'kit');
}

/**
 * The number of the order that a subject belongs to; null where none is known. A kit that two orders name belongs to the
 * one that names it last by its own time, as one of a parcel or of a list: to cancel a kit is not to have it.
 *
 * @param facts in order of arrival
 */
export function orderOf(subject: string, facts: readonly FactBody[]): string | null {
  if (!isKit(subject)) return nameOf(subject);
  const naming = facts.filter((fact) => names(subject, fact));
  const candidates = naming.length > 0 ? naming : facts.filter(({ order }) => order !== undefined);
  return (
    candidates.reduce<FactBody | null>((last, fact) => (last !== null && fact.at < last.at ? last : fact), null)
      ?.order ?? null
  );
}

/** Whether a fact says that this kit is one of its order's. */
const names = (subject: string, { event, order, barcodes = [] }: FactBody): boolean =>
  order !== undefined &&
  event !== 'order.cancelled' &&
  (EVENTS[event].of === 'kit' || barcodes.some((barcode) => kitSubject(barcode) === subject));

/** The kits that a cancellation names; null where it names none (all are cancelled), or is no cancellation. */
export const kitsCancelledBy = ({ event, barcodes = [] }: FactBody): readonly string[] | null =>
  event === 'order.cancelled' && barcodes.length > 0 ? barcodes : null;

/**
 * Whether an order is cancelled with all its kits: by one word, or kit by kit. Where it isn't known which kits it has,
 * nobody can say that all of them were named.
 *
 * @param facts all that is known of one order
 */
export function isCancelledWhole(facts: readonly FactBody[]): boolean {
  const cancellations = facts.filter(({ event }) => event === 'order.cancelled');
  const isByOneWord = (fact: FactBody): boolean => kitsCancelledBy(fact) === null;
  if (cancellations.some(isByOneWord) || facts.some(({ learned }) => learned?.some(isCancellation))) return true;
  if (cancellations.length === 0) return false;
  const cancelled = new Set(cancellations.flatMap(({ barcodes = [] }) => barcodes));
  const known = facts.flatMap(({ event, barcodes = [] }) => (event === 'order.cancelled' ? [] : barcodes));
  return known.length > 0 && known.every((barcode) => cancelled.has(barcode));
}

const isCancellation = ({ event }: { readonly event: FactEvent }): boolean => event === 'order.cancelled';

/** The state that these facts make of a subject, the partner's answers included. */
export const stateOf = (subject: string, facts: readonly FactBody[]): KitState | OrderState =>
  (isKit(subject) ? kitState : orderState)(
    ownFacts(subject, facts).flatMap(({ event, learned = [] }) => [event, ...learned.map((one) => one.event)]),
  );
