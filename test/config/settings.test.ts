import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cleanEnvironment, policySettings, readSettings, workerVersion } from '../../src/config.js';
import { emailSettings } from '../../src/config/email.js';
import { parseDotEnv } from '../../src/config/dot-env.js';
import { readSmtpUrl } from '../../src/email/transport/smtp-url.js';
import { faultsOf, key, PRODUCTION } from './production-env.js';
import { parseDuration } from '../../src/config/values.js';

describe('settings', () => {
  test('.env.example as it is means the defaults', () => {
    const { values, faults } = parseDotEnv(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8'));
    expect(faults).toEqual([]);
    expect(readSettings(values)).toEqual(readSettings({}));
  });

  test('an empty environment is enough to start with the embedded parts', () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({
      port: 3000,
      databaseUrl: null,
      dataDir: '.kit-herald',
      requireHttps: false,
      kitLinger: 14 * 86_400_000,
      quietHours: null,
    });
    expect(policySettings(settings)).toMatchObject({ switchedOff: [], partner: false, resultsRelease: 'available' });
  });

  test('every fault is told at once, each by the name of its variable', () => {
    const faults = faultsOf({ PORT: 'http', KIT_LINGER: 'soon', QUIET_HOURS: '25:00-08:00', BRAND_COLOR: 'teal' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['PORT', 'BRAND_COLOR', 'QUIET_HOURS', 'KIT_LINGER']);
  });

  test('workers are not versioned unless a build id is set, and never in the embedded stack', () => {
    expect(workerVersion(readSettings({}))).toBeNull();
    const env = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_WORKER_BUILD_ID: '1.4.0-3f2a9c1' };
    expect(workerVersion(readSettings(env))).toEqual({ deploymentName: 'kit-herald', buildId: '1.4.0-3f2a9c1' });
    expect(faultsOf({ TEMPORAL_WORKER_BUILD_ID: '1' })).toEqual([
      expect.stringMatching(/^TEMPORAL_WORKER_BUILD_ID needs TEMPORAL_ADDRESS/),
    ]);
    // Temporal joins the two by a dot.
    const faults = faultsOf({ ...env, TEMPORAL_DEPLOYMENT_NAME: 'kit.herald', TEMPORAL_WORKER_BUILD_ID: 'a b' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'TEMPORAL_DEPLOYMENT_NAME',
      'TEMPORAL_WORKER_BUILD_ID',
    ]);
  });

  test('results can not be switched off', () => {
    expect(faultsOf({ NOTIFY_ON: 'kit.registered,results.available,results.reviewed' })).toEqual([
      expect.stringMatching(/^NOTIFY_ON must include all of results\.available, results\.reviewed, results\.updated/),
    ]);
  });

  test('a kind left out of NOTIFY_ON is switched off, and an unknown one is refused', () => {
    const settings = readSettings({ NOTIFY_ON: 'kit.registered,results.available,results.reviewed,results.updated' });
    expect(policySettings(settings).switchedOff).toContain('reminder.return');
    expect(faultsOf({ NOTIFY_ON: 'results.availabel' })[0]).toMatch(/knows no results\.availabel/);
  });

  test('an empty duration means never where that makes sense, and the default elsewhere', () => {
    expect(readSettings({ KIT_LINGER: '', RESULTS_MAX_HOLD: '' })).toMatchObject({
      kitLinger: null,
      resultsMaxHold: 72 * 3_600_000,
    });
  });

  test('values lose what env-files leave around them: blanks, quotes, a carriage return', () => {
    const settings = readSettings({
      SUPPORT_EMAIL: '"help@example.com"\r',
      BRAND_NAME: 'Acme Health\r',
      BRAND_COLOR: '"#0b5c6b"',
      KIT_LINGER: '"3d"\r',
      RESULTS_MAX_HOLD: "'48h'",
      SILENCE_AFTER: '""',
      PORT: ' "3000" ',
      NOTIFY_ON: '"results.available,results.reviewed,results.updated"\r',
      EMAIL_FROM: '"Acme, Health" <kits@example.com>\r',
      LOGO_URL: "'https://example.com/logo.png'",
      TOO_LATE: 'off\r',
    });
    expect(settings).toMatchObject({
      supportEmail: 'help@example.com',
      brandName: 'Acme Health',
      kitLinger: 3 * 86_400_000,
      resultsMaxHold: 48 * 3_600_000,
      silenceAfter: null,
      port: 3000,
      logoUrl: 'https://example.com/logo.png',
      tooLate: false,
    });
    expect(emailSettings(settings).from).toEqual({ name: 'Acme, Health', address: 'kits@example.com' });
  });

  test('every setting takes its default in quotes and with a carriage return', () => {
    const { values } = parseDotEnv(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8'));
    const quoted = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `"${value}"\r`]));
    expect(readSettings(quoted)).toEqual(readSettings(values));
    expect(cleanEnvironment({ ...quoted, TEMPORAL_API_KEY: "'k'\r", PATH: '"/bin"' })).toEqual({
      ...values,
      TEMPORAL_API_KEY: 'k',
    });
  });

  test.each([
    ['a@example.com,b@example.com', ['a@example.com', 'b@example.com']],
    ['On Call <oncall@example.com>', ['oncall@example.com']],
    ['"Doe, Jane" <jane@example.com> , b@EXAMPLE.com', ['jane@example.com', 'b@example.com']],
    ['"a@example.com","b@example.com"', ['a@example.com', 'b@example.com']],
    ['a@example.com,a@example.com,', ['a@example.com']],
    ['', []],
  ])('ALERT_EMAIL=%s is %j', (ALERT_EMAIL, addresses) => {
    expect(readSettings({ ALERT_EMAIL }).alertEmail).toEqual(addresses);
  });

  test.each([
    ['ALERT_EMAIL', 'oncall@intranet'],
    ['ALERT_EMAIL', 'a@example.com;b@example.com'],
    ['ALERT_EMAIL', 'a@example.com b@example.com'],
    ['ALERT_EMAIL', 'a@example.com,On Call'],
    ['SUPPORT_EMAIL', 'help'],
    ['SUPPORT_EMAIL', 'a@example.com,b@example.com'],
    ['EMAIL_FROM', 'Acme Health'],
    ['EMAIL_FROM_REMINDERS', 'Acme <acme>'],
    ['TRUST_PROXY', '1'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '*'],
    ['TRUST_PROXY', 'nginx'],
    ['TRUST_PROXY', '10.0.0.0/8,2'],
    ['C4HXP_ALLOWED_IPS', '52.1.1.1/33'],
    ['C4HXP_ALLOWED_IPS', 'loopback'],
    ['SMTP_URL', 'smtp://user:100%sure@127.0.0.1:2525'],
    ['SMTP_URL', 'smtp://'],
    ['SMTP_URL', 'smtp://m.example?requiretls=true'],
    ['SMTP_URL', 'smtp://m.example?requireTLS=yes'],
    ['DATABASE_URL', 'postgres://user:100%sure@db.example/kits'],
    ['TEMPORAL_ADDRESS', 'https://temporal.example.com'],
    ['BRAND_COLOR', 'teal'],
    ['LOGO_URL', 'http://example.com/logo.png'],
    ['ENCRYPTION_KEYS', `a:${'!'.repeat(8)}${key('k').slice(2)}`],
  ])('%s=%s is refused by its name, before anything starts', (name, value) => {
    const env = { ...(name.endsWith('_KEYS') ? { INDEX_KEYS: key('i') } : {}), [name]: value };
    expect(faultsOf(env)).toEqual([expect.stringMatching(new RegExp(`^${name}\\b`))]);
  });

  test('a number of hops is answered with what to write instead', () => {
    expect(faultsOf({ TRUST_PROXY: '1' })).toEqual([expect.stringMatching(/10\.0\.0\.0\/8.* hops/)]);
  });

  test('a DKIM key is an RSA key that can be read, its line ends written either way', () => {
    const pem = (type: 'rsa' | 'ed25519'): string =>
      type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 1024 })
            .privateKey.export({ type: 'pkcs8', format: 'pem' })
            .toString()
        : generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const dkim = (DKIM_PRIVATE_KEY: string) =>
      faultsOf({ DKIM_DOMAIN: 'example.com', DKIM_SELECTOR: 's', DKIM_PRIVATE_KEY });
    const rsa = pem('rsa');
    for (const good of [rsa, rsa.replaceAll('\n', '\\n'), `"${rsa.replaceAll('\n', '\r\n')}"`])
      expect(dkim(good)).toEqual([]);
    for (const bad of [rsa.slice(0, 200), rsa.replaceAll('\n', ' '), 'key.pem', pem('ed25519')])
      expect(dkim(bad)).toEqual([expect.stringMatching(/^DKIM_PRIVATE_KEY must be an RSA private key/)]);
  });

  test('what the mailer could not read of SMTP_URL is refused here already, and nothing else', () => {
    const hosts = [
      'm.example',
      'user:pa%40ss@m.example:25',
      'u:1%zz@m.example',
      '%@m.example',
      '',
      '[::1]:25',
      'm.example:99999',
    ];
    const rest = [
      '',
      '/',
      '?requireTLS=true',
      '?ignoreTLS=1',
      '?tls.servername=a&name=b',
      '?pool=true',
      '?tls.rejectUnauthorized=',
    ];
    for (const scheme of ['smtp', 'smtps', 'http'])
      for (const host of hosts)
        for (const more of rest) {
          const SMTP_URL = `${scheme}://${host}${more}`;
          const readable = (() => {
            try {
              readSmtpUrl(SMTP_URL, { requireTls: false });
              return true;
            } catch {
              return false;
            }
          })();
          expect([SMTP_URL, faultsOf({ SMTP_URL }).length === 0]).toEqual([SMTP_URL, readable]);
        }
  });

  test('all faults are in one message, those of a shape and those of a sense', () => {
    const faults = faultsOf({ ...PRODUCTION, SMTP_URL: 'smtp://u:1%@m.example', ADMIN_TOKEN: 'short', PORTAL_URL: '' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['SMTP_URL', 'PORTAL_URL', 'ADMIN_TOKEN']);
  });

  test('settings that go together are refused alone', () => {
    expect(faultsOf({ DKIM_DOMAIN: 'example.com' })).toHaveLength(1);
    expect(faultsOf({ PARTNER_API_URL: 'https://api.example.com' })).toHaveLength(1);
    expect(faultsOf({ INDEX_KEYS: key('i1') })).toHaveLength(1);
  });

  test('who may report what became of emails is told precisely, or refused', () => {
    const arn = 'arn:aws:sns:eu-west-1:123456789012:kit-herald';
    expect(readSettings({ EMAIL_EVENTS_SES_TOPICS: `${arn}, ${arn}.fifo` }).emailEventsSesTopics).toHaveLength(2);
    expect(faultsOf({ EMAIL_EVENTS_SES_TOPICS: 'kit-herald' })).toEqual([
      expect.stringMatching(/^EMAIL_EVENTS_SES_TOPICS must be ARNs/),
    ]);
    for (const value of ['hook', 'hook:', ':secret', 'ho ok:secret'])
      expect(faultsOf({ EMAIL_EVENTS_POSTMARK: value })).toEqual([
        expect.stringMatching(/^EMAIL_EVENTS_POSTMARK must be user:password/),
      ]);
  });

  test('a key of a wrong length or a doubled id is refused without showing the key', () => {
    const short = 'c2hvcnQ=';
    const faults = faultsOf({ ENCRYPTION_KEYS: `a:${short}`, INDEX_KEYS: `${key('a')},${key('a')}` });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toContain(short);
  });

  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['72h', 259_200_000],
    ['14d', 1_209_600_000],
    ['7y', 7 * 365 * 86_400_000],
    ['1.5h', null],
    ['-1d', null],
    ['', null],
  ])('the duration %p is %p ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test('.env.example names every setting, and no other', () => {
    const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
    const named = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
    const source = readFileSync(new URL('../../src/config/schema.ts', import.meta.url), 'utf8');
    const schema = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map((match) => match[1]);
    expect([...named].sort()).toEqual([...schema].sort());
  });
});
