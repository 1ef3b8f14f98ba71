import type { Arrival, KeyedHash, ParcelTracking, Person, Routed, SealedDetails } from '../../domain/arrivals.js';
import type { Failure, FactBody } from '../../domain/facts.js';
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
  /** Why the kit has failed, in our words. */
  readonly because?: Failure;
  /** Words of statuses that no table knows, and where they stood, sorted. */
  readonly unknownWords?: readonly string[];
  readonly person: Person | null;
  readonly completion: number | null;
  readonly completedWithoutResults?: boolean;
  /** When the results say themselves that they were completed (ms). */
  readonly completedAt?: number;
  /** Only where the settings let it leave the partner's answer. */
  readonly needsReview?: boolean;
  readonly barcodes?: readonly string[];
  readonly parcels?: readonly ParcelTracking[];
  readonly delivery?: number | null;
}

/**
 * Joins a kit's answer with that of its results (null: not asked for, none yet, or not to be had). Results are available
 * only where the kit is `completed` and all that is listed is final.
 */
export function reduceKit(
  subject: Subject,
  kit: KitAnswer,
  results: ResultsAnswer | null,
  { revealFlags }: { readonly revealFlags: boolean },
): Reduced {
  const learned = new LearnedEvents();
  const completed = kit.learned.find(({ event }) => event === 'results.available');
  for (const { event, at } of kit.learned) if (event !== 'results.available') learned.add(event, at);
  const there = completed !== undefined && results?.available === true ? results : null;
  if (there !== null && completed !== undefined) {
    // The results' own time is the better one.
    learned.add('results.available', there.availableAt ?? completed.at);
    if (there.reviewed) learned.add('results.reviewed', there.reviewedAt);
  }
  const withoutResults = there === null && (completed !== undefined || results?.available === true);
  return {
    subject,
    learned: learned.list(),
    ...(kit.because === null ? {} : { because: kit.because }),
    ...unknownWords([...kit.unknownWords, ...(results?.unknownWords ?? [])]),
    person: kit.person,
    completion: kit.completion,
    ...(withoutResults ? { completedWithoutResults: true } : {}),
    ...(there === null || there.completedAt === null ? {} : { completedAt: there.completedAt }),
    ...(revealFlags && there !== null ? { needsReview: there.flagged } : {}),
  };
}

export function reduceOrder(subject: Subject, order: OrderAnswer): Reduced {
  const { learned, person, barcodes, parcels, delivery } = order;
  return {
    subject,
    learned,
    ...unknownWords(order.unknownWords),
    person,
    completion: null,
    barcodes,
    parcels,
    delivery,
  };
}

const unknownWords = (words: readonly string[]): Pick<Reduced, 'unknownWords'> =>
  words.length === 0 ? {} : { unknownWords: [...words].sort() };

interface ArrivalContext {
  /** ms */
  readonly receivedAt: number;
  /** The causes of the last two answers that whoever asks knows, the older first. */
  readonly answers?: readonly string[];
  readonly hash: KeyedHash;
}

/** The answer as a row of the inbox. */
export function arrivalOf(reduced: Reduced, { receivedAt, hash, answers = [] }: ArrivalContext): Arrival {
  const raw = Buffer.from(JSON.stringify(reduced));
  const cause = causeOf(raw, answers, hash);
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
    routedUnder: (former) => [routedOf(reduced, cause, { receivedAt, hash: former })],
    links: order === null ? [] : (reduced.barcodes ?? []).map((barcode) => ({ order, barcode })),
  };
}

/**
 * An answer's id is that of its bytes after the answer before it: the same answer again is the same row, and one that
 * goes back to what was said earlier (A, B, A) is another. The same whenever the same is asked again.
 */
function causeOf(raw: Buffer, answers: readonly string[], hash: KeyedHash): string {
  const after = (before: string | undefined): string => {
    const bytes = before === undefined ? raw : Buffer.concat([raw, Buffer.from(`\0${before}`)]);
    return `reconciled:${hash('body', bytes).toString('base64url')}`;
  };
  const [previous, last] = answers.length > 1 ? answers.slice(-2) : [undefined, answers[0]];
  // One that came first, or before answers were chained, is named by its bytes alone.
  return last === after(previous) || last === after(undefined) ? last : after(last);
}

function routedOf(reduced: Reduced, cause: string, { receivedAt, hash }: ArrivalContext): Routed {
  const { subject, learned, person, completion, needsReview, barcodes, parcels, delivery, completedAt } = reduced;
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
    ...(reduced.because === undefined ? {} : { because: reduced.because }),
    ...(reduced.unknownWords === undefined
      ? {}
      : { unknownStatus: true, unknownWords: hash('words', reduced.unknownWords.join('\n')).toString('base64url') }),
    ...(reduced.completedWithoutResults === true ? { completedWithoutResults: true } : {}),
    ...(completedAt === undefined ? {} : { completedAt }),
  };
  const details: SealedDetails = {
    ...(person === null ? {} : { person }),
    ...(parcels === undefined || parcels.length === 0 ? {} : { parcels }),
  };
  return { subject, fact, details: Object.keys(details).length === 0 ? null : details };
}
