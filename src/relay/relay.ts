import type { Database } from '../database/database.js';
import type { Journeys } from './journeys.js';
import type { PolicySettings } from '../domain/facts.js';
import type { Recipients } from '../ledger/recipients.js';
import { createAdaptiveLimit } from './adaptive-limit.js';
import { isAnythingPending, joinOrdersAndKits, type Pending } from './pending.js';
import { isAway, runRound } from './signals.js';
import { createOrphanSweep, noticeLostStore } from './recovery.js';

export interface RelayOptions {
  readonly database: Database;
  readonly journeys: Journeys;
  readonly recipients: Recipients;
  /** The settings that decide, as they are now: they travel with each signal. */
  readonly settings: () => PolicySettings;
  /** Acknowledgements per second of the intake beside it; always 0 where there is none. */
  readonly load: () => number;
  /** Names this relay among others, and anew at each start. */
  readonly owner: string;
  readonly logger: RelayLogger;
  /** How many signals at a time, at most (SIGNALS_IN_FLIGHT): more than Temporal bears would only move the queue there. */
  readonly mostInFlight?: number;
  /** ms between two looks at the database when nobody wakes it. */
  readonly sweepEvery?: number;
  /** Whether it is woken for whatever is committed: then it looks more rarely for what that missed. */
  readonly isWoken?: () => boolean;
  /** ms between two looks for a lost store or lost runs. */
  readonly choresEvery?: number;
  /** Told of what a journey was told of. */
  readonly onRelayed?: (pending: Pick<Pending, 'subject' | 'facts'>) => void;
}

interface RelayLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** Carries what came in to the journeys, as long as it takes. Several may run side by side. */
export interface Relay {
  start(): void;
  /** Something new was committed: look at once. */
  wake(): void;
  /** Resolves when everything is delivered; what waits to be tried again counts as not delivered. */
  idle(): Promise<void>;
  /** Ends the round that is under way, then stops. */
  stop(): Promise<void>;
}

/** Signals at a time that even Temporal's development server takes without a queue. */
const FEWEST_IN_FLIGHT = 3;
const SWEEP_MS = 250;
const SWEEPS_FEWER_WHEN_WOKEN = 8;
const CHORES_MS = 15_000;
/** Subjects per round and lane: enough to share two statements, few enough that results don't wait behind them. */
const SUBJECTS_PER_LANE = 8;
/** From this many acknowledgements a second, the intake goes first: sweeps move few, and are the rarer the more come. */
const YIELD_FROM = 200;
const SUBJECTS_WHEN_YIELDING = 2;
const LONGEST_PAUSE_MS = 5_000;

export function createRelay(options: RelayOptions): Relay {
  const { database, journeys, recipients, load, logger, sweepEvery = SWEEP_MS } = options;
  const { choresEvery = CHORES_MS, isWoken = () => false, mostInFlight = FEWEST_IN_FLIGHT } = options;
  const limit = createAdaptiveLimit({ least: Math.min(FEWEST_IN_FLIGHT, mostInFlight), most: mostInFlight });
  const wakeup = createWakeup();
  const sweepOrphans = createOrphanSweep({ database, journeys });
  const idlers = new Set<() => void>();
  let running: Promise<void> | null = null;
  let stopping = false;
  let choresDueAt = 0;

  async function run(): Promise<void> {
    let pause = 0;
    while (!stopping) {
      const outcome = await turn().catch((error: unknown) => {
        logger.warn({ error: errorNameOf(error) }, 'the relay could not reach the database');
        return 'broken' as const;
      });
      if (outcome === 'worked') pause = 0;
      else if (outcome === 'idle')
        pause = sweepEvery * Math.max(isWoken() && !isYielding() ? SWEEPS_FEWER_WHEN_WOKEN : 1, load() / YIELD_FROM);
      else pause = Math.min(Math.max(pause, sweepEvery) * 2, LONGEST_PAUSE_MS);
      // While Temporal or the database is away, being woken changes nothing.
      if (pause > 0) await (outcome === 'idle' && !isYielding() ? wakeup.sleep(pause) : wakeup.pause(pause));
    }
  }

  async function turn(): Promise<'worked' | 'idle' | 'away'> {
    if (performance.now() >= choresDueAt) {
      if (await isAway(journeys)) return 'away';
      await doChores();
      choresDueAt = performance.now() + choresEvery;
    }
    const joined = await joinOrdersAndKits(database, recipients);
    const yielding = isYielding();
    const inFlight = yielding ? 1 : limit.current;
    const { leased, away } = await runRound({
      ...options,
      limit,
      inFlight,
      subjects: yielding ? SUBJECTS_WHEN_YIELDING : inFlight * SUBJECTS_PER_LANE,
    });
    if (away) {
      // What comes back may be another store.
      choresDueAt = 0;
      logger.warn({}, 'Temporal takes no signals: everything waits in the database');
      return 'away';
    }
    if (leased === 0 && !joined) await tellIdlers();
    return (leased === 0 && !joined) || yielding ? 'idle' : 'worked';
  }

  async function doChores(): Promise<void> {
    const lost = await noticeLostStore(database, journeys);
    if (lost > 0) logger.warn({ journeys: lost }, "Temporal's store is another one: open journeys are started again");
    const orphans = await sweepOrphans();
    if (orphans > 0) logger.info({ journeys: orphans }, 'started journeys again whose emails were waiting');
  }

  async function tellIdlers(): Promise<void> {
    if (idlers.size === 0 || (await isAnythingPending(database))) return;
    for (const tell of idlers) tell();
    idlers.clear();
  }

  const isYielding = (): boolean => load() > YIELD_FROM;

  return {
    start() {
      running ??= run();
    },
    wake: () => {
      wakeup.wake();
    },
    idle: () => new Promise((resolve) => void idlers.add(resolve)),
    async stop() {
      stopping = true;
      wakeup.stop();
      await running;
    },
  };
}

const errorNameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** A sleep that can be woken. Being woken while nobody sleeps is not lost: the next sleep ends at once. */
interface Wakeup {
  wake(): void;
  /** Ends every wait from now on. */
  stop(): void;
  /** Waits so many ms, or until it is woken. */
  sleep(ms: number): Promise<void>;
  /** Waits so many ms, whoever wakes it, or until `stop`. */
  pause(ms: number): Promise<void>;
}

function createWakeup(): Wakeup {
  let woken = false;
  let stopped = false;
  let waiting: { readonly wakeable: boolean; readonly end: () => void } | null = null;

  function wait(ms: number, wakeable: boolean): Promise<void> {
    if (stopped || (wakeable && woken)) {
      woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        waiting = null;
        if (wakeable) woken = false;
        resolve();
      };
      const timer = setTimeout(end, ms);
      waiting = { wakeable, end };
    });
  }

  return {
    wake() {
      woken = true;
      if (waiting?.wakeable === true) waiting.end();
    },
    stop() {
      stopped = true;
      waiting?.end();
    },
    sleep: (ms) => wait(ms, true),
    pause: (ms) => wait(ms, false),
  };
}
