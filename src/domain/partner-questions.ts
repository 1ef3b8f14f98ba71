import type { AskInput } from './activities.js';
import type { Arrival } from './arrivals.js';
import type { QuestionRank } from './partner-calls.js';
import type { Subject } from './subjects.js';

export interface PartnerQuestion {
  /** A kit, or an order. */
  readonly subject: Subject;
  readonly why: AskInput['why'];
  /** The causes of the partner's last two answers about this subject that the journey knows, the older first. */
  readonly answers?: readonly string[];
  readonly rank: QuestionRank;
  /** 1 for the first time it is put. */
  readonly attempt: number;
  /** Gives up at once: the promise then rejects with its reason. */
  readonly signal: AbortSignal;
}

/** What became of a question: a closed set, by which whoever asked knows what asking again can change. */
export type PartnerAnswer =
  /** To be kept as any arrival: its facts reach the journey by signal. */
  | { readonly outcome: 'answered'; readonly arrival: Arrival }
  /** The partner doesn't know it, or doesn't tell us: asking again changes nothing. */
  | { readonly outcome: 'not_found' | 'refused' }
  | {
      readonly outcome: 'ask_again';
      /** `no_room`: our own limits left none, and nothing was asked. */
      readonly why: 'no_room' | 'rate_limited' | 'unavailable' | 'unreadable';
      /** A code that says more. */
      readonly note: string | null;
      /** ms, where the partner said how long to wait. */
      readonly retryAfterMs: number | null;
      /** The part that was answered, when it should be kept all the same. */
      readonly meanwhile: Arrival | null;
    };

/** What a journey may ask a lab. */
export interface PartnerQuestions {
  /** Rejects for `signal`, and while what keeps the partner's limits is away. */
  ask(question: PartnerQuestion): Promise<PartnerAnswer>;
  close(): Promise<void>;
}
