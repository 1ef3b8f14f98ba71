import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maskAddress, maskReply } from '../../src/ledger/masks.js';

describe('masking', () => {
  test.each([
    ['jane@example.com', 'j•••@example.com'],
    ['j@example.com', 'j•••@example.com'],
    ['örjan@exämple.se', 'ö•••@exämple.se'],
    ['😀smile@example.com', '😀•••@example.com'],
    ['nothing', '•••'],
    ['', '•••'],
  ])('%s is shown as %s', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });

  test.each([
    ['550 5.1.1 <jane@example.com>: no such user', '550 5.1.1 <j•••@example.com>: no such user'],
    ['550 JANE@EXAMPLE.COM unknown', '550 j•••@example.com unknown'],
    ['451 try later (jane@example.com, bob@x.org)', '451 try later (j•••@example.com, b•••@x.org)'],
    ['250 2.0.0 Ok: queued as 4F1', '250 2.0.0 Ok: queued as 4F1'],
    ['550 "jane d"@example.com', '550 "•••@example.com'],
  ])('a mail server’s words are kept, without addresses: %s', (reply, masked) => {
    expect(maskReply(reply, 'jane@example.com')).toBe(masked);
  });

  test('the known address never survives, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.emailAddress(), (before, after, address) => {
        const local = address.slice(0, address.lastIndexOf('@'));
        fc.pre(local.length > 3);
        expect(maskReply(`${before} ${address} ${after}`, address).toLowerCase()).not.toContain(
          ` ${address.toLowerCase()} `,
        );
      }),
    );
  });
});
