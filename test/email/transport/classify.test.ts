import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../src/email/transport/classify.js';
import { readSmtpUrl } from '../../../src/email/transport/smtp-url.js';

const said = (command: string, response: string) =>
  classify({ message: 'x', code: 'EENVELOPE', command, response, responseCode: Number(response.slice(0, 3)) }, false);

describe('a 5xx is about the address', () => {
  test.each([
    '550 5.1.1 user unknown',
    '550-5.1.1 The email account that you tried to reach does not exist.',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound',
    '552 5.2.2 mailbox full',
    '550 5.2.1 mailbox disabled',
    '550 5.4.1 Recipient address rejected: Access denied',
    '553 5.6.7 non-ASCII addresses not permitted',
    '550 No such user here',
    '553 mailbox name not allowed',
    '550 5.0.0 unknown user',
  ])('at RCPT TO: %s', (response) => {
    expect(said('RCPT TO', response)).toMatchObject({ outcome: 'refused', about: 'address' });
  });
  test('after DATA, with a code that says so', () => {
    expect(said('DATA', '550 5.1.1 no such user')).toMatchObject({ about: 'address' });
  });
});

describe('a 5xx is about us', () => {
  test.each([
    ['RCPT TO', '550 5.7.1 Service unavailable; client host blocked'],
    ['RCPT TO', '554 5.7.1 relay access denied'],
    ['RCPT TO', '550 relaying denied'],
    ['RCPT TO', '550 5.1.8 sender domain not found'],
    ['RCPT TO', '554 transaction failed'],
    ['MAIL FROM', '550 5.1.1 whatever'],
    ['DATA', '554 5.7.1 spam'],
    ['DATA', '550 message content rejected'],
    ['AUTH PLAIN', '535 5.7.8 authentication failed'],
    ['CONN', '554 no SMTP service here'],
  ])('at %s: %s', (command, response) => {
    expect(said(command, response)).toMatchObject({ outcome: 'refused', about: 'server' });
  });
});

describe('a 4xx is for now', () => {
  test.each([
    ['450 4.7.1 Greylisted for 300 seconds', true],
    ['451 4.7.1 please try again later', true],
    ['450 4.2.0 Recipient address rejected: Graylisted', true],
    ['451 try again later', true],
    ['452 4.2.2 over quota', false],
    ['421 4.3.2 shutting down', false],
    ['451 4.3.0 disk trouble', false],
    ['503 5.5.1 bad sequence of commands', false],
  ])('%s (greylisted: %s)', (response, greylisted) => {
    expect(said('RCPT TO', response)).toMatchObject({ outcome: 'temporary', greylisted });
  });
});

test('a 421 after the message is perhaps no answer to it: it may have gone', () => {
  const shuttingDown = { message: 'x', command: 'DATA', response: '421 4.3.2 shutting down', responseCode: 421 };
  expect(classify(shuttingDown, true)).toMatchObject({ outcome: 'temporary', mayHaveGone: true });
  expect(classify(shuttingDown, false)).toMatchObject({ outcome: 'temporary', mayHaveGone: false });
  const refused = { ...shuttingDown, response: '451 4.3.0 disk trouble', responseCode: 451 };
  expect(classify(refused, true)).toMatchObject({ outcome: 'temporary', mayHaveGone: false });
});

test('without an answer it counts whether the message had begun to leave', () => {
  expect(classify({ message: 'Connection closed', code: 'ECONNECTION' }, true)).toMatchObject({ outcome: 'no_answer' });
  for (const code of ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', undefined])
    expect(classify({ message: 'x', code }, false)).toMatchObject({ outcome: 'unreachable' });
  expect(classify({ message: 'Missing credentials', code: 'EAUTH' }, false)).toMatchObject({ about: 'server' });
});

describe('SMTP_URL', () => {
  const read = (text: string, requireTls = false) => readSmtpUrl(text, { requireTls });

  test('says host, port, TLS and credentials', () => {
    expect(read('smtps://me%40x:p%3Aw@mail.example')).toMatchObject({
      host: 'mail.example',
      port: 465,
      secure: true,
      auth: { user: 'me@x', pass: 'p:w' },
    });
    expect(read('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525, secure: false, requireTLS: false });
  });

  test('can’t take back that TLS is required', () => {
    expect(read('smtp://mail.example?requireTLS=false&ignoreTLS=true', true)).toMatchObject({
      requireTLS: true,
      ignoreTLS: false,
    });
  });

  test('that is wrong is told in a sentence without its password', () => {
    for (const text of [
      'nonsense',
      'http://u:secret@x',
      'smtp://u:secret@x?pool=true',
      'smtp://u:secret@x?requireTLS=1',
    ]) {
      expect(() => read(text)).toThrow(/^SMTP_URL/);
      expect(() => read(text)).not.toThrow(/secret/);
    }
  });
});
