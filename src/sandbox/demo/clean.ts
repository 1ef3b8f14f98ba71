import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataDir } from '../../embedded/lock.js';

/** Kept until the next start has looked at them: who holds the folder, and which server may have been left behind. */
const KEPT = new Set(['lock', 'temporal.pid']);

/**
 * Empties the demo's own folder, so that every demo begins anew.
 * @throws Unavailable when another demo runs on it.
 */
export async function emptyDemoDir(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockDataDir(dataDir);
  try {
    for (const name of readdirSync(dataDir))
      if (!KEPT.has(name)) rmSync(join(dataDir, name), { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
