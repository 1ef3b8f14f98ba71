import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import {
  checkKeys,
  createSealing,
  type KeyMemory,
  normaliseEmail,
  normaliseName,
  SealBroken,
} from '../../src/sealing/sealing.js';
import { KeyProblem, type Key } from '../../src/sealing/keys.js';

const key = (id: string): Key => ({ id, key: randomBytes(32) });
const place = { table: 'inbox_bodies', column: 'sealed', key: [Buffer.from('row')] };
const [a, b, i, j] = [key('a'), key('b'), key('i'), key('j')];
const sealing = createSealing({ encryptionKeys: [a], indexKeys: [i] });

const never = (): Promise<boolean> => Promise.resolve(false);

function memory(): KeyMemory & { held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    list: (prefix) =>
      Promise.resolve(
        [...held].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => ({ key: name, value })),
      ),
    remember(name, value) {
      if (!held.has(name)) held.set(name, value);
      return Promise.resolve(held.get(name) ?? '');
    },
    forget(name) {
      held.delete(name);
      return Promise.resolve();
    },
  };
}

describe('sealing', () => {
  test('opens what it sealed, at its place', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const plain = Buffer.from(bytes);
        expect(sealing.open(sealing.seal(plain, place), place)).toEqual(plain);
      }),
    );
  });

  test('opens nothing that was altered in any byte, cut or lengthened', () => {
    const sealed = sealing.seal(Buffer.from('Jane'), place);
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      expect(() => sealing.open(altered, place)).toThrow(SealBroken);
    }
    for (const end of [0, 1, 2, 20, sealed.length - 1]) {
      expect(() => sealing.open(sealed.subarray(0, end), place)).toThrow(SealBroken);
    }
    expect(() => sealing.open(Buffer.concat([sealed, Buffer.from([0])]), place)).toThrow(SealBroken);
  });

  test('opens nothing at another place, even one that reads the same when put together', () => {
    const sealed = sealing.seal(Buffer.from('Jane'), place);
    for (const other of [
      { ...place, table: 'contacts' },
      { ...place, column: 'other' },
      { ...place, key: ['row2'] },
      { ...place, key: ['ro', 'w'] },
      { ...place, key: [...place.key, ''] },
      { table: 'inbox_bodie', column: 'ssealed', key: ['row'] },
    ]) {
      expect(() => sealing.open(sealed, other)).toThrow(SealBroken);
    }
  });

  test('hides the length to the next 256 bytes, and never seals the same twice', () => {
    const lengthOf = (bytes: number) => sealing.seal(Buffer.alloc(bytes), place).length;
    expect(lengthOf(0)).toBe(lengthOf(252));
    expect(lengthOf(253)).toBe(lengthOf(0) + 256);
    expect(sealing.seal(Buffer.from('x'), place)).not.toEqual(sealing.seal(Buffer.from('x'), place));
  });

  test('opens what a former key sealed, and seals under the newest', () => {
    const rotated = createSealing({ encryptionKeys: [b, a], indexKeys: [i] });
    expect(rotated.open(sealing.seal(Buffer.from('x'), place), place).toString()).toBe('x');
    expect(() => sealing.open(rotated.seal(Buffer.from('x'), place), place)).toThrow(SealBroken);
  });
});

describe('keyed hashes', () => {
  test('are HMAC-SHA-256 with a prefix for their purpose', () => {
    const expected = createHmac('sha256', i.key).update('body\0value').digest();
    expect(sealing.hash('body', 'value')).toEqual(expected);
    expect(sealing.hash('webhook', 'value')).not.toEqual(expected);
  });

  test('come under every index key for look-ups, newest first, whatever the encryption keys are', () => {
    const rotated = createSealing({ encryptionKeys: [b], indexKeys: [j, i] });
    expect(rotated.hashes('webhook', 'value')).toEqual([
      rotated.hash('webhook', 'value'),
      sealing.hash('webhook', 'value'),
    ]);
  });

  test('are the same for one address however it is written, and others keep their tags and dots', () => {
    const same = ['Jane@Exämple.com', ' jane@EXÄMPLE.com ', 'jane@xn--exmple-cua.com', 'jane@exa\u0308mple.com'];
    expect(new Set(same.map((address) => sealing.hash('email', address).toString('hex'))).size).toBe(1);
    expect(sealing.hash('email', 'ja.ne+x@example.com')).not.toEqual(sealing.hash('email', 'jane@example.com'));
  });

  test('normalising twice is normalising once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (local, domain) => {
        const address = normaliseEmail(`${local}@${domain}`);
        expect(normaliseEmail(address)).toBe(address);
        const name = normaliseName(local + domain);
        expect(normaliseName(name)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });
});

describe('keys', () => {
  test('that can not be used are refused in a sentence without the secret', () => {
    const short = { id: 'a', key: Buffer.from('short') };
    expect(() => createSealing({ encryptionKeys: [], indexKeys: [i] })).toThrow(/ENCRYPTION_KEYS is empty/);
    expect(() => createSealing({ encryptionKeys: [short], indexKeys: [i] })).toThrow(/"a" must be 32 bytes/);
    expect(() => createSealing({ encryptionKeys: [a], indexKeys: [i, { ...j, id: 'i' }] })).toThrow(
      /INDEX_KEYS.*same id/,
    );
    expect(() => createSealing({ encryptionKeys: [{ ...a, id: 'a b' }], indexKeys: [i] })).toThrow(KeyProblem);
  });

  test('are remembered by a value, and another key under the same id is refused', async () => {
    const database = memory();
    await checkKeys(sealing, database, never);
    await checkKeys(sealing, database, never);
    await expect(
      checkKeys(createSealing({ encryptionKeys: [key('a')], indexKeys: [i] }), database, never),
    ).rejects.toThrow(/ENCRYPTION_KEYS: the key "a" is not the one/);
    expect([...database.held.values()].join()).not.toContain(a.key.toString('hex'));
  });

  test('may be added, but not left out', async () => {
    const database = memory();
    await checkKeys(sealing, database, never);
    await checkKeys(createSealing({ encryptionKeys: [b, a], indexKeys: [j, i] }), database, never);
    await expect(checkKeys(createSealing({ encryptionKeys: [b, a], indexKeys: [j] }), database, never)).rejects.toThrow(
      /INDEX_KEYS lacks the key "i"/,
    );
  });

  test('of encryption may be left out once nothing is sealed under them, and are then forgotten', async () => {
    const database = memory();
    await checkKeys(createSealing({ encryptionKeys: [b, a], indexKeys: [i] }), database, never);
    const without = createSealing({ encryptionKeys: [b], indexKeys: [i] });
    await expect(checkKeys(without, database, (id) => Promise.resolve(id === 'a'))).rejects.toThrow(
      /ENCRYPTION_KEYS lacks the key "a"/,
    );
    await checkKeys(without, database, never);
    expect([...database.held.keys()]).toEqual(['key-check:ENCRYPTION_KEYS:b', 'key-check:INDEX_KEYS:i']);
  });
});
