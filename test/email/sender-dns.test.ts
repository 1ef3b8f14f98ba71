import { describe, expect, test } from '@jest/globals';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { dkimFinding, dmarcFinding, type ResolveTxt, spfFinding } from '../../src/email/sender-dns.js';

const pem = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
const published = (key: string, type: 'spki' | 'pkcs1' = 'spki') =>
  createPublicKey(key).export({ format: 'der', type }).toString('base64');

/** A DNS that knows these names; an error's code in the place of records is what it answers with. */
const dns =
  (names: Record<string, readonly string[] | string>): ResolveTxt =>
  (name) => {
    const found = names[name] ?? 'ENOTFOUND';
    // In pieces of at most 255, as a record travels.
    if (typeof found !== 'string') return Promise.resolve(found.map((text) => text.match(/.{1,255}/gs) ?? ['']));
    return Promise.reject(Object.assign(new Error(found), { code: found }));
  };

describe('the DKIM record', () => {
  const privateKey = pem();
  const dkim = { domain: 'example.com', selector: 's1', privateKey };
  const NAME = 's1._domainkey.example.com';
  const find = (record: readonly string[] | string, senders = ['example.com']) =>
    dkimFinding(dkim, senders, dns({ [NAME]: record }));

  test.each([
    ['as we say it', `v=DKIM1; k=rsa; p=${published(privateKey)}`],
    ['without a version, with blanks in the key', `p=${published(privateKey).replace(/(.{60})/g, '$1 ')}`],
    ['as a bare RSA key', `v=DKIM1; p=${published(privateKey, 'pkcs1')}`],
    ['for sha256 among others', `v=DKIM1; h=sha1:sha256; p=${published(privateKey)}`],
  ])('is good %s', async (_, record) => {
    expect(await find([record])).toEqual({ verdict: 'ok', said: `${NAME} has our key` });
  });

  test.each<[string, readonly string[] | string, RegExp]>([
    ['isn’t there', 'ENODATA', /^no key is there: publish at s1\._domainkey\.example\.com TXT "v=DKIM1; k=rsa; p=MII/],
    ['is another key', [`v=DKIM1; p=${published(pem())}`], /is not that of DKIM_PRIVATE_KEY: publish/],
    ['is no key', ['v=DKIM1; p=AAAA'], /is not that of DKIM_PRIVATE_KEY/],
    ['is revoked', ['v=DKIM1; p='], /is revoked: publish/],
    ['is there twice', ['v=DKIM1; p=AAAA', 'v=DKIM1; p=BBBB'], /there are 2 keys/],
    ['is for sha1 only', [`v=DKIM1; h=sha1; p=${published(privateKey)}`], /is not for sha256/],
  ])('is warned of where it %s, with what to publish', async (_, record, said) => {
    expect(await find(record)).toEqual({ verdict: 'warning', said: expect.stringMatching(said) });
  });

  test('speaks for the sender’s domain or a part of it, and for no other', async () => {
    const record = [`v=DKIM1; p=${published(privateKey)}`];
    expect(await find(record, ['mail.example.com', 'EXAMPLE.com'])).toMatchObject({ verdict: 'ok' });
    expect(await find(record, ['notexample.com'])).toMatchObject({ verdict: 'warning' });
  });

  test('says nothing of the private key', async () => {
    const { said } = await find('ENOTFOUND');
    expect(said).not.toContain(privateKey.split('\n')[5]);
  });
});

describe('the SPF record', () => {
  test.each<[string, readonly string[] | string, string, RegExp]>([
    ['is good', ['v=spf1 include:amazonses.com -all', 'another=1'], 'ok', /says v=spf1 include/],
    ['isn’t there', ['another=1'], 'warning', /publish TXT "v=spf1/],
    ['is there twice', ['v=spf1 -all', 'v=spf1 ~all'], 'warning', /has 2/],
    ['lets everybody send', ['v=spf1 +all'], 'warning', /lets everybody/],
    ['is of a longer version', ['v=spf10 -all'], 'warning', /has none/],
    ['steers no terminal', ['v=spf1 \u001b[2J-all'], 'ok', /says v=spf1 \[2J-all$/],
  ])('%s', async (_, record, verdict, said) => {
    expect(await spfFinding('example.com', dns({ 'example.com': record }))).toEqual({
      verdict,
      said: expect.stringMatching(said),
    });
  });
});

describe('the DMARC record', () => {
  test.each<[string, Record<string, readonly string[]>, string, RegExp]>([
    [
      'is the domain’s own',
      { '_dmarc.mail.example.com': ['v=DMARC1; p=reject'] },
      'ok',
      /mail\.example\.com says reject$/,
    ],
    [
      'is a parent’s, with its word for parts',
      { '_dmarc.example.com': ['v=DMARC1;p=none; sp=quarantine'] },
      'ok',
      /^_dmarc\.example\.com says quarantine$/,
    ],
    ['only watches', { '_dmarc.example.com': ['v=DMARC1; p=none'] }, 'ok', /only watches/],
    [
      'is nowhere',
      { '_dmarc.com': ['v=DMARC1; p=reject'] },
      'warning',
      /has none: publish at _dmarc\.mail\.example\.com/,
    ],
    ['has no policy', { '_dmarc.example.com': ['v=DMARC1; p=maybe'] }, 'warning', /no policy/],
    ['is there twice', { '_dmarc.example.com': ['v=DMARC1; p=none', 'v=DMARC1; p=none'] }, 'warning', /has 2/],
  ])('%s', async (_, names, verdict, said) => {
    expect(await dmarcFinding('mail.example.com', dns(names))).toEqual({ verdict, said: expect.stringMatching(said) });
  });
});

test.each(['ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED'])(
  'without an answer of the DNS (%s) nothing is said to be wrong',
  async (code) => {
    const silent: ResolveTxt = () => Promise.reject(Object.assign(new Error(code), { code }));
    const dkim = { domain: 'example.com', selector: 's1', privateKey: pem() };
    const findings = await Promise.all([
      dkimFinding(dkim, ['example.com'], silent),
      spfFinding('example.com', silent),
      dmarcFinding('example.com', silent),
    ]);
    for (const finding of findings)
      expect(finding).toEqual({
        verdict: 'unseen',
        said: expect.stringMatching(/^not looked at: the DNS gave no answer/),
      });
  },
);
