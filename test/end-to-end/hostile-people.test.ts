import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { removeDataDir, startHerald, temporaryDataDir, webhook, type Herald } from '../support/app.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

interface Hostile {
  readonly what: string;
  readonly first?: unknown;
  readonly email?: unknown;
  /** More of the patient's block, and of the webhook's data. */
  readonly patient?: object;
  readonly data?: object;
  /** The one mailbox it goes to; null: that counts as no contact. */
  readonly to: string | null;
  readonly greeting?: string;
}

const UNNAMED = 'Hello,';
const to = 'p@example.com';

const PEOPLE: readonly Hostile[] = [
  { what: 'HTML in a name', first: '<img src=x onerror=alert(1)>', to, greeting: UNNAMED },
  { what: 'a header in a name', first: 'Jane\r\nBcc: eve@evil.example', to, greeting: UNNAMED },
  { what: 'a body in a name', first: 'Jane\r\n\r\n<h1>evil.example', to, greeting: UNNAMED },
  { what: 'a right-to-left override in a name', first: '\u202eJane', to, greeting: 'Hello Jane,' },
  { what: 'an emoji in a name', first: 'Jane 🌸', to, greeting: 'Hello Jane 🌸,' },
  { what: 'a name of 500 characters', first: 'x'.repeat(500), to, greeting: UNNAMED },
  { what: 'an empty name', first: '', to, greeting: UNNAMED },
  { what: 'a name of spaces', first: ' \u00a0\u3000 ', to, greeting: UNNAMED },
  { what: 'no name', first: null, to, greeting: UNNAMED },
  { what: 'a message for a formatter as a name', first: '{k, select, other {evil.example}}', to, greeting: UNNAMED },
  { what: 'a lone surrogate in a name', first: 'Ja\ud800ne', to },
  { what: 'an address with a comment', email: 'p(evil)@example.com', to: null },
  { what: 'an address with a quoted local part', email: '"eve@evil.example, p"@example.com', to: null },
  { what: 'two addresses in one field', email: 'p@example.com, eve@evil.example', to: null },
  { what: 'two addresses with a semicolon', email: 'p@example.com;eve@evil.example', to: null },
  { what: 'an address with a display name', email: 'Eve <eve@evil.example>', to: null },
  { what: 'an address with a header', email: 'p@example.com\r\nBcc: eve@evil.example', to: null },
  { what: 'an address with NUL', email: 'p\u0000@example.com', to: null },
  { what: 'an address that is a literal', email: 'p@[127.0.0.1]', to: null },
  { what: 'an address on this machine', email: 'root@localhost', to: null },
  { what: 'an address with a soft hyphen', email: 'p@evil\u00ad.example', to: null },
  { what: 'an address with two at signs', email: 'p@evil.example@example.com', to: null },
  { what: 'an address that is empty', email: '', to: null },
  { what: 'an address that is a list', email: ['p@example.com', 'eve@evil.example'], to: null },
  { what: 'a trailing dot', email: 'dot@example.com.', to: 'dot@example.com' },
  { what: 'a tag', email: 'jane+kits@example.com', to: 'jane+kits@example.com' },
  // The test's server shows the ASCII name as it is read: mailer.test.ts sees what goes over the wire.
  { what: 'a domain in Unicode', email: 'jane@BÜCHER.example', to: 'jane@bücher.example' },
  { what: 'a kit type nobody knows', data: { kit_type: '<b>quantum</b>_panel_9000' }, to, greeting: 'Hello Jane,' },
  { what: 'a time zone that doesn’t exist', patient: { time_zone: 'Mars/Olympus' }, to, greeting: 'Hello Jane,' },
  { what: 'a language that doesn’t exist', patient: { locale: 'xx-<b>' }, to, greeting: 'Hello Jane,' },
];

describe('people as nobody would write them, from the webhook to the mailbox', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    herald = await startHerald(dataDir, { SMTP_URL: smtp.url });
  });
  afterAll(async () => {
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  const barcodeOf = (index: number): string => `90000000${String(1000 + index)}`;
  const outcomeOf = (index: number) =>
    until(`what became of ${PEOPLE[index]?.what ?? ''}`, async () => {
      const story = await herald.told(barcodeOf(index));
      const row = story?.notifications.find(({ kind }) => kind === 'kit.registered');
      // An address that is no text at all fails the schema: the webhook waits in quarantine, and nobody is written to.
      if (row === undefined) return null;
      return row.status === 'sending' ? null : row;
    });

  test('each email goes to one mailbox or to nobody, and carries nothing of theirs', async () => {
    const read: number[] = [];
    for (const [index, { first = 'Jane', email = to, patient, data }] of PEOPLE.entries()) {
      const body = webhook('kit.registered', {
        kit_barcode: barcodeOf(index),
        kit_type: 'hormone_panel',
        patient: { first_name: first, last_name: 'Smith', email, ...patient },
        registered_at: new Date().toISOString(),
        ...data,
      });
      expect((await herald.post(body)).status).toBe(200);
      if (typeof email === 'string') read.push(index);
    }
    for (const index of read) {
      const person = PEOPLE[index];
      if (person === undefined) continue;
      const { status, reason } = await outcomeOf(index);
      const expected = person.to === null ? ['deferred', 'no_contact'] : ['sent', null];
      expect([person.what, status, reason]).toEqual([person.what, ...expected]);
    }

    for (const [index, person] of PEOPLE.entries()) {
      const mails = smtp.mails.filter(({ subject }) => subject?.includes(barcodeOf(index).slice(-4)) === true);
      expect([person.what, ...mails.flatMap(({ recipients }) => recipients)]).toEqual(
        person.to === null ? [person.what] : [person.what, person.to],
      );
      for (const mail of mails) {
        if (person.greeting !== undefined) expect(mail.text).toContain(`\n${person.greeting}\n`);
        expect(mail.subject).toBe(`Your kit is registered (kit ${barcodeOf(index).slice(-4)})`);
        expect(mail.headerLines.filter(({ key }) => ['to', 'cc', 'bcc', 'from', 'subject'].includes(key))).toHaveLength(
          3,
        );
        expect(
          `${String(mail.html)}${mail.text ?? ''}${mail.headerLines.map(({ line }) => line).join('')}`,
        ).not.toMatch(/evil|onerror|quantum|Olympus|Smith|\u202e/);
      }
    }
    expect(smtp.mails).toHaveLength(PEOPLE.filter((person) => person.to !== null).length);
  });
});
