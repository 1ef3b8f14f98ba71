import type { Fact } from '../domain/facts.js';

/** The signal that carries no news: it starts a journey whose run is gone. */
export const WAKE = 'wake';

/**
 * What Temporal's timeline shows of a signal: the event of the fact that came last, and how many came with it
 * (`results.available +2`).
 */
export function signalNameOf(facts: readonly Pick<Fact, 'seq' | 'event'>[]): string {
  const [first, ...others] = facts;
  if (first === undefined) return WAKE;
  const latest = others.reduce((last, fact) => (fact.seq > last.seq ? fact : last), first);
  return others.length === 0 ? latest.event : `${latest.event} +${String(others.length)}`;
}
