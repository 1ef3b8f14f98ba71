import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { cutReply, maskAddress, maskReply } from '../../src/ledger/masks.js';

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
    ['550 mailbox jane: size=4096, limit=400', '550 mailbox j•••: size=4096, limit=400'],
  ])('a mail server’s words are kept, without addresses: %s', (reply, masked) => {
    expect(maskReply(reply, 'jane@example.com')).toBe(masked);
  });

  // As real servers say it, of an address that each line is about.
  test.each([
    ['enc.jones', '550 5.1.1 rfc822;enc.jones=40example.com see https://help.example/?r=enc.jones%40example.com'],
    ['localonly.jones', '550 5.1.1 unknown or illegal user: localonly.jones'],
    ['srs.jones', '550 5.1.1 SRS0=x=y=example.com=srs.jones@relay.example unknown (srs.jones at example.com)'],
    ['abby.jones', '550 5.1.1 SRS0=x=y=example.com=abby.jones@relay.example'],
    ['verp.jones', '550 5.1.1 bounces+verp.jones=example.com@relay.example'],
    ['wide.jones', '550 5.1.1 ＷＩＤＥ.jones＠example.com'],
    [
      'html.jones',
      '550 5.1.1 html.jones&#64;example.com and html.jones&#x40;example.com and html.jones&commat;example.com',
    ],
    ['coded.jones', '550 5.1.1 %63oded%2Ejones%40example.com =63oded=2Ejones=40example.com'],
    ['all.jones', '550 5.1.1 &#97;&#108;&#108;&#46;&#106;&#111;&#110;&#101;&#115;'],
    ['Case.Jones', '550 5.1.1 CASE.JONES unknown, case.jones@EXAMPLE.com'],
    ['jane', '550 5.1.1 \'jane\' or "jane" or jane: no such mailbox'],
    ['jane', '550 5.1.1 r=3Djane%40x r%3Djane'],
    ['zoë', '550 5.1.1 ZO\u00cb and zo%C3%AB@example.com'],
    ['zo\u00eb', '550 5.1.1 user zoe\u0308 unknown'],
    ['jo', '550 5.1.1 user jo is unknown, <jo@example.com>'],
    ['tag.jones+kit', '550 5.1.1 tag.jones is over quota'],
    ['"quoted jones"', '550 5.1.1 quoted jones is over quota, "quoted jones"@example.com'],
  ])('the local part %s is shown in no writing of it: %s', (local, reply) => {
    const masked = maskReply(reply, `${local}@example.com`);
    const name = local.replaceAll('"', '').replace(/\+.*/u, '').toLowerCase();
    const read = masked
      .replaceAll(/&#(\d+);/gu, (_, point: string) => String.fromCodePoint(Number(point)))
      .replaceAll(/[%=]([2-7][0-9a-f])/giu, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
      .normalize('NFKC')
      .toLowerCase();
    for (const shown of [masked.toLowerCase(), read])
      expect(shown.split(/[^\p{L}\p{N}. ]/u).join(' ')).not.toMatch(
        new RegExp(`(?<![\\p{L}\\p{N}])${name.replaceAll('.', String.raw`\.`)}(?![\\p{L}\\p{N}])`, 'u'),
      );
    expect(masked).toMatch(/^550 5\.1\.1 /u);
  });

  test('a local part that is a number leaves the code of the reply readable', () => {
    expect(maskReply('550 5.1.1 user 550 unknown', '550@example.com')).toBe('550 5.1.1 user 5••• unknown');
    expect(maskReply('550 5.1.1 no 5', '5@example.com')).toBe('550 5.1.1 no 5•••');
  });

  test('words are kept to a thousand characters, never half an address', () => {
    expect(cutReply('550 short')).toBe('550 short');
    for (let before = 960; before <= 1_000; before += 1) {
      const kept = cutReply(`${'x '.repeat(before / 2)}jane.long.name@example.com is unknown`);
      expect(kept.length).toBeLessThanOrEqual(1_000);
      expect(kept).not.toMatch(/ja?n?e?\.?l?o?n?g?…$/u);
      expect(cutReply(kept)).toBe(kept);
    }
  });

  test.each([
    ['one word', 'a'.repeat(1_000_000)],
    ['at signs', '@'.repeat(1_000_000)],
    ['quotes', '"a'.repeat(500_000)],
    ['addresses', 'jane@example.com '.repeat(60_000)],
    ['escapes', '%40=40&#64;'.repeat(90_000)],
    ['entities that never end', '&#6'.repeat(330_000)],
  ])('a reply of a megabyte of %s is masked in less than 50 ms', (_what, reply) => {
    // The best of some, because on a busy machine one alone may have to wait.
    const took = Array.from({ length: 5 }, () => {
      const began = performance.now();
      maskReply(reply, 'jane@example.com');
      return performance.now() - began;
    });
    expect(Math.min(...took)).toBeLessThan(50);
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
