import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { policySettings, readSettings, workerVersion } from '../../src/config.js';
import { parseDotEnv } from '../../src/config/dot-env.js';
import { SettingsError } from '../../src/config/refusal.js';
import { parseDuration } from '../../src/config/values.js';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

const PRODUCTION: Record<string, string> = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://db/kit_herald',
  TEMPORAL_ADDRESS: 'temporal:7233',
  SMTP_URL: 'smtps://mail.example.com:465',
  C4HXP_WEBHOOK_SECRET: 'a-secret-of-some-length',
  C4HXP_ALLOWED_IPS: '52.1.1.1/32',
  TRUST_PROXY: '10.0.0.0/8',
  ENCRYPTION_KEYS: key('e1'),
  INDEX_KEYS: key('i1'),
  ADMIN_TOKEN: 'an-admin-token-of-length',
  PUBLIC_URL: 'https://notify.example.com',
  PORTAL_URL: 'https://portal.example.com',
  EMAIL_FROM: 'kits@example.com',
  SUPPORT_EMAIL: 'help@example.com',
  POSTAL_ADDRESS: '1 Road, Town',
  ALERT_EMAIL: 'oncall@example.com',
};

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

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

  test('production starts when everything it needs is set', () => {
    expect(readSettings(PRODUCTION)).toMatchObject({ production: true, requireHttps: true });
  });

  test('production refuses each insecure or embedded default, all in one message', () => {
    const faults = faultsOf({ NODE_ENV: 'production' });
    for (const name of Object.keys(PRODUCTION).filter((name) => name !== 'NODE_ENV'))
      expect(faults.some((fault) => fault.startsWith(name))).toBe(true);
  });

  test.each(Object.keys(PRODUCTION).filter((name) => !['NODE_ENV', 'INDEX_KEYS', 'ENCRYPTION_KEYS'].includes(name)))(
    'production refuses to start without %s',
    (name) => {
      const rest = Object.fromEntries(Object.entries(PRODUCTION).filter(([other]) => other !== name));
      expect(faultsOf(rest)).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
    },
  );

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
    const source = readFileSync(new URL('../../src/config.ts', import.meta.url), 'utf8');
    const schema = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map((match) => match[1]);
    expect([...named].sort()).toEqual([...schema].sort());
  });
});
