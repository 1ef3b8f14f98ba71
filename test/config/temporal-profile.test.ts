import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toClientOptions } from '@temporalio/envconfig';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasTls, temporalProfile } from '../../src/config/temporal-profile.js';
import { faultsOf, PRODUCTION } from './production-env.js';

describe('in production a profile of Temporal’s', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kit-herald-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const faultsWith = (toml: string, env: Record<string, string>) => {
    const path = join(folder, 'temporal.toml');
    writeFileSync(path, toml);
    return faultsOf({ ...PRODUCTION, TEMPORAL_TLS: '', TEMPORAL_CONFIG_FILE: path, ...env });
  };
  const NO_TLS = [expect.stringMatching(/^TEMPORAL_ADDRESS is on another host, and has no TLS/)];

  test.each([
    ['that says nothing of TLS', '[profile.kits]\nnamespace = "kits"', { TEMPORAL_PROFILE: 'kits' }],
    ['that switches TLS off', '[profile.kits.tls]\ndisabled = true', { TEMPORAL_PROFILE: 'kits' }],
    [
      'that switches it off beside a key',
      '[profile.kits]\napi_key = "k"\n[profile.kits.tls]\ndisabled = true',
      { TEMPORAL_PROFILE: 'kits' },
    ],
    ['of another name than the one with TLS', '[profile.kits.tls]\nserver_name = "t"', {}],
    ['that a variable overrules', '[profile.default.tls]\nserver_name = "t"', { TEMPORAL_TLS: 'false' }],
  ])('%s is no TLS', (_, toml, env) => {
    expect(faultsWith(toml, env as Record<string, string>)).toEqual(NO_TLS);
  });

  test.each([
    ['with a certificate', '[profile.kits.tls]\nclient_cert_path = "/c"\nclient_key_path = "/k"', 'kits'],
    ['with an API key', '[profile.kits]\napi_key = "k"', 'kits'],
    ['with an empty table', '[profile.kits.tls]', 'kits'],
    ['that nobody names', '[profile.default.tls]\nserver_name = "t"', ''],
  ])('%s is TLS', (_, toml, TEMPORAL_PROFILE) => {
    expect(faultsWith(toml, { TEMPORAL_PROFILE })).toEqual([]);
  });

  test.each([
    ['that is not there', '[profile.kits]', { TEMPORAL_PROFILE: 'other' }],
    ['in a file that is no TOML', '[profile.kits]\napi_key = "hunter22', { TEMPORAL_PROFILE: 'kits' }],
  ])('%s is refused by its name, in one sentence that quotes nothing', (_, toml, env) => {
    const faults = faultsWith(toml, env);
    expect(faults).toEqual([expect.stringMatching(/^TEMPORAL_PROFILE, or the file .* can't be read: .+$/)]);
    expect(faults.join()).not.toContain('hunter22');
    expect(
      faultsOf({ TEMPORAL_ADDRESS: 'localhost:7233', TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'), ...env }),
    ).toEqual(faults);
  });

  test('is not asked for where there is no file', () => {
    expect(faultsOf({ ...PRODUCTION, TEMPORAL_CONFIG_FILE: join(folder, 'nowhere.toml') })).toEqual([]);
  });
});

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ TEMPORAL_API_KEY: 'k' }, true],
  // The SDK by itself would send the key in clear.
  [{ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: '' }, true],
  [{ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: 'false' }, false],
  [{ TEMPORAL_API_KEY: '', TEMPORAL_TLS: '' }, false],
  [{ TEMPORAL_TLS: '1' }, true],
  [{ TEMPORAL_TLS_SERVER_NAME: 't' }, true],
  [{ TEMPORAL_TLS_SERVER_NAME: '' }, false],
])('of %j is said what the connection then does: TLS %s', (env, tls) => {
  const profile = temporalProfile({ ...env, TEMPORAL_CONFIG_FILE: '/nowhere.toml' });
  expect(hasTls(profile)).toBe(tls);
  const { tls: connects } = toClientOptions(profile).connectionOptions;
  expect(connects !== undefined && connects !== false && connects !== null).toBe(tls);
});
