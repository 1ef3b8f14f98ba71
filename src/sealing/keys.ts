import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../config/refusal.js';

/** One secret of 32 bytes under a name that may be seen. */
export interface Key {
  /** 1–32 characters of `A–Z a–z 0–9 . _ -`. */
  readonly id: string;
  readonly key: Buffer;
}

/** Both sets, newest first: what is new is sealed and hashed under the first of each. */
export interface Keys {
  readonly encryptionKeys: readonly Key[];
  readonly indexKeys: readonly Key[];
}

/** What is wrong with the keys, in one sentence that repeats no secret. */
export class KeyProblem extends Refusal {
  override readonly name = 'KeyProblem';
}

const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/;

/** @throws KeyProblem when a set is empty, an id is odd or used twice, or a key isn't 32 bytes long. */
export function assertUsable(setting: 'ENCRYPTION_KEYS' | 'INDEX_KEYS', keys: readonly Key[]): void {
  if (keys.length === 0) throw new KeyProblem(`${setting} is empty: give it at least one key.`);
  for (const { id, key } of keys) {
    if (!KEY_ID.test(id)) throw new KeyProblem(`${setting}: an id is 1 to 32 letters, digits, ".", "_" or "-".`);
    if (key.length !== KEY_BYTES) throw new KeyProblem(`${setting}: the key "${id}" must be 32 bytes in base64.`);
  }
  if (new Set(keys.map(({ id }) => id)).size < keys.length) {
    throw new KeyProblem(`${setting}: two keys have the same id.`);
  }
}

/**
 * The keys of an embedded start: read from `<dataDir>/keys.json`, or made there (mode 0600) the first time.
 * Whoever loses that file can't read the database any more.
 * @throws KeyProblem when the file is damaged: it is never replaced.
 */
export async function loadOrMakeKeys(dataDir: string): Promise<Keys> {
  const path = join(dataDir, 'keys.json');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const found = await readIfThere(path);
  if (found === null) await makeOnce(path);
  else await chmod(path, 0o600);
  return parse(path, found ?? (await readFile(path, 'utf8')));
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Written whole under another name, then linked: of two that start at once, one file wins and both read it. */
async function makeOnce(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(
      `${JSON.stringify({ encryptionKeys: [freshKey('e')], indexKeys: [freshKey('i')] }, null, 2)}\n`,
    );
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;

/** A random id, so that keys made anew are never taken for the former ones. */
function freshKey(prefix: string): { id: string; key: string } {
  return { id: `${prefix}-${randomBytes(4).toString('hex')}`, key: randomBytes(KEY_BYTES).toString('base64') };
}

function parse(path: string, text: string): Keys {
  try {
    const file = JSON.parse(text) as { encryptionKeys: unknown; indexKeys: unknown };
    const keys = { encryptionKeys: keysOf(file.encryptionKeys), indexKeys: keysOf(file.indexKeys) };
    assertUsable('ENCRYPTION_KEYS', keys.encryptionKeys);
    assertUsable('INDEX_KEYS', keys.indexKeys);
    return keys;
  } catch {
    throw new KeyProblem(`${path} is damaged: put the former file back (without it the database can't be read).`);
  }
}

function keysOf(list: unknown): Key[] {
  return (list as { id: string; key: string }[]).map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') }));
}
