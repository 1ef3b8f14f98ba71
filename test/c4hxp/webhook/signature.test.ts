import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from '../../support/properties.js';
import { looksSigned, sign, verifySignature } from '../../../src/c4hxp/webhook/signature.js';

const SECRET = 'whsec_of_the_tests';
const RAW = Buffer.from('{"event":"kit.registered"}');
const GOOD = `sha256=${createHmac('sha256', SECRET).update(RAW).digest('hex')}`;

describe('a signature', () => {
  test('is the one of the partner page: sha256= and the HMAC of the raw bytes in lower-case hex', () => {
    expect(sign(RAW, SECRET)).toBe(GOOD);
    expect(verifySignature(RAW, GOOD, [SECRET])).toBe(true);
  });

  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['only the prefix', 'sha256='],
    ['no prefix', GOOD.slice(7)],
    ['another prefix', GOOD.replace('sha256', 'sha1')],
    ['an upper-case prefix', GOOD.replace('sha256', 'SHA256')],
    ['upper-case hex', `sha256=${GOOD.slice(7).toUpperCase()}`],
    ['one digit less', GOOD.slice(0, -1)],
    ['one digit more', `${GOOD}0`],
    ['a line feed at its end', `${GOOD}\n`],
    ['the page’s own example, which is an MD5', 'sha256=5d41402abc4b2a76b9719d911017c592'],
    ['letters that are no hex', `sha256=${'g'.repeat(64)}`],
    ['base64', `sha256=${createHmac('sha256', SECRET).update(RAW).digest('base64')}`],
    ['a megabyte', `sha256=${'a'.repeat(1_000_000)}`],
    ['two, as Node joins two headers', `${GOOD}, ${GOOD}`],
    ['a list', [GOOD, GOOD]],
    ['that of another secret', sign(RAW, 'another secret')],
    ['that of other bytes', sign(`${RAW.toString()} `, SECRET)],
  ])('is refused when it is %s', (_, header) => {
    expect(verifySignature(RAW, header, [SECRET])).toBe(false);
  });

  test('is over the bytes, not over what they mean: the same JSON spaced otherwise is refused', () => {
    const spaced = Buffer.from(JSON.stringify(JSON.parse(RAW.toString()), null, 2));
    expect(verifySignature(spaced, GOOD, [SECRET])).toBe(false);
  });

  test('may be made with any of the secrets while they rotate', () => {
    expect(verifySignature(RAW, GOOD, ['new secret', SECRET])).toBe(true);
    expect(verifySignature(RAW, GOOD, [SECRET, 'old secret'])).toBe(true);
    expect(verifySignature(RAW, GOOD, ['new secret', 'old secret'])).toBe(false);
    expect(verifySignature(RAW, GOOD, [])).toBe(false);
  });

  test('is never made with an empty secret', () => {
    expect(verifySignature(RAW, sign(RAW, ''), [''])).toBe(false);
  });

  test('of any bytes, empty ones too, verifies, and one flipped bit does not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ minLength: 1 }), fc.nat(), (bytes, secret, at) => {
        const raw = Buffer.from(bytes);
        const header = sign(raw, secret);
        expect(verifySignature(raw, header, [secret])).toBe(true);
        if (raw.length === 0) return;
        raw[at % raw.length] = (raw[at % raw.length] ?? 0) ^ 1;
        expect(verifySignature(raw, header, [secret])).toBe(false);
      }),
    );
  });

  test('can be told by its shape before any body is read', () => {
    expect(looksSigned(GOOD)).toBe(true);
    expect(looksSigned(`${GOOD}, ${GOOD}`)).toBe(false);
    expect(looksSigned(undefined)).toBe(false);
  });
});
