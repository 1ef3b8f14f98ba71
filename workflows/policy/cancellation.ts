import { eventsThatShow } from '../../src/domain/events.js';
import { isOfResults, KINDS, type Kind } from '../../src/domain/kinds.js';
import { factsOfItsOrder, isCancelledWhole, kitsCancelledBy } from '../../src/domain/own-facts.js';
import { kitSubject } from '../../src/domain/subjects.js';
import type { Candidate } from '../core/candidates.js';
import type { Story, StoryEvent } from '../core/story.js';

/** Whether the order is cancelled with all its kits, so that its recipient is told. */
export const isWholeOrderCancelled = (story: Story): boolean =>
  isCancelledWhole(factsOfItsOrder(story.subject, story.known.facts));

/** Whether the order's cancellation names this kit beside others that go on: its recipient isn't told of that. */
export const isNamedAlone = (story: Story): boolean => story.has('order.cancelled') && !isWholeOrderCancelled(story);

/** A shipment or a registration that came, by its own time, after the cancellation of what it is about. */
export interface Contradiction {
  /** The cancellation's own time (ms): what came later is in doubt. */
  readonly cancelledAt: number;
  readonly cancellation: StoryEvent;
  readonly later: StoryEvent;
}

/** Of several that tell the same, by whom it was told last by its own time; of equals the first that arrived. */
const latest = (events: readonly StoryEvent[]): StoryEvent | undefined =>
  events.reduce<StoryEvent | undefined>(
    (last, event) => (last !== undefined && event.at <= last.at ? last : event),
    undefined,
  );

/** What the partner's answer shows without a time has the time of the answer, which says nothing of what came first. */
export const hasItsOwnTime = ({ at, fact }: StoryEvent): boolean =>
  fact.event !== 'partner.answered' || at < fact.receivedAt;

function between(cancellations: readonly StoryEvent[], others: readonly StoryEvent[]): Contradiction | null {
  const cancellation = latest(cancellations);
  const later = latest(others.filter(hasItsOwnTime));
  if (cancellation === undefined || later === undefined || later.at <= cancellation.at) return null;
  return { cancelledAt: cancellation.at, cancellation, later };
}

/**
 * What contradicts the order's cancellation, the worst of it; null where nothing does. That the partner calls the kit
 * itself cancelled contradicts nothing, and after all else clears the doubt.
 */
export function contradictionOf(story: Story): Contradiction | null {
  if (!story.isKits) return latestDoubt(shipmentsOf(story).map((shipment) => doubtAbout(story, shipment)));
  if (!story.has('order.cancelled')) return null;
  const shipments = shipmentsOf(story).filter((shipment) => holds(story.subject, shipment));
  const signs = [...shipments, ...story.all(...eventsThatShow('registered'))];
  return between(story.all(...eventsThatShow('cancelled')), signs);
}

const latestDoubt = (doubts: readonly (Contradiction | null)[]): Contradiction | null =>
  doubts.reduce(
    (last, doubt) => (doubt !== null && (last === null || doubt.later.at > last.later.at) ? doubt : last),
    null,
  );

const shipmentsOf = (story: Story): StoryEvent[] => story.all(...eventsThatShow('shipped'));

/** Whether a shipment is this kit's; one that names no kit may be anybody's. */
const holds = (subject: string, { fact: { barcodes = [] } }: StoryEvent): boolean =>
  barcodes.length === 0 || barcodes.some((barcode) => kitSubject(barcode) === subject);

/** An order's: a shipment of what had been cancelled before. */
const doubtAbout = (story: Story, shipment: StoryEvent): Contradiction | null =>
  between(
    cancellationsIn(story).filter((cancellation) => touches(cancellation, shipment)),
    [shipment],
  );

/** Every word of an order's cancellation, also of some of its kits; once all of them are named, these stand here twice. */
function cancellationsIn(story: Story): StoryEvent[] {
  const some = story.known.facts.filter((fact) => kitsCancelledBy(fact) !== null);
  return [...story.all('order.cancelled'), ...some.map((fact) => ({ ...fact, name: fact.event, fact }))];
}

function touches({ fact }: StoryEvent, { fact: { barcodes = [] } }: StoryEvent): boolean {
  const named = kitsCancelledBy(fact);
  return named === null || barcodes.some((barcode) => named.includes(barcode));
}

/** Whether every kit of a shipment has been cancelled. */
export function isShipmentCancelled(story: Story, shipment: StoryEvent): boolean {
  if (story.has('order.cancelled')) return true;
  const { barcodes = [] } = shipment.fact;
  const cancelled = new Set(story.known.facts.flatMap((fact) => kitsCancelledBy(fact) ?? []));
  return barcodes.length > 0 && barcodes.every((barcode) => cancelled.has(barcode));
}

const isCancellation = (kind: Kind): boolean => kind === 'order.cancelled' || kind === 'kit.cancelled';

/** Whether it tells that things went on. */
const isProgress = (kind: Kind): boolean => KINDS[kind].tellsOf !== null && !isCancellation(kind) && !isOfResults(kind);

/**
 * The contradiction that an email is about: it says that all is cancelled, or that things went on after that. Results are
 * told whatever was cancelled, and what a clock calls for ends with the cancellation.
 */
export function contradictionAbout(candidate: Candidate, story: Story): Contradiction | null {
  const { kind, due, at, event } = candidate;
  if (isOfResults(kind) || due !== null) return null;
  if (isCancellation(kind)) return contradictionOf(story);
  if (!story.isKits) return kind === 'order.shipped' ? doubtAbout(story, event) : null;
  const doubt = contradictionOf(story);
  return doubt !== null && at > doubt.cancelledAt ? doubt : null;
}

/** When a contradiction was known: the newest of the two facts. */
export const knownSince = ({ cancellation, later }: Contradiction): StoryEvent =>
  cancellation.seq > later.seq ? cancellation : later;

/**
 * Whether a human has decided that an email goes all the same. Who let news of the kit go has said that the kit goes on:
 * later news of it needs no second word.
 */
export function isDecided(candidate: Candidate, doubt: Contradiction, story: Story): boolean {
  const since = Math.max(candidate.event.seq, knownSince(doubt).seq);
  if (story.commands('operator.release', since, candidate).length > 0) return true;
  if (!isProgress(candidate.kind)) return false;
  return story
    .ownCommands('operator.release')
    .filter(({ seq }) => seq > knownSince(doubt).seq)
    .some((release) => letNewsGo(release, doubt, story));
}

function letNewsGo({ seq, fact: { command } }: StoryEvent, { cancelledAt }: Contradiction, story: Story): boolean {
  if (command?.kind !== undefined) return isProgress(command.kind);
  return story.notifications.some((one) => {
    const source = story.sourceOf(one);
    return isProgress(one.kind) && source !== undefined && source.seq < seq && source.at > cancelledAt;
  });
}
