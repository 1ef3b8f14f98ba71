import { statfs } from 'node:fs/promises';

/** How much comes in: relay and worker yield to the intake by it. */
export interface LoadMeter {
  add(count: number): void;
  /** Acknowledgements per second, over the last second; or over the last moments, where these were busier. */
  perSecond(): number;
}

const SLICE_MS = 100;
const SLICES = 10;
/** Slices that tell of a flood before a second is over. */
const LATEST = 2;

export function createLoadMeter(clock: () => number): LoadMeter {
  const counts = new Array<number>(SLICES).fill(0);
  let current = Math.floor(clock() / SLICE_MS);

  function advance(): void {
    const now = Math.floor(clock() / SLICE_MS);
    for (let slice = Math.max(current + 1, now - SLICES + 1); slice <= now; slice++) counts[slice % SLICES] = 0;
    current = Math.max(current, now);
  }

  return {
    add(count) {
      advance();
      counts[current % SLICES] = (counts[current % SLICES] ?? 0) + count;
    },
    perSecond() {
      advance();
      const latest = Array.from({ length: LATEST }, (_, back) => counts[(current - back) % SLICES] ?? 0);
      return Math.max(sum(counts), (sum(latest) * SLICES) / LATEST);
    },
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Whether there is room to commit. */
export interface DiskReserve {
  isLow(): boolean;
  /** Share of what may be used: 1 when only the reserve is left. */
  used(): number;
  stop(): void;
}

/** A database that runs out of disk in mid-write is worse than one that refuses in time. */
const RESERVE_BYTES = 256 * 1024 * 1024;
const LOOK_EVERY_MS = 5_000;

/** Looks every 5 s whether the file system of `folder` has at least `reserve` bytes left. */
export async function watchDisk(folder: string, reserve = RESERVE_BYTES): Promise<DiskReserve> {
  let low = false;
  let used = 0;
  async function look(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      low = free < reserve;
      used = reserve / Math.max(free, 1);
    } catch {
      // Where a file system can't be asked, the database will tell.
    }
  }
  await look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  return {
    isLow: () => low,
    used: () => used,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Every bound within which webhooks are taken in. */
type LimitName =
  | 'intake_queue'
  | 'intake_bytes'
  /** How long the oldest waits for its commit. */
  | 'commit_time'
  | 'disk'
  /** Of bodies that are being read, and whose signature nobody knows yet. */
  | 'bodies'
  | 'bodies_of_one_sender';

export interface Limit {
  readonly name: LimitName;
  /** Share of it; from 1 on it is full. */
  readonly used: number;
}

const NEAR = 0.8;
/** Below this it is no longer near: so that what wavers isn't told again and again. */
const FAR = 0.6;

const isFull = ({ used }: Limit): boolean => used >= 1;
/** The names of those that are full: while there is one, webhooks are kept out. */
export const fullOf = (limits: readonly Limit[]): string[] => limits.filter(isFull).map(({ name }) => name);
/** Or full. */
export const isNear = ({ used }: Limit): boolean => used >= NEAR;

interface LimitLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

interface LimitWatchOptions {
  readonly limits: () => readonly Limit[];
  readonly log: LimitLog;
  /** ms */
  readonly lookEvery?: number;
  /** ms between two lines about the same limit. */
  readonly sayEvery?: number;
}

/** Writes a line when a limit comes near, is full, and is far again; answers how to stop that. */
export function logLimits({ limits, log, lookEvery = 1_000, sayEvery = 10_000 }: LimitWatchOptions): () => void {
  const said = new Map<LimitName, { readonly state: 'far' | 'near' | 'full'; readonly at: number }>();
  const timer = setInterval(() => {
    for (const limit of limits()) {
      const now = performance.now();
      const last = said.get(limit.name) ?? { state: 'far', at: -Infinity };
      const state = isFull(limit)
        ? 'full'
        : isNear(limit) || (last.state !== 'far' && limit.used >= FAR)
          ? 'near'
          : 'far';
      if (state === last.state || now - last.at < sayEvery) continue;
      said.set(limit.name, { state, at: now });
      const fields = { limit: limit.name, used: Math.round(limit.used * 100) / 100 };
      if (state === 'far') log.info(fields, 'a limit of the intake is far again');
      else log.warn(fields, state === 'full' ? 'a limit of the intake is reached' : 'a limit of the intake is near');
    }
  }, lookEvery).unref();
  return () => {
    clearInterval(timer);
  };
}
