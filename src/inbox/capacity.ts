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
  stop(): void;
}

/** A database that runs out of disk in mid-write is worse than one that refuses in time. */
const RESERVE_BYTES = 256 * 1024 * 1024;
const LOOK_EVERY_MS = 5_000;

/** Looks every 5 s whether the file system of `folder` has at least `reserve` bytes left. */
export async function watchDisk(folder: string, reserve = RESERVE_BYTES): Promise<DiskReserve> {
  let low = false;
  async function look(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(folder);
      low = bavail * bsize < reserve;
    } catch {
      // Where a file system can't be asked, the database will tell.
    }
  }
  await look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  return {
    isLow: () => low,
    stop: () => {
      clearInterval(timer);
    },
  };
}
