import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../../src/config.js';
import { faultsOf, key, PRODUCTION } from './production-env.js';

/** The names that faults begin with, once each. */
const named = (env: Record<string, string>): string[] => [
  ...new Set(faultsOf({ ...PRODUCTION, ...env }).map((fault) => fault.split(/[ :]/, 1)[0] ?? '')),
];

describe('production', () => {
  test('production starts when everything it needs is set', () => {
    expect(readSettings(PRODUCTION)).toMatchObject({ production: true, requireHttps: true });
  });

  test('production refuses each insecure or embedded default, all in one message', () => {
    const faults = faultsOf({ NODE_ENV: 'production' });
    for (const name of Object.keys(PRODUCTION).filter((name) => !['NODE_ENV', 'TEMPORAL_TLS'].includes(name)))
      expect(faults.some((fault) => fault.startsWith(name))).toBe(true);
  });

  test.each(
    Object.keys(PRODUCTION).filter(
      (name) => !['NODE_ENV', 'INDEX_KEYS', 'ENCRYPTION_KEYS', 'TEMPORAL_TLS'].includes(name),
    ),
  )('production refuses to start without %s', (name) => {
    const rest = Object.fromEntries(Object.entries(PRODUCTION).filter(([other]) => other !== name));
    expect(faultsOf(rest)).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
  });

  test.each([
    ['REQUIRE_HTTPS', 'off'],
    ['PUBLIC_URL', 'http://notify.example.com'],
    ['C4HXP_WEBHOOK_SECRET', 'short'],
    ['ADMIN_TOKEN', 'short'],
    ['SUPPORT_TOKEN', 'short'],
    ['EMAIL_EVENTS_POSTMARK', 'hook:short'],
  ])('production refuses %s=%s', (name, value) => {
    expect(faultsOf({ ...PRODUCTION, [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
  });

  test.each(['production', '"production"', "'production'", 'production\r', ' production ', '"production"\r\n'])(
    'is meant by NODE_ENV=%j',
    (NODE_ENV) => {
      expect(readSettings({ ...PRODUCTION, NODE_ENV }).production).toBe(true);
    },
  );

  test.each(['Production', 'PRODUCTION', 'prod', 'Prod\r', 'prd', 'live', 'staging', '"production', 'true'])(
    'is not left aside because of a word that is nearly it: NODE_ENV=%j is refused',
    (NODE_ENV) => {
      expect(faultsOf({ NODE_ENV })).toEqual([
        expect.stringMatching(/^NODE_ENV must be production, development or test/),
      ]);
    },
  );

  test('a word that is nearly production is answered with what to write', () => {
    expect(faultsOf({ NODE_ENV: 'prod\r' })).toEqual([expect.stringMatching(/write NODE_ENV=production$/)]);
  });

  const zero = Buffer.alloc(32).toString('base64');
  const counted = Buffer.from(Array.from({ length: 32 }, (_, place) => place)).toString('base64');
  const typed = Buffer.from('this is a sentence of 32 letters').toString('base64');
  const twice = key('b');
  const seal = key('c').slice('c:'.length);

  test.each<[string, Record<string, string>, string]>([
    ['a key of zeros', { ENCRYPTION_KEYS: `a:${zero}` }, 'ENCRYPTION_KEYS'],
    ['a key that is counted up', { INDEX_KEYS: `a:${counted}` }, 'INDEX_KEYS'],
    ['a key that is a sentence', { INDEX_KEYS: `a:${typed}` }, 'INDEX_KEYS'],
    ['a bad key behind a good one', { ENCRYPTION_KEYS: `${key('a')},z:${zero}` }, 'ENCRYPTION_KEYS'],
    ['a key of zeros to sign with', { EVIDENCE_KEY: zero }, 'EVIDENCE_KEY'],
    ['a key to sign with that also seals', { ENCRYPTION_KEYS: `a:${seal}`, EVIDENCE_KEY: seal }, 'EVIDENCE_KEY'],
    ['one key for both purposes', { ENCRYPTION_KEYS: `${key('a')},${twice}`, INDEX_KEYS: twice }, 'INDEX_KEYS'],
    ['a proxy of everything', { TRUST_PROXY: '0.0.0.0/0' }, 'TRUST_PROXY'],
    ['a proxy of everything in IPv6', { TRUST_PROXY: '10.0.0.0/8,::/0' }, 'TRUST_PROXY'],
    ['a proxy of everything in two halves', { TRUST_PROXY: '0.0.0.0/1,128.0.0.0/1' }, 'TRUST_PROXY'],
    ['a proxy of everything, mapped', { TRUST_PROXY: '::ffff:0.0.0.0/96' }, 'TRUST_PROXY'],
    ['a mail server unchecked', { SMTP_URL: 'smtps://m.example:465?tls.rejectUnauthorized=false' }, 'SMTP_URL'],
    ['a mail server without TLS', { SMTP_URL: 'smtp://m.example?ignoreTLS=true' }, 'SMTP_URL'],
    ['a mail server perhaps without TLS', { SMTP_URL: 'smtp://m.example?requireTLS=false' }, 'SMTP_URL'],
    ['one token for two', { SUPPORT_TOKEN: PRODUCTION['ADMIN_TOKEN'] ?? '' }, 'SUPPORT_TOKEN'],
    ['the token is the webhook secret', { ADMIN_TOKEN: PRODUCTION['C4HXP_WEBHOOK_SECRET'] ?? '' }, 'ADMIN_TOKEN'],
    ['a token with blanks', { ADMIN_TOKEN: 'correct horse battery staple' }, 'ADMIN_TOKEN'],
    ['a token with a tab', { SUPPORT_TOKEN: 'Zx9-kQ2\tvW8_mN4pR7' }, 'SUPPORT_TOKEN'],
    ['a token that no header carries', { ADMIN_TOKEN: 'größer-als-sechzehn-Zeichen' }, 'ADMIN_TOKEN'],
    ['a token of one letter', { ADMIN_TOKEN: 'x'.repeat(40) }, 'ADMIN_TOKEN'],
    ['a token of one word again and again', { ADMIN_TOKEN: 'passwordpasswordpassword' }, 'ADMIN_TOKEN'],
    ['a token that is counted', { ADMIN_TOKEN: '0123456789abcdefghijklmnop' }, 'ADMIN_TOKEN'],
    ['a placeholder', { C4HXP_WEBHOOK_SECRET: 'your_webhook_secret_here' }, 'C4HXP_WEBHOOK_SECRET'],
    [
      'a placeholder while rotating',
      { C4HXP_WEBHOOK_SECRET: 'Zx9kQ2vW8mN4pR7t,changeme-changeme' },
      'C4HXP_WEBHOOK_SECRET',
    ],
    ['a database without TLS', { DATABASE_URL: 'postgres://u:p@db.example/k' }, 'DATABASE_URL'],
    [
      'a database that may be without TLS',
      { DATABASE_URL: 'postgres://u:p@db.example/k?sslmode=prefer' },
      'DATABASE_URL',
    ],
    ['a database unchecked', { DATABASE_URL: 'postgres://u:p@db.example/k?sslmode=no-verify' }, 'DATABASE_URL'],
    ['a database elsewhere after all', { DATABASE_URL: 'postgres://u:p@localhost/k?host=db.example' }, 'DATABASE_URL'],
    ['Temporal without TLS', { TEMPORAL_TLS: '' }, 'TEMPORAL_ADDRESS'],
    ['Temporal with TLS switched off', { TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: 'k' }, 'TEMPORAL_ADDRESS'],
    [
      'Temporal unchecked',
      { TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' },
      'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
    ],
    ['a team that no mail reaches', { ALERT_EMAIL: 'oncall@intranet' }, 'ALERT_EMAIL'],
  ])('refuses %s, by the name of its setting', (_, env, name) => {
    expect(named(env)).toEqual([name]);
  });

  test.each<Record<string, string>>([
    { DATABASE_URL: 'postgres://u:p@localhost:5432/k', TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_TLS: '' },
    { DATABASE_URL: 'postgres://u:p@[::1]/k', TEMPORAL_ADDRESS: '[::1]:7233', TEMPORAL_TLS: '' },
    { DATABASE_URL: 'postgres://u:p@%2Fvar%2Frun%2Fpostgresql/k' },
    { DATABASE_URL: 'postgresql:///k?host=/var/run/postgresql' },
    { DATABASE_URL: 'postgres://u:p@db.example/k?ssl=true', TEMPORAL_TLS: '', TEMPORAL_API_KEY: 'k' },
    { TEMPORAL_TLS: '', TEMPORAL_TLS_CLIENT_CERT_PATH: '/c.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: '/k.pem' },
    { TRUST_PROXY: 'loopback,uniquelocal,fc00::/7,172.16.0.0/12' },
    { ADMIN_TOKEN: 'f3a91c07b2d84e65' },
  ])('starts with %j: what stays on this machine, or is sealed, is safe', (env) => {
    expect(faultsOf({ ...PRODUCTION, ...env })).toEqual([]);
  });

  test('does not refuse what is made at random', () => {
    const random = Array.from({ length: 500 }, () => key('k').slice(2));
    for (const secret of random)
      expect(faultsOf({ ...PRODUCTION, ADMIN_TOKEN: secret, ENCRYPTION_KEYS: `k:${secret}` })).toEqual([]);
  });

  test('never says a secret that it refuses', () => {
    const secret = 'hunter22hunter22hunter22';
    const faults = faultsOf({
      ...PRODUCTION,
      ADMIN_TOKEN: secret,
      SUPPORT_TOKEN: secret,
      C4HXP_WEBHOOK_SECRET: secret,
      EMAIL_EVENTS_POSTMARK: `hook:${secret}`,
      DATABASE_URL: `postgres://u:${secret}@db.example/k`,
      SMTP_URL: `smtp://u:${secret}%zz@m.example`,
    });
    expect(faults.length).toBeGreaterThanOrEqual(6);
    expect(faults.join()).not.toContain('hunter22');
  });
});

describe('what is printed in this repository', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const under = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const files = [
    ...readdirSync(root).filter((name) => /\.(md|yml|example)$|^Dockerfile$/.test(name)),
    ...['docs', 'bench', 'tools', 'test/support', 'src/sandbox']
      .flatMap(under)
      .filter((name) => /\.(md|ts|mjs|yml)$/.test(name)),
  ];
  const text = files.map((name) => readFileSync(join(root, name), 'utf8')).join('\n');

  const SECRETS = ['C4HXP_WEBHOOK_SECRET', 'ADMIN_TOKEN', 'SUPPORT_TOKEN', 'ENCRYPTION_KEYS', 'INDEX_KEYS'];
  const assigned = SECRETS.flatMap((name) =>
    [...text.matchAll(new RegExp(`\\b${name}['"]?\\]?\\s*[=:]\\s*(?:\\$\\{\\w+:-)?['"\`]?([\\w:+/=.-]{8,})`, 'g'))].map(
      ([, value = '']) => [name, value] as const,
    ),
  );
  /** Constants of the tests and of the benchmark. */
  const constants = [...text.matchAll(/\b\w*(?:SECRET|TOKEN)\w*\s*=\s*'([^'\s]{16,})'/g)].map(
    ([, value = '']) => ['ADMIN_TOKEN', value] as const,
  );
  /** Those that stood in the compose file are known for good. */
  const FORMER = ['a2l0LWhlcmFsZC1lbmNyeXB0aW9uLWtleS10cnkhISE=', 'a2l0LWhlcmFsZC1pbmRleC1rZXktZm9yLXRyeWluZyE='];
  const keys = [...FORMER, ...(text.match(/(?<![\w+/])[\w+/]{43}=/g) ?? [])].map(
    (value) => ['ENCRYPTION_KEYS', `k:${value}`] as const,
  );
  const passwords = [...text.matchAll(/\bpostgres(?:ql)?:\/\/\w+:(\w+)@/g)].map(
    ([, value = '']) => ['DATABASE_URL', `postgres://u:${value}@localhost/k`] as const,
  );

  test('is found at all', () => {
    for (const found of [assigned, constants, passwords]) expect(found.length).toBeGreaterThan(0);
  });

  test.each([
    ['C4HXP_WEBHOOK_SECRET', 'a-secret-for-trying-out'],
    ['ADMIN_TOKEN', 'an-admin-token-for-trying-out'],
    ['DATABASE_URL', 'postgres://kit_herald:kit_herald@localhost/k'],
  ])('opens nothing, also once it is printed no more: %s=%s', (name, value) => {
    expect(named({ [name]: value })).toContain(name);
  });

  test.each([...assigned, ...constants, ...keys, ...passwords])('opens nothing in production: %s=%s', (name, value) => {
    expect(named({ [name]: value })).toContain(name);
  });
});
