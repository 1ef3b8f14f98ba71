import { execFile } from 'node:child_process';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Another process has this folder's database open: two at once lose acknowledged webhooks without an error. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';

  constructor(folder: string, pid: number) {
    super(`DATA_DIR ${folder} is in use by process ${String(pid)}: stop it, or choose another DATA_DIR.`);
  }
}

interface Holder {
  readonly pid: number;
  /** When that process was started, as the system words it: a pid alone may have been given to somebody else. */
  readonly started: string | null;
}

/** Takes a folder for this process until `release`; a lock whose process has died (kill -9) is taken over. */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'database.lock');
  const mine = `${path}.${String(process.pid)}.${Math.random().toString(36).slice(2)}`;
  const text = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) } satisfies Holder);
  await writeFile(mine, text, { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      if (await linked(mine, path)) return { release: () => releaseIfMine(path, text) };
      const found = await readFile(path, 'utf8').catch(() => null);
      if (found === null) continue;
      const holder = parse(found);
      if (holder !== null && (await isAlive(holder))) throw new FolderInUse(folder, holder.pid);
      await removeDead(path, found, mine);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** A hard link appears whole or not at all, and never over an existing one. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead lock aside. If somebody was faster and the one moved is theirs, it is put back. */
async function removeDead(path: string, expected: string, mine: string): Promise<void> {
  const aside = `${mine}.dead`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== expected) await linked(aside, path);
  await rm(aside, { force: true });
}

async function releaseIfMine(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => null)) === text) await rm(path, { force: true });
}

function parse(text: string): Holder | null {
  try {
    const { pid, started } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' ? { pid, started: started ?? null } : null;
  } catch {
    return null;
  }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but isn't ours.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const now = await startOf(pid);
  return now === null || started === null || now === started;
}

async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
    // The 22nd field; the second, the command in brackets, may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
      ({ stdout }) => stdout.trim() || null,
      () => null,
    );
  }
}
