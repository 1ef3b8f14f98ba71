import type { Random } from './random.js';

/** What may befall the system. A killed process is started again within seconds. */
export const FAULTS = [
  'receiver A killed',
  'receiver B killed',
  'worker A killed',
  'worker B killed',
  'both workers killed',
  'PostgreSQL killed',
  'Temporal killed',
  'worker, PostgreSQL and Temporal killed',
  'mail replies lost',
  'greylisting',
  'mail server away',
] as const;
export type FaultName = (typeof FAULTS)[number];

export interface Fault {
  /** ms since the run began. */
  readonly at: number;
  readonly name: FaultName;
  /** ms until what was killed is started again, or the mail server is itself again. */
  readonly lasts: number;
}

/** So long everything may come up and get to work. */
const CALM_MS = 8_000;
const isOfMail = (name: FaultName): boolean => !name.endsWith('killed');

/**
 * The faults of a run: each kind once, in any order, then each once more, and so on, so that a short run too meets
 * different ones. The next may come while one lasts.
 */
export function planOf(random: Random, seconds: number): Fault[] {
  const plan: Fault[] = [];
  let deck: FaultName[] = [];
  for (let at = CALM_MS; at < seconds * 1_000; at += random.between(3_000, 9_000)) {
    if (deck.length === 0) deck = random.shuffled(FAULTS);
    const name = deck.pop();
    if (name !== undefined)
      plan.push({ at, name, lasts: isOfMail(name) ? random.between(3_000, 10_000) : random.between(500, 3_500) });
  }
  return plan;
}
