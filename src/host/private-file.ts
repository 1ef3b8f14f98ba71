import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Refusal } from '../config/refusal.js';

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
