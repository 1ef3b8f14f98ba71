import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where Temporal's servers are kept between clones: never in the clone, which may be removed or be read-only. */
export function serverCache(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG specification: a relative path is to be ignored.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'kit-herald', 'temporal');
}

/** Says what it did with what was kept: `absent`, or `damaged`, and then it has been removed. */
export type Kept = { readonly path: string } | 'absent' | 'damaged';

/**
 * A binary installed before, if it still has the bytes it had then.
 * @param folder one source in one version.
 * @param binary its path inside.
 */
export async function keptBinary(folder: string, binary: string): Promise<Kept> {
  const path = join(folder, binary);
  if (!existsSync(path) || !existsSync(`${path}.sha256`)) return 'absent';
  if (readFileSync(`${path}.sha256`, 'utf8').trim() === (await sha256(path))) return { path };
  rmSync(folder, { recursive: true, force: true });
  return 'damaged';
}

/**
 * Installs binaries so that other processes see all or nothing: filled beside its place, then renamed.
 * Of two processes that install at once the second finds the first one's, and keeps it.
 * @param fill puts the files into the folder it is given; answers the paths of the binaries inside it.
 */
export async function installBinaries(
  folder: string,
  fill: (into: string) => Promise<readonly string[]>,
): Promise<void> {
  mkdirSync(join(folder, '..'), { recursive: true });
  const beside = mkdtempSync(`${folder}.`);
  try {
    for (const binary of await fill(beside)) {
      const path = join(beside, binary);
      writeFileSync(`${path}.sha256`, `${await sha256(path)}\n`);
    }
    renameSync(beside, folder);
  } catch (error) {
    const taken = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!taken) throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
