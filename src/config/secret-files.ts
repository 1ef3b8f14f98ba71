import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { SettingsError } from './refusal.js';
import { SECRETS } from './schema.js';
import { cleanValue } from './values.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names a file with the value of this one, as containers and systemd hand secrets over. */
export const fileSetting = (name: string): string => `${name}_FILE`;

/** The same setting spelled the other way: a secret itself, or the file that it stands in; null for all others. */
export function otherSpelling(name: string): string | null {
  if (isSecret(name)) return fileSetting(name);
  return SECRETS.find((secret) => fileSetting(secret) === name) ?? null;
}

const isSecret = (name: string): boolean => (SECRETS as readonly string[]).includes(name);

/**
 * The secrets whose values stand in files: for each `NAME_FILE` that is set, `NAME` with the file's text.
 * @throws SettingsError with every file that can't be used, each by the name of its setting, none with its content.
 */
export function settingsOfSecretFiles(env: Environment): Record<string, string> {
  const faults: string[] = [];
  const values: Record<string, string> = {};
  for (const name of SECRETS) {
    const path = cleanValue(env[fileSetting(name)] ?? '');
    if (path === '') continue;
    if (cleanValue(env[name] ?? '') !== '') {
      faults.push(`${name} and ${fileSetting(name)} are both set: keep one of them`);
      continue;
    }
    const read = readSecret(path);
    if ('fault' in read) faults.push(`${fileSetting(name)} names ${path}, ${read.fault}`);
    else values[name] = read.text;
  }
  if (faults.length > 0) throw new SettingsError(faults);
  return values;
}

/** More than any key or URL has: what is larger is another file. */
const LARGEST = 65_536;

/** @returns the text, or what is wrong with the file, to be read after its path. */
function readSecret(path: string): { readonly text: string } | { readonly fault: string } {
  let bytes: Buffer;
  try {
    // A pipe that nobody writes to would hold the start.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (fstatSync(file).isDirectory()) return { fault: 'which is a folder' };
      if (!fstatSync(file).isFile()) return { fault: 'which is no ordinary file' };
      bytes = readAtMost(file, LARGEST + 1);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { fault: UNREADABLE[(error as NodeJS.ErrnoException).code ?? ''] ?? 'which can’t be read' };
  }
  if (bytes.length > LARGEST) return { fault: 'which is larger than 64 KiB' };
  const text = decoded(bytes);
  if (text === null) return { fault: 'which is no text in UTF-8' };
  const value = cleanValue(text);
  return value === '' ? { fault: 'which is empty' } : { text: value };
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'which is not there',
  ENOTDIR: 'which is not there',
  EACCES: 'which this user may not read',
  EPERM: 'which this user may not read',
};

/** Its size is no measure: files of the kernel tell none. */
function readAtMost(file: number, most: number): Buffer {
  const buffer = Buffer.alloc(most);
  let length = 0;
  for (let more = -1; more !== 0 && length < most; length += more)
    more = readSync(file, buffer, length, most - length, null);
  return buffer.subarray(0, length);
}

function decoded(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
