import type { FactEvent } from '../../domain/events.js';
import type { Person, ParcelTracking } from '../../domain/arrivals.js';

/**
 * What became of one question to the partner. A closed set: whoever asks decides by `outcome` alone, and nothing of
 * the partner's own wording goes further than `requestId`, which its support asks for.
 */
export type Answer<T> =
  | { readonly outcome: 'answered'; readonly value: T; readonly requestId: string | null }
  /** The partner knows no such kit, order or results. */
  | { readonly outcome: 'not_found'; readonly requestId: string | null }
  /** 401 and 403: asking again with the same key changes nothing. */
  | { readonly outcome: 'unauthorized' | 'forbidden'; readonly requestId: string | null }
  /** 400, 422 and other refusals of the question itself; also names that are not fit to be asked for. */
  | { readonly outcome: 'rejected'; readonly status: number | null; readonly requestId: string | null }
  /** Not before this many ms have passed. `asked` is false where no request was made, because the limit is known. */
  | {
      readonly outcome: 'rate_limited';
      readonly retryAfterMs: number;
      readonly asked: boolean;
      readonly requestId: string | null;
    }
  | {
      readonly outcome: 'unavailable';
      readonly why: 'timeout' | 'network' | 'server_error';
      readonly status: number | null;
      /** What the partner asked for, when it did. */
      readonly retryAfterMs: number | null;
      readonly requestId: string | null;
    }
  | {
      readonly outcome: 'unreadable';
      readonly why: Unreadable;
      readonly status: number;
      readonly requestId: string | null;
    };

/** Why an answer can't be used. */
export type Unreadable =
  | 'too_large'
  | 'encoded'
  | 'not_utf8'
  | 'not_json'
  | 'unexpected_status'
  | 'unexpected_shape'
  /** It is about another kit or order than the one asked for. */
  | 'another_subject';

/** An event that an answer implies; `at` in ms, null where the partner tells no time that can be believed. */
export interface Learned {
  readonly event: FactEvent;
  readonly at: number | null;
}

/** What `kits/{barcode}` tells, in our words. */
export interface KitAnswer {
  /** One entry per event, earliest first; those without a time last. */
  readonly learned: readonly Learned[];
  /** A word outside the closed lists, or a contradiction: a human should look. */
  readonly unknownStatus: boolean;
  /** The kit's patient, where one is named. */
  readonly person: Person | null;
  /** ms; when the lab expects to be done. */
  readonly completion: number | null;
  /** False while the kit can't have reached the lab, so that asking for results is pointless. */
  readonly mayHaveResults: boolean;
}

/** What `results/kit/{barcode}` tells: that results are there and reviewed, never what they are. */
export interface ResultsAnswer {
  readonly available: boolean;
  /** ms; null where no time came. */
  readonly availableAt: number | null;
  readonly reviewed: boolean;
  /** ms */
  readonly reviewedAt: number | null;
  /** Whether a human should look first: anything but a list of normal, unflagged results counts as flagged. */
  readonly flagged: boolean;
  readonly unknownStatus: boolean;
}

/** What `orders/…` tells. */
export interface OrderAnswer {
  readonly orderNumber: string | null;
  readonly learned: readonly Learned[];
  readonly unknownStatus: boolean;
  /** The order's recipient: not assumed to be any kit's patient. */
  readonly person: Person | null;
  readonly barcodes: readonly string[];
  readonly parcels: readonly ParcelTracking[];
  /** ms; the latest expected delivery of its parcels. */
  readonly delivery: number | null;
}

export interface HealthAnswer {
  /** The partner's word for its state, when it is a short plain one. */
  readonly status: string | null;
  readonly version: string | null;
}
