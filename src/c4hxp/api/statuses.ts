import { inCourse, type FactEvent } from '../../domain/events.js';
import { FAILURES, type Failure } from '../../domain/facts.js';
import { failureOf } from './failures.js';
import { transitOf, type TransitWord } from './transit.js';
import { KIT_STATUSES, SAMPLE_STATUSES, type StatusMeaning } from './words.js';

/** A status of the kit or of its sample, understood. */
export interface StatusWord {
  readonly place: 'status' | 'sample_status';
  readonly said: string;
  /** Null: nothing but what it says of transit, if that. Undefined: no table knows the word. */
  readonly event: FactEvent | null | undefined;
  /** Why the kit has failed, where the word says so. */
  readonly failure: Failure | null;
  readonly transit: TransitWord | null;
}

export function statusWord(place: StatusWord['place'], said: string): StatusWord {
  const own = (place === 'status' ? KIT_STATUSES : SAMPLE_STATUSES).of(said);
  const meaning = own === undefined ? failureOf(said) : own;
  const known = { place, said, failure: null, transit: null };
  if (meaning !== undefined) {
    if (isFailure(meaning)) return { ...known, event: 'kit.failed', failure: meaning };
    const transit = transitIn(meaning);
    return transit === null ? { ...known, event: meaning } : { ...known, event: null, transit };
  }
  const transit = transitOf(said, false) ?? null;
  if (transit === null) return { ...known, event: undefined };
  // What a sample is on is the way back.
  return { ...known, event: null, transit: place === 'status' ? transit : { ...transit, leg: transit.leg ?? 'back' } };
}

const isFailure = (meaning: StatusMeaning): meaning is Failure => (FAILURES as readonly unknown[]).includes(meaning);

/** The transit that an event of the tables stands for; null where it is another event. */
export function transitIn(event: StatusMeaning): TransitWord | null {
  if (event === 'kit.delivered') return { what: 'delivered', leg: 'out' };
  if (event === 'kit.posted') return { what: 'posted', leg: 'back' };
  return null;
}

/** Whether a sample can be at the lab by this word; one that nobody knows may mean anything. */
export const canBeAtLab = ({ event }: StatusWord): boolean =>
  event === undefined || (event !== null && inCourse(event, 'kit.received_lab') >= 0);

/**
 * Whether a patient who is named beside this status of the kit has registered it: until then the order may have named
 * them, but in the OpenAPI's `registered_to`. Of a parcel in trouble the word doesn't say on which way it is.
 */
export function impliesRegistration(status: StatusWord | undefined, registeredTo: boolean): boolean {
  if (status === undefined || status.event === undefined) return true;
  if (status.transit !== null) return status.transit.leg === 'back' || (status.transit.leg === null && registeredTo);
  return status.event !== null && status.event !== 'kit.shipped';
}
