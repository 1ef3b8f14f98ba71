import type { Random } from './random.js';

/**
 * What may befall the system. What was killed (kill -9), or stopped (SIGTERM, as at a deployment), is started again within
 * seconds.
 */
export const FAULTS = [
  'receiver A killed',
  'receiver B killed',
  'worker A killed',
  'worker B killed',
  'both workers killed',
  'receiver A stopped',
  'receiver B stopped',
  'worker A stopped',
  'worker B stopped',
  'both workers stopped',
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
  /** ms until what was killed, or has stopped, is started again, or the mail server is itself again. */
  readonly lasts: number;
}

/** So long everything may come up and get to work. */
const CALM_MS = 8_000;
const isOfMail = (name: FaultName): boolean => !/ (killed|stopped)$/.test(name);

/**
 * The faults of a run: each kind once, in any order, then each once more, and so on, so that a short run too meets
 * different ones. The next may come while one lasts.
 * @param only some of the faults, to look at one of them by itself.
 */
export function planOf(random: Random, seconds: number, only: readonly FaultName[] = FAULTS): Fault[] {
  const plan: Fault[] = [];
  let deck: FaultName[] = [];
  for (let at = CALM_MS; at < seconds * 1_000; at += random.between(3_000, 9_000)) {
    if (deck.length === 0) deck = random.shuffled(only);
    const name = deck.pop();
    if (name !== undefined)
      plan.push({ at, name, lasts: isOfMail(name) ? random.between(3_000, 10_000) : random.between(500, 3_500) });
  }
  return plan;
}
