import { statfs } from 'node:fs/promises';

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
