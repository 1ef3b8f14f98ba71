import { afterEach, describe, expect, test } from '@jest/globals';
import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { createDkimSigner } from '../../../src/email/transport/dkim.js';
import { message, openPost, type Post } from './smtp.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const DKIM = { domain: 'herald.example', selector: 'k1', privateKey };

/** RFC 6376, 6.1.3, for rsa-sha256 and relaxed/relaxed: written apart from what signs. */
function isValid(raw: string): boolean {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const fields = head.split(/\r\n(?=\S)/).map((field) => {
    const [name = '', ...value] = field.split(':');
    return { name: name.toLowerCase().trim(), value: value.join(':') };
  });
  const relaxed = (value: string): string =>
    value
      .replace(/\r\n/g, '')
      .replace(/[ \t]+/g, ' ')
      .trim();
  const signature = fields.find(({ name }) => name === 'dkim-signature')?.value ?? '';
  const tag = (name: string): string =>
    new RegExp(`(?:^|;)\\s*${name}=([^;]*)`).exec(signature)?.[1]?.replace(/\s+/g, '') ?? '';
  const body = rest
    .join('\r\n\r\n')
    .replace(/[ \t]+/g, ' ')
    .replace(/ \r\n/g, '\r\n')
    .replace(/(\r\n)*$/, '\r\n');
  if (createHash('sha256').update(body, 'latin1').digest('base64') !== tag('bh')) return false;
  const left = [...fields];
  let signed = '';
  for (const name of tag('h').split(':')) {
    const at = left.findLastIndex((field) => field.name === name);
    if (at >= 0) signed += `${name}:${relaxed(left.splice(at, 1)[0]?.value ?? '')}\r\n`;
  }
  signed += `dkim-signature:${relaxed(signature.replace(/(;\s*b=)[^;]*$/, '$1'))}`;
  return createVerify('RSA-SHA256').update(signed, 'latin1').verify(publicKey, tag('b'), 'base64');
}

const listed = (raw: string): string[] =>
  (/;\s*h=([^;]+);/.exec(raw)?.[1] ?? '').replace(/\s+/g, '').toLowerCase().split(':');
const times = (all: readonly string[], name: string): number => all.filter((each) => each === name).length;

const posts: Post[] = [];
afterEach(async () => {
  await Promise.all(posts.splice(0).map(async (post) => post.close()));
});
async function handedOver(changes: Parameters<typeof message>[0] = {}): Promise<string> {
  const post = await openPost({ hideSMTPUTF8: false });
  posts.push(post);
  expect(await post.mailer({ dkim: DKIM }).handOver(message(changes))).toMatchObject({ outcome: 'accepted' });
  return post.received[0]?.raw ?? '';
}

describe('what DKIM signs', () => {
  test('is the message as it arrives, and nothing of it may change', async () => {
    const raw = await handedOver();
    expect(isValid(raw)).toBe(true);
    expect(isValid(raw.replace('is registered', 'is ruined'))).toBe(false);
    expect(isValid(raw.replace(/\r\n\r\n/, '\r\n\r\nmore'))).toBe(false);
    expect(isValid(raw.replace('One-Click', 'No-Click'))).toBe(false);
  });

  test.each(['From', 'Subject', 'To', 'Date', 'Message-ID', 'Reply-To', 'Content-Type', 'MIME-Version'])(
    '%s is listed once more than it occurs, so that a second one breaks the signature',
    async (name) => {
      const raw = await handedOver();
      expect(times(listed(raw), name.toLowerCase())).toBe(2);
      expect(isValid(`${name}: somebody@evil.example\r\n${raw}`)).toBe(false);
      expect(isValid(`X-Spam: no\r\n${raw}`)).toBe(true);
    },
  );

  test('a header that isn’t there is listed once: it can’t be put in', async () => {
    const raw = await handedOver({ replyTo: null });
    expect(times(listed(raw), 'reply-to')).toBe(1);
    expect(isValid(raw)).toBe(true);
    expect(isValid(`Reply-To: eve@evil.example\r\n${raw}`)).toBe(false);
  });

  test('both List-Unsubscribe headers are in it, once each, and not where they aren’t', async () => {
    const raw = await handedOver();
    for (const name of ['list-unsubscribe', 'list-unsubscribe-post']) expect(times(listed(raw), name)).toBe(1);
    expect(listed(await handedOver({ headers: {} })).filter((name) => name.startsWith('list-'))).toEqual([]);
  });

  test('holds for addresses, subjects and names in any script', async () => {
    const raw = await handedOver({
      to: 'jörg@example.com',
      subject: 'Ваш набор зарегистрирован: ' + 'длинно '.repeat(20),
      from: { name: 'Küt Hérald', address: 'news@herald.example' },
      text: 'Zeilen  mit   Leerzeichen \n\n\n.punkt\n',
    });
    expect(isValid(Buffer.from(raw, 'utf8').toString('latin1'))).toBe(true);
  });

  test('is signed on lines that every server takes', async () => {
    const raw = await handedOver();
    const field = /^DKIM-Signature:(?:.*\r\n)(?:[ \t].*\r\n)*/m.exec(raw)?.[0] ?? '';
    for (const line of field.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
  });
});

test('a DKIM key that is none is told at once, in a sentence without it', () => {
  const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const key of ['', 'secret', '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----', ed25519])
    expect(() => createDkimSigner({ ...DKIM, privateKey: key })).toThrow(
      /^DKIM_PRIVATE_KEY is not an RSA key in PEM form$/,
    );
});
