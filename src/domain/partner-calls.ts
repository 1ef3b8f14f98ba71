import { DAY } from './durations.js';

/** How long a question is tried, from the first time that our limits left room to ask it (ms). */
export const TRIED_FOR = DAY;
/** When a question ends at the latest, room or not (ms): before any reminder that waits for it is too late. */
export const ASKED_FOR = 6 * DAY;

/**
 * How pressing a question to the partner is. The most pressing goes first in Temporal's task queue, and only it may use
 * up the partner's limits: the others leave it some room, so that it need not wait for theirs.
 */
export const QUESTION_RANKS = {
  first: { priority: 1, share: 1 },
  usual: { priority: 3, share: 0.9 },
  last: { priority: 5, share: 0.8 },
} as const;
export type QuestionRank = keyof typeof QUESTION_RANKS;

/** How many requests the partner allows in a window, and how many it says are left. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
}

/** What an answer said of the partner's limits. */
export interface LimitsTold {
  /** ms that nobody may ask; 0: it didn't say so. */
  readonly closedForMs: number;
  /** Null: not told. */
  readonly minute: Allowance | null;
  readonly hour: Allowance | null;
}

/** A call that may be made, or how long there is no room for it. */
export type Admission =
  | {
      readonly admitted: true;
      /** When the call has ended, however it did; null: no answer came. */
      readonly ended: (told: LimitsTold | null) => Promise<void>;
    }
  | { readonly admitted: false; readonly waitMs: number };

/** Keeps the partner's limits, over all that ask it with one key. Rejects while what it counts in is away. */
export interface PartnerCalls {
  begin(rank: QuestionRank): Promise<Admission>;
}
