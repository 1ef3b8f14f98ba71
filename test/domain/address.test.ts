import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { usableAddress } from '../../src/domain/address.js';

describe('a usable address', () => {
  test.each([
    ['jane@example.com', 'jane@example.com'],
    ['  Jane.Doe+kits@Example.COM ', 'Jane.Doe+kits@example.com'],
    ["o'brien@example.co.uk", "o'brien@example.co.uk"],
    ['jana@bücher.example', 'jana@xn--bcher-kva.example'],
    ['jane@example.com.', 'jane@example.com'],
    ['用户@例子.example', '用户@xn--fsqu00a.example'],
    ['_x-1@sub.example.com', '_x-1@sub.example.com'],
    // What stands around it by mistake.
    ['\u200bjane3@example.com', 'jane3@example.com'],
    ['jane4@example.com\u200b', 'jane4@example.com'],
    ['\ufeffjane5@example.com\u2060', 'jane5@example.com'],
    ['\u00a0jane6@example.com\u2009\n', 'jane6@example.com'],
    ['jane9@example.com,', 'jane9@example.com'],
    ['jane10@example.com;', 'jane10@example.com'],
    [', jane11@example.com', 'jane11@example.com'],
    ['<jane12@example.com>', 'jane12@example.com'],
    ['mailto:jane13@example.com', 'jane13@example.com'],
    [' < MAILTO:jane14@example.com > ,', 'jane14@example.com'],
  ])('%j becomes %j', (given, address) => {
    expect(usableAddress(given)).toBe(address);
  });

  test.each([
    null,
    7,
    '',
    'jane',
    '@example.com',
    'jane@',
    'jane@localhost',
    'jane@@example.com',
    'jane@example.com, eve@evil.example',
    'jane@example.com;eve@evil.example',
    'jane@example.com eve@evil.example',
    'Jane <jane@example.com>',
    '<jane@example.com',
    '<jane@example.com> <eve@evil.example>',
    'mailto:jane@example.com?cc=eve@evil.example',
    '=?utf-8?q?jane?=@example.com',
    '=?x@example.com',
    'jane?=@example.com',
    'jane%evil.example@example.com',
    'evil.example!jane@example.com',
    '-oQ/tmp@example.com',
    '|sh@example.com',
    '/etc/passwd@example.com',
    'jane＠example.com',
    'jane@example．com',
    'jane@example。com',
    'jane@example｡com',
    'jane．doe@example.com',
    'ｊａｎｅ@example.com',
    'ja\u115fne@example.com',
    'ja\u034fne@example.com',
    'jane7@exam\u00adple.com',
    'jane(comment)@example.com',
    'jane@example.com (Jane)',
    '"jane doe"@example.com',
    '"a@evil.example,"@example.com',
    'jane..doe@example.com',
    '.jane@example.com',
    'jane@[127.0.0.1]',
    'jane@127.0.0.1',
    'jane@2130706433',
    'jane@exa mple.com',
    'jane@exam\u00adple.com',
    'jane@example..com',
    'jane@-example.com',
    'jane@example.com/evil',
    'jane@example.com:25',
    'jane@example.com\r\nBcc: eve@evil.example',
    'jane\r\n@example.com',
    'jane\u202e@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}.com`,
    'a'.repeat(100_000),
  ])('%j is none', (given) => {
    expect(usableAddress(given)).toBeNull();
  });

  test('is the same one whatever stands around it', () => {
    const around = fc.array(fc.constantFrom(' ', '\t', '\n', '\u00a0', '\u200b', '\ufeff', '\u00ad', ',', ';'));
    const wrap = fc.constantFrom(
      (address: string) => address,
      (address: string) => `<${address}>`,
      (address: string) => `mailto:${address}`,
      (address: string) => `<mailto:${address}>`,
    );
    fc.assert(
      fc.property(around, wrap, around, (before, wrapped, after) => {
        expect(usableAddress(before.join('') + wrapped('jane@example.com') + after.join(''))).toBe('jane@example.com');
      }),
    );
  });

  test('is one mailbox, whatever came: no sign that separates, quotes, comments or breaks a line', () => {
    const sign = fc.constantFrom(...Array.from('aB1.@,;<>()"\\ \r\n\t\0:[]+-_é用\u202e\u00ad%=/?#!|\u115f＠．。'));
    const noise = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(sign, { maxLength: 30 }).map((s) => s.join('')),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          noise,
          fc.tuple(noise, noise).map(([a, b]) => `${a}@${b}.example`),
        ),
        (given) => {
          const address = usableAddress(given);
          if (address === null) return;
          expect(address).toMatch(/^[^\s,;<>()"\\[\]:\p{C}]+@[a-z0-9.-]+$/u);
          expect(address.match(/@/g)).toHaveLength(1);
          expect(address).not.toMatch(/^[-|/]|[%!]|=\?|\?=|\p{Default_Ignorable_Code_Point}/u);
          expect(usableAddress(address)).toBe(address);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
