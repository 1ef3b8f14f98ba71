import type { Arrival, KeyedHash, ParcelTracking, Person, Routed, SealedDetails } from '../../domain/arrivals.js';
import type { FactBody } from '../../domain/facts.js';
import { traceOf } from '../../domain/people.js';
import { isOrder, nameOf, type Subject } from '../../domain/subjects.js';
import type { KitAnswer } from './read-kit.js';
import type { OrderAnswer } from './read-order.js';
import type { ResultsAnswer } from './read-results.js';
import { LearnedEvents, type Learned } from './reading.js';

/**
 * All that is kept of the partner's answers about one subject: events and times, who it is about, and no result.
 * Its JSON takes the place of a webhook's body: sealed, and the same bytes for the same answer, so that
 * an answer that tells nothing new is a duplicate.
 */
export interface Reduced {
  readonly subject: Subject;
  readonly learned: readonly Learned[];
  readonly unknownStatus: boolean;
  readonly person: Person | null;
  readonly completion: number | null;
  /** Only where the settings let it leave the partner's answer. */
  readonly needsReview?: boolean;
  readonly barcodes?: readonly string[];
  readonly parcels?: readonly ParcelTracking[];
  readonly delivery?: number | null;
}

/** Joins a kit's answer with that of its results (null: not asked for, or none yet). */
export function reduceKit(
  subject: Subject,
  kit: KitAnswer,
  results: ResultsAnswer | null,
  { revealFlags }: { readonly revealFlags: boolean },
): Reduced {
  const learned = new LearnedEvents();
  for (const { event, at } of kit.learned) {
    // The results' own time is the better one.
    const better = event === 'results.available' ? (results?.availableAt ?? at) : at;
    learned.add(event, better);
  }
  if (results?.available === true && !learned.has('results.available'))
    learned.add('results.available', results.availableAt);
  if (results?.reviewed === true) learned.add('results.reviewed', results.reviewedAt);
  return {
    subject,
    learned: learned.list(),
    unknownStatus: kit.unknownStatus || (results?.unknownStatus ?? false),
    person: kit.person,
    completion: kit.completion,
    // Results of which nothing is known count as flagged.
    ...(revealFlags && learned.has('results.available') ? { needsReview: results?.flagged ?? true } : {}),
  };
}

export function reduceOrder(subject: Subject, order: OrderAnswer): Reduced {
  const { learned, unknownStatus, person, barcodes, parcels, delivery } = order;
  return { subject, learned, unknownStatus, person, completion: null, barcodes, parcels, delivery };
}

interface ArrivalContext {
  /** ms */
  readonly receivedAt: number;
  readonly hash: KeyedHash;
}

/** The answer as a row of the inbox. */
export function arrivalOf(reduced: Reduced, { receivedAt, hash }: ArrivalContext): Arrival {
  const raw = Buffer.from(JSON.stringify(reduced));
  const cause = `reconciled:${hash('body', raw).toString('base64url')}`;
  const order = isOrder(reduced.subject) ? nameOf(reduced.subject) : null;
  return {
    source: 'partner',
    externalId: cause,
    event: 'partner.answered',
    verdict: 'accepted',
    reason: null,
    // What the partner tells is how things stand now: its contact is newer than that of any earlier webhook.
    eventAt: receivedAt,
    receivedAt,
    raw,
    routed: [routedOf(reduced, cause, { receivedAt, hash })],
    links: order === null ? [] : (reduced.barcodes ?? []).map((barcode) => ({ order, barcode })),
  };
}

function routedOf(reduced: Reduced, cause: string, { receivedAt, hash }: ArrivalContext): Routed {
  const { subject, learned, person, completion, needsReview, barcodes, parcels, delivery } = reduced;
  const order = isOrder(subject);
  const fact: FactBody = {
    event: 'partner.answered',
    cause,
    receivedAt,
    at: receivedAt,
    ...(order ? { order: nameOf(subject) } : {}),
    ...(person === null ? {} : { person: traceOf(person, order ? 'recipient' : 'patient', hash) }),
    ...(barcodes === undefined || barcodes.length === 0 ? {} : { barcodes }),
    ...(delivery === undefined || delivery === null ? {} : { delivery }),
    ...(completion === null ? {} : { completion }),
    ...(needsReview === undefined ? {} : { needsReview }),
    learned: learned.map(({ event, at }) => ({ event, at: at ?? receivedAt })),
    ...(reduced.unknownStatus ? { unknownStatus: true } : {}),
  };
  const details: SealedDetails = {
    ...(person === null ? {} : { person }),
    ...(parcels === undefined || parcels.length === 0 ? {} : { parcels }),
  };
  return { subject, fact, details: Object.keys(details).length === 0 ? null : details };
}
