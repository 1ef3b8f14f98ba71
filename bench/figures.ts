import type { Growth } from './growth.js';
import type { Machine } from './machine.js';
import type { Measured } from './load.js';
import type { Way } from './way.js';

/** Who acknowledges. The first is what HTTP costs, the second what most would write first. */
export const ACKNOWLEDGING = [
  'bare',
  'signal per request',
  'queue, then signal',
  'kit-herald',
  'kit-herald apart',
  'kit-herald receiver',
] as const;
export type Acknowledging = (typeof ACKNOWLEDGING)[number];

/** Who sends an email. */
export const SENDING = ['plain workflow', 'kit-herald', 'kit-herald apart'] as const;
export type Sending = (typeof SENDING)[number];

/** Many webhooks at once: until the last was acknowledged, and until all were with their journeys (s). */
export interface Burst {
  readonly webhooks: number;
  readonly acknowledgedSeconds: number;
  readonly carriedSeconds: number;
}

/** All that one run of the benchmark measured: one entry for each round. */
export interface Run extends Machine {
  readonly quick: boolean;
  readonly flood: Readonly<Record<Acknowledging, readonly Measured[]>>;
  /** At an even rate (a second), workers at work. */
  readonly steadyRate: number;
  readonly steady: readonly Measured[];
  readonly ways: Readonly<Record<Sending, readonly Way[]>>;
  readonly bursts: readonly Burst[];
  /** Percent of one core that `npm start` uses while nothing happens; Temporal's server not counted. */
  readonly idlePercent: readonly number[];
  /** Measured by itself (`--growth`), and kept from one run to the next. */
  readonly growth?: Growth | undefined;
}

/** The number below which this share (0 to 1) of all lies; NaN of none. */
export const percentileOf = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)] ?? Number.NaN;

/** The middle one, and between which all rounds were. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  return {
    median: percentileOf(sorted, 0.5),
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  };
}

export const acksOf = (run: Run, name: Acknowledging): Spread =>
  spreadOf(run.flood[name].map(({ perSecond }) => perSecond));

/** How many times as many acknowledgements as another contender's, round by round. */
export const timesOf = (run: Run, name: Acknowledging, other: Acknowledging): Spread =>
  spreadOf(
    run.flood[name].map(({ perSecond }, round) => perSecond / (run.flood[other][round]?.perSecond ?? Number.NaN)),
  );

export const wayOf = (run: Run, name: Sending, figure: keyof Way): Spread =>
  spreadOf(run.ways[name].map((way) => way[figure]));

/** Emails a second beside the plain workflow's of the same round. */
export const emailsTimesPlain = (run: Run, name: Sending): Spread =>
  spreadOf(
    run.ways[name].map(
      ({ emailsPerSecond }, round) =>
        emailsPerSecond / (run.ways['plain workflow'][round]?.emailsPerSecond ?? Number.NaN),
    ),
  );
