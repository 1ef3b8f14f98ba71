/** Where the partner's words stand that its API tells how things are by. */
export const WORD_PLACES = ['status', 'sample_status', 'timeline', 'transit', 'order', 'results', 'result'] as const;
export type WordPlace = (typeof WORD_PLACES)[number];

/** A word of the partner's that is in no table. */
export interface UnknownWord {
  readonly place: WordPlace;
  /** Small letters and underscores; null: it isn't plain enough to be shown, and may be anything. */
  readonly word: string | null;
}
