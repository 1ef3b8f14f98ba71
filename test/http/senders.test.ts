import { describe, expect, test } from '@jest/globals';
import { senderOf } from '../../src/http/senders.js';

describe('one sender', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '::ffff:10.1.2.3'],
    ['2001:db8::1', '2001:db8::ffff:1:2:3'],
    ['2001:DB8::1', '2001:db8:0:0:1::'],
    ['fe80::1%eth0', 'fe80::2%eth0'],
    [undefined, 'no address'],
  ])('is %s and %s', (one, other) => {
    expect(senderOf(one)).toBe(senderOf(other));
  });

  test.each([
    ['10.1.2.3', '10.1.2.4'],
    ['2001:db8::1', '2001:db8:0:1::1'],
  ])('is not %s and %s', (one, other) => {
    expect(senderOf(one)).not.toBe(senderOf(other));
  });
});
