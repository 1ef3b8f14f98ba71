import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { greetingName } from '../../src/email/greeting-name.js';
import { createEmails } from '../../src/email/compose.js';
import { BRAND, emailInput } from './fixtures.js';

const NASTY = [
  '\r\n',
  '\u2028',
  '\u202e',
  '\u2066',
  '\0',
  '<b>',
  '</style>',
  '<!--',
  '&lt;',
  '"',
  "'",
  '{k}',
  '{name, select, other {x}}',
  '$&',
  '\u200b',
  '😀',
  'é',
  'ß',
  'www.',
  '.com',
  'http://',
  '@',
  '  ',
  '\ud800',
  'Jane',
  '．',
  '。',
  '：',
  '／',
  '＠',
  '․',
  'com',
  'Ã',
  '©',
  'null',
  'O’Brien',
  'سارة',
  '李',
];
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((parts) => parts.join('')),
);

describe('a name to greet with', () => {
  test.each([
    ['Jane', 'Jane'],
    ['  María  José ', 'María José'],
    ['O’Brien', 'O’Brien'],
    ["D'Angelo", "D'Angelo"],
    ['Jean-Luc', 'Jean-Luc'],
    ['J.R.', 'J.R.'],
    ['Nguyễn', 'Nguyễn'],
    ['李', '李'],
    ['سارة', 'سارة'],
    ['Jane\u200b', 'Jane'],
    ['\u202eJane', 'Jane'],
  ])('%j is %j', (given, greeted) => {
    expect(greetingName(given)).toBe(greeted);
  });

  test.each([
    '',
    '   ',
    '\u00a0\u3000',
    'Jane\r\nBcc: x',
    'Jane\nDoe',
    '<b>Jane</b>',
    'Jane & <i>',
    'a'.repeat(41),
    'x'.repeat(500),
    'evil.example',
    'www.evil',
    'http://x',
    'jane@example.com',
    '+1 555',
    '123',
    '😀',
    '{name}',
    'Z̴̷̵̸a̴̷̵̸',
  ])('%j is none', (given) => {
    expect(greetingName(given)).toBeNull();
  });

  test.each(['null', 'NULL', 'undefined', 'None', 'NaN', 'NA', 'UNKNOWN', 'JosÃ©', 'JosÃ\u2066©', 'Jos\ufffd'])(
    '%j, as a shop sent it, is none',
    (given) => {
      expect(greetingName(given)).toBeNull();
    },
  );

  test.each([
    'N/A',
    'n.a.',
    'na',
    'N.A',
    'test',
    'Test?',
    '-',
    '--',
    '.',
    '…',
    '12',
    'ｎｕｌｌ',
    '(null)',
    'Unknown ',
    'XX',
  ])('that was written because none was known, %j, is none', (given) => {
    expect(greetingName(given)).toBeNull();
  });

  test.each(['José', 'Ayşe', 'Łukasz', 'Zoë', 'JOÃO', 'Иван', 'سارة', '李明', 'Štěpán', 'Ñusta', 'Øyvind'])(
    '%j misread as Latin-1, as Windows-1252 or as Mac Roman is none, and is one as it is',
    (name) => {
      expect(greetingName(name)).toBe(name);
      const bytes = Buffer.from(name);
      if (bytes.length === name.length) return;
      expect(greetingName(bytes.toString('latin1'))).toBeNull();
      expect(greetingName(new TextDecoder('windows-1252').decode(bytes))).toBeNull();
      // Mac Roman leaves no trace in Chinese; elsewhere it does.
      if (name !== '李明') expect(greetingName(new TextDecoder('macintosh').decode(bytes))).toBeNull();
    },
  );

  test.each(['Ó’Brien', 'Ó\u00a0Briain', 'Na', 'Nan', 'Nullah', 'Testa', 'Ãngela', 'Gal·la', 'Ｊａｎｅ', 'St. Ann'])(
    '%j is one, though it looks like what is none',
    (given) => {
      expect(greetingName(given)).toBe(given.replace('\u00a0', ' '));
    },
  );

  test.each([
    'Jane．com',
    'http：／／x',
    'http：//jane',
    'Jane。com',
    'Jane․com',
    'ｗｗｗ．jane',
    'jane＠evil',
    'jane﹫evil',
    'Jane.c\u0301om',
    'Jane.\u200dcom',
    'http꞉∕∕jane',
    'Jane⁄com',
    'Jane‥com',
  ])('%j makes no link in any guise', (given) => {
    expect(greetingName(given)).toBeNull();
  });

  test('makes no mail client link, whatever came: no dot before a word, no scheme, no @, in any compatible form', () => {
    fc.assert(
      fc.property(hostile, (given) => {
        const name = greetingName(given);
        if (name === null) return;
        const plain = name.normalize('NFKC').replace(/[\p{M}\u200c\u200d]/gu, '');
        expect(plain).not.toMatch(/[.。]\p{L}{2}|[:/\\@]|www[.。]/iu);
      }),
      { numRuns: 3_000 },
    );
  });

  test('is one short line without markup, controls, overrides or links, whatever came', () => {
    fc.assert(
      fc.property(hostile, (given) => {
        const name = greetingName(given);
        if (name === null) return;
        expect(Array.from(name).length).toBeLessThanOrEqual(40);
        expect(name).not.toMatch(/[<>{}"@/\\\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]|www\./u);
        expect(name.trim()).toBe(name);
        expect(name).toMatch(/\p{L}/u);
        expect(greetingName(name)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an email made from hostile data', () => {
  const emails = createEmails({ brand: BRAND });

  test('differs from a harmless one in words only: same tags, same links, same headers, one line of subject', async () => {
    const tags = (html: string): string[] => html.match(/<[^>]*>/g) ?? [];
    const calm = await emails.compose(emailInput({ kind: 'kit.received_lab' }));
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (firstName, zone, locale) => {
        const person = { firstName, lastName: firstName, email: firstName, locale: null, zone };
        const email = await emails.compose(emailInput({ kind: 'kit.received_lab', person }));
        expect(tags(email.html)).toEqual(tags(calm.html));
        expect(email.headers).toEqual(calm.headers);
        expect(email.subject).toBe(calm.subject);
        // A locale may be anything: it never fails and never leaks.
        const other = await emails.compose(emailInput({ kind: 'kit.received_lab', person: { ...person, locale } }));
        expect(other.headers['Content-Language']).toMatch(/^(en|es|fr|de)$/);
      }),
      { numRuns: 60 },
    );
  });

  test('shows of a carrier only what is on our list, and of a number only what can be one', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (carrier, trackingNumber, estimatedDelivery) => {
        const parcels = [{ barcode: '123456789012', carrier, trackingNumber, estimatedDelivery }];
        const { html, subject } = await emails.compose(emailInput({ kind: 'order.shipped', parcels }));
        expect(subject).toBe('Your kit is on its way');
        for (const [, href = ''] of html.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^https:\/\/portal\.herald/);
      }),
      { numRuns: 40 },
    );
  });

  test('never links to a barcode, also where the sender put it into the tracking number', async () => {
    const parcels = [
      { barcode: '123456789012', carrier: 'FedEx', trackingNumber: '1234 5678 9012', estimatedDelivery: null },
    ];
    const { html, text } = await emails.compose(emailInput({ kind: 'order.shipped', parcels }));
    expect(html).not.toContain('123456789012');
    expect(text).not.toContain('123456789012');
  });

  test('has a subject also when the barcode has no letter or digit', async () => {
    const { subject } = await emails.compose(emailInput({ barcode: '---' }));
    expect(subject).toBe('Your kit is registered (kit ????)');
  });
});
