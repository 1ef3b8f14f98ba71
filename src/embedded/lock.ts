import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { birthMark, isAlive } from '../host/processes.js';
import { Unavailable } from '../config/refusal.js';

export interface Lock {
  readonly release: () => void;
}

/**
 * Makes this process the only one that uses a DATA_DIR.
 *
 * The lock is a folder in which each process puts a file of its own, named after itself, and then looks for others that
 * live. No file is ever taken over, so nobody can remove a lock that another process has just renewed: what is removed
 * names a process that is dead (its id is free, or belongs to one that started at another time).
 * @throws Unavailable when another process holds it.
 */
export async function lockDataDir(dataDir: string): Promise<Lock> {
  const folder = join(dataDir, 'lock');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = `${String(process.pid)}.${birthMark(process.pid) ?? 'unknown'}`;
  // Two that start in the same instant see each other and both step back: hence another try after a random pause.
  for (let attempt = 1; ; attempt += 1) {
    const holder = enter(folder, own);
    if (holder === null) {
      return {
        release: () => {
          rmSync(join(folder, own), { force: true });
        },
      };
    }
    if (attempt === 4)
      throw new Unavailable(
        `DATA_DIR ${dataDir} is in use by process ${String(holder)}: stop that one, or set DATA_DIR to another folder.`,
      );
    await sleep(50 + Math.random() * 150);
  }
}

/** Puts our file in place; the id of a living holder when there is one, and then our file is gone again. */
function enter(folder: string, own: string): number | null {
  try {
    closeSync(openSync(join(folder, own), 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return process.pid;
    throw error;
  }
  for (const entry of readdirSync(folder)) {
    if (entry === own) continue;
    const [pid = '', mark] = entry.split('.');
    if (mark !== undefined && lives(Number(pid), mark)) {
      rmSync(join(folder, own), { force: true });
      return Number(pid);
    }
    rmSync(join(folder, entry), { force: true });
  }
  return null;
}

/** A process whose birth can't be seen (of another user, under a hidden /proc) is taken for the one that was meant. */
function lives(pid: number, mark: string): boolean {
  return (birthMark(pid) ?? (isAlive(pid) ? mark : null)) === mark;
}
