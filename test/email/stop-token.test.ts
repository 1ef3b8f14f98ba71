import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from '../support/properties.js';
import { TOPICS } from '../../src/domain/kinds.js';
import { createStopTokens } from '../../src/email/stop/token.js';

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const address = createHash('sha256').update('jane@example.com').digest('base64url');

describe('a stop link’s token', () => {
  test('says whose emails and which topic, and nothing else', () => {
    const tokens = createStopTokens([NEW]);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom(...TOPICS), (hash, topic) => {
        const request = { address: Buffer.from(hash).toString('base64url'), topic };
        expect(tokens.read(tokens.make(request))).toEqual(request);
      }),
    );
  });

  test('is short enough that a link isn’t folded, and fit for a URL', () => {
    expect(createStopTokens([NEW]).make({ address, topic: 'progress' })).toMatch(/^[A-Za-z0-9_-]{60}$/);
  });

  test('is believed under every key of a rotation, and under no other', () => {
    const token = createStopTokens([OLD]).make({ address, topic: 'reminders' });
    expect(createStopTokens([NEW, OLD]).read(token)).toEqual({ address, topic: 'reminders' });
    expect(createStopTokens([NEW]).read(token)).toBeNull();
  });

  test('is not believed with any sign changed, cut off or added', () => {
    const tokens = createStopTokens([NEW]);
    const token = tokens.make({ address, topic: 'reminders' });
    const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      fc.property(fc.nat(59), fc.constantFrom(...signs.split('')), (at, sign) => {
        const changed = token.slice(0, at) + sign + token.slice(at + 1);
        fc.pre(changed !== token);
        expect(tokens.read(changed)).toBeNull();
      }),
    );
    for (const other of ['', token.slice(1), `${token}A`, `${token}=`, ` ${token}`, 'x'.repeat(5000)])
      expect(tokens.read(other)).toBeNull();
  });

  test('can’t be made with a short key or of something that is no keyed hash', () => {
    expect(() => createStopTokens([])).toThrow();
    expect(() => createStopTokens([Buffer.alloc(16)])).toThrow();
    expect(() => createStopTokens([NEW]).make({ address: 'jane@example.com', topic: 'progress' })).toThrow();
  });
});
