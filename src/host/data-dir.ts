import { spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Refusal, Unavailable } from '../config/refusal.js';
import { childEnvironment } from './processes.js';

const PATIENCE_MS = 10_000;
const BY_OTHERS = 0o022;

/**
 * Sees that DATA_DIR can be trusted with keys, tokens and the database before anything is read from it or put there; it
 * is made where there is none.
 * @param answers whether the path can be looked at within `ms`; by default a process of its own looks.
 * @throws Refusal where others could put their files in the place of ours; Unavailable where nothing answers.
 */
export async function refuseUnsafeDataDir(
  dataDir: string,
  { answers = looksAt, patience = PATIENCE_MS }: { answers?: typeof looksAt; patience?: number } = {},
): Promise<void> {
  if (!(await answers(dataDir, patience)))
    throw new Unavailable(
      `DATA_DIR ${dataDir} gave no answer within ${String(patience / 1_000)} seconds: see whether what it lies on, such as a network mount, is there.`,
    );
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(dataDir, error);
  }
  const { mode, uid } = await stat(dataDir);
  const us = process.geteuid?.() ?? uid;
  if ((mode & BY_OTHERS) !== 0)
    throw new Refusal(
      `DATA_DIR ${dataDir} can be written by others than its owner, who could put files in the place of ours: chmod go-w ${dataDir}`,
    );
  if (uid !== us && us !== 0)
    throw new Refusal(`DATA_DIR ${dataDir} belongs to another user: chown it to the one that kit-herald runs as.`);
  let links: string[];
  try {
    links = (await readdir(dataDir, { withFileTypes: true }))
      .filter((one) => one.isSymbolicLink())
      .map(({ name }) => name);
  } catch (error) {
    throw unusable(dataDir, error);
  }
  const [link] = links;
  if (link !== undefined)
    throw new Refusal(
      `${join(dataDir, link)} is a link, and whoever made it decides what it leads to: put the file itself there, or move the whole DATA_DIR.`,
    );
}

function unusable(dataDir: string, error: unknown): Refusal {
  const { code = 'it failed' } = error as NodeJS.ErrnoException;
  return new Refusal(
    `DATA_DIR ${dataDir} can't be used (${code}): set it to a folder that kit-herald may make or write.`,
    { cause: error },
  );
}

/**
 * A dead mount holds whoever asks for ever, and a thread that it holds keeps its process from ending. So another process
 * asks, which can be left behind.
 */
function looksAt(dataDir: string, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const script = 'try { require("fs").readdirSync(process.argv[1]) } catch {}';
    const child = spawn(process.execPath, ['-e', script, dataDir], {
      env: childEnvironment(process.env),
      stdio: 'ignore',
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.unref();
      resolve(false);
    }, patience);
    for (const event of ['exit', 'error'])
      child.once(event, () => {
        clearTimeout(timer);
        resolve(true);
      });
  });
}

/** Writes a file that only its owner may read: made anew and renamed, since a mode is only applied to new files. */
export function writePrivateFile(path: string, content: string): void {
  renameSync(freshFile(path, content), path);
}

/**
 * The secret kept in a file; made there (32 random bytes in hex, mode 0600) when there is none yet.
 * @throws Refusal when the file is there, but empty.
 */
export function keptSecret(path: string): string {
  if (read(path) === null) {
    const fresh = freshFile(path, `${randomBytes(32).toString('hex')}\n`);
    try {
      // A link, because it fails where a rename would replace what another process has just made.
      linkSync(fresh, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(fresh);
    }
  }
  const secret = read(path);
  if (secret === null || secret === '')
    throw new Refusal(`${path} holds no secret: remove it to have one made, or write yours into it.`);
  return secret;
}

function freshFile(path: string, content: string): string {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  // With everything configured nobody else needs the folder.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(fresh, content, { mode: 0o600, flag: 'wx' });
  return fresh;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
