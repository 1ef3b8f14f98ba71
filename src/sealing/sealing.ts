import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto';
import { domainToASCII } from 'node:url';
import type { HashPurpose, KeyedHash } from '../domain/arrivals.js';
import { assertUsable, type Key, KeyProblem, type Keys } from './keys.js';

/** Where a sealed value stands. It opens nowhere else, so that rows can't be swapped. */
export interface SealedLocation {
  readonly table: string;
  readonly column: string;
  /** What identifies the row and whom it is about, as far as that is known before the insert: part by part. */
  readonly key: readonly (string | Buffer)[];
}

/** Why something didn't open. The bytes and the location are not repeated. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** The only room that knows keys: it seals what may be read again, and hashes what is only compared. */
export interface Sealing {
  /** Seals under the newest encryption key. Its length tells the plain length only to the next 256 bytes. */
  seal(plain: Buffer, location: SealedLocation): Buffer;
  /** @throws SealBroken when it was altered, stands elsewhere, or its key is not among ours. */
  open(sealed: Buffer, location: SealedLocation): Buffer;
  /** HMAC-SHA-256 under the newest index key; addresses and names are normalised first. */
  readonly hash: KeyedHash;
  /** The same under every index key, newest first: for finding what was hashed before a rotation. */
  readonly hashes: (purpose: HashPurpose, value: string | Buffer) => Buffer[];
  /** The ids of the configured keys, newest first. */
  readonly keyIds: { readonly encryption: readonly string[]; readonly index: readonly string[] };
  /** HMAC-SHA-256 under the index key with this id; null where it isn't configured. */
  hashUnder(indexKeyId: string): KeyedHash | null;
  /** A value per key by which a database notices, at start, that it is given another key: `checkKeys`. */
  checkValues(): { readonly name: string; readonly value: string }[];
}

/** The form in which keyed hashes leave the database: as facts carry them. */
export const encodeHash = (hash: Buffer): string => hash.toString('base64url');

export const decodeHash = (text: string): Buffer => Buffer.from(text, 'base64url');

/** version ‖ length of key id ‖ key id ‖ nonce ‖ ciphertext ‖ tag */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BLOCK_BYTES = 256;
const LENGTH_BYTES = 4;

/** @throws KeyProblem when the keys can't be used. */
export function createSealing({ encryptionKeys, indexKeys }: Keys): Sealing {
  assertUsable('ENCRYPTION_KEYS', encryptionKeys);
  assertUsable('INDEX_KEYS', indexKeys);
  const [newest] = encryptionKeys as [Key];
  const [newestIndex] = indexKeys as [Key];
  const byId = new Map(encryptionKeys.map(({ id, key }) => [id, key]));
  const newestHeader = headerOf(newest.id);
  const nextNonce = createNonces(NONCE_BYTES);

  return {
    seal(plain, location) {
      const nonce = nextNonce();
      const cipher = createCipheriv('aes-256-gcm', newest.key, nonce);
      cipher.setAAD(associated(newestHeader, location));
      return Buffer.concat([newestHeader, nonce, cipher.update(pad(plain)), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, location) {
      const header = readHeader(sealed);
      const key = byId.get(header.toString('latin1', 2));
      if (key === undefined) throw new SealBroken('sealed under a key that is not configured');
      const start = header.length + NONCE_BYTES;
      const end = sealed.length - TAG_BYTES;
      if (end < start) throw new SealBroken('too short to be sealed');
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(header.length, start));
      decipher.setAAD(associated(header, location));
      decipher.setAuthTag(sealed.subarray(end));
      try {
        return unpad(Buffer.concat([decipher.update(sealed.subarray(start, end)), decipher.final()]));
      } catch (error) {
        throw new SealBroken('altered, or moved from another place', { cause: error });
      }
    },
    hash: (purpose, value) => keyed(newestIndex.key, purpose, comparable(purpose, value)),
    hashes(purpose, value) {
      const form = comparable(purpose, value);
      return indexKeys.map(({ key }) => keyed(key, purpose, form));
    },
    keyIds: { encryption: encryptionKeys.map(({ id }) => id), index: indexKeys.map(({ id }) => id) },
    hashUnder(indexKeyId) {
      const found = indexKeys.find(({ id }) => id === indexKeyId);
      if (found === undefined) return null;
      return (purpose, value) => keyed(found.key, purpose, comparable(purpose, value));
    },
    checkValues: () => [
      ...encryptionKeys.map((key) => checkValue('ENCRYPTION_KEYS', key)),
      ...indexKeys.map((key) => checkValue('INDEX_KEYS', key)),
    ],
  };
}

/** Drawn at once: each call into the generator costs more than sealing a webhook. */
const NONCES_AT_ONCE = 256;

/** Random nonces of `bytes` bytes, each given out once. */
function createNonces(bytes: number): () => Buffer {
  const drawn = Buffer.alloc(NONCES_AT_ONCE * bytes);
  let used = drawn.length;
  return () => {
    if (used === drawn.length) {
      randomFillSync(drawn);
      used = 0;
    }
    used += bytes;
    return Buffer.from(drawn.subarray(used - bytes, used));
  };
}

function headerOf(keyId: string): Buffer {
  return Buffer.concat([Buffer.from([VERSION, keyId.length]), Buffer.from(keyId, 'latin1')]);
}

function readHeader(sealed: Buffer): Buffer {
  const [version, idLength] = sealed;
  if (version !== VERSION || idLength === undefined) throw new SealBroken('not a version that is known here');
  return sealed.subarray(0, 2 + idLength);
}

/** Each part with its length before it, so that no two locations read the same. */
function associated(header: Buffer, { table, column, key }: SealedLocation): Buffer {
  const parts = [header, Buffer.from(table), Buffer.from(column), ...key.map(bytesOf)];
  return Buffer.concat(parts.flatMap((part) => [lengthOf(part), part]));
}

const bytesOf = (part: string | Buffer): Buffer => (typeof part === 'string' ? Buffer.from(part) : part);

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(bytes.length);
  return length;
}

function pad(plain: Buffer): Buffer {
  const blocks = Math.ceil((LENGTH_BYTES + plain.length) / BLOCK_BYTES);
  const padded = Buffer.alloc(blocks * BLOCK_BYTES);
  padded.writeUInt32BE(plain.length);
  plain.copy(padded, LENGTH_BYTES);
  return padded;
}

function unpad(padded: Buffer): Buffer {
  return padded.subarray(LENGTH_BYTES, LENGTH_BYTES + padded.readUInt32BE());
}

/** A prefix for each purpose: an address and a name that read the same have different hashes. */
function keyed(key: Buffer, purpose: string, value: string | Buffer): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0`).update(value).digest();
}

function comparable(purpose: HashPurpose, value: string | Buffer): string | Buffer {
  if (purpose === 'email') return normaliseEmail(value.toString());
  if (purpose === 'name') return normaliseName(value.toString());
  return value;
}

function checkValue(setting: string, { id, key }: Key): { name: string; value: string } {
  return { name: `${setting}:${id}`, value: keyed(key, 'key-check', id).toString('hex') };
}

/**
 * The form under which an address is compared: trimmed, NFC, lower case, its domain as IDNA. `+tags` and dots stay:
 * they may be another person's. Giving it its own result changes nothing.
 */
export function normaliseEmail(address: string): string {
  const plain = lower(address.trim());
  const at = plain.lastIndexOf('@');
  if (at < 0) return plain;
  const domain = plain.slice(at + 1);
  return `${plain.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** The form under which a person's full name is compared: compatibility-normalised, lower case, single spaces. */
export function normaliseName(name: string): string {
  return lower(name.normalize('NFKC')).replace(/\s+/gu, ' ').trim();
}

/** Lower-casing may leave combining marks apart, and composing them may make another capital: until it settles. */
function lower(text: string): string {
  const once = text.normalize('NFC').toLowerCase().normalize('NFC');
  return once === text ? once : lower(once);
}

/** What a database remembers of the keys it was written with (`createMeta`). */
export interface KeyMemory {
  /** Everything remembered whose name starts so. */
  list(prefix: string): Promise<{ readonly key: string; readonly value: string }[]>;
  /** Remembers it unless something is remembered under that name; tells what is remembered now. */
  remember(key: string, value: string): Promise<string>;
  forget(key: string): Promise<void>;
}

const PREFIX = 'key-check:';

/**
 * Compares the configured keys with those the database was written with, and remembers new ones. Every former key must
 * still be there, except an encryption key under which nothing is sealed any more: without it some rows don't open, or a
 * repeated webhook isn't recognised.
 * @param isSealedUnder whether anything is sealed under the key with this id.
 * @throws KeyProblem in one sentence that names the setting and the key's id.
 */
export async function checkKeys(
  sealing: Sealing,
  memory: KeyMemory,
  isSealedUnder: (id: string) => Promise<boolean>,
): Promise<void> {
  const configured = new Map(sealing.checkValues().map(({ name, value }) => [name, value]));
  for (const { key } of await memory.list(PREFIX)) {
    const name = key.slice(PREFIX.length);
    if (!configured.has(name)) {
      const [setting, id] = split(name);
      if (setting === 'ENCRYPTION_KEYS' && !(await isSealedUnder(id))) {
        await memory.forget(key);
        continue;
      }
      throw new KeyProblem(
        `${setting} lacks the key "${id}", with which this database was written: add it behind the newer ones.`,
      );
    }
  }
  for (const [name, value] of configured) {
    if ((await memory.remember(PREFIX + name, value)) !== value) {
      const [setting, id] = split(name);
      throw new KeyProblem(
        `${setting}: the key "${id}" is not the one with which this database was written: put the former one back, or give the new one another id.`,
      );
    }
  }
}

function split(name: string): [setting: string, id: string] {
  const colon = name.indexOf(':');
  return [name.slice(0, colon), name.slice(colon + 1)];
}
