/**
 * By which rules a journey decides. A journey that began before a change of policy has decided by the former rule, and its
 * replay must decide so again; so every later change is asked for by its name, here and nowhere else, and only where the
 * former and the new rule differ (docs/changing-a-journey.md).
 */
export interface Rules<Change extends string = ChangeOfPolicy> {
  /** Whether this journey decides by the rule that the change brought. */
  follows(change: Change): boolean;
}

/** The changes that running journeys may be older than, each named after what it brought. None since the baseline. */
export type ChangeOfPolicy = never;

/** What a journey that begins now decides by; simulations and rehearsals, too. */
export const TODAY: Rules = { follows: () => true };
