import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../src/config.js';
import { settledEnvironment } from '../../src/config/environment.js';
import { SettingsError } from '../../src/config/refusal.js';
import { schema, SECRETS } from '../../src/config/schema.js';
import { spawnHerald } from '../support/app.js';
import { PRODUCTION } from './production-env.js';

const root = new URL('../../', import.meta.url);

describe('secrets that stand in files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kit-herald-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const settled = (env: Record<string, string>) => settledEnvironment(env, () => undefined, folder);
  const faultsOf = (env: Record<string, string>): readonly string[] => {
    try {
      settled(env);
      return [];
    } catch (error) {
      if (error instanceof SettingsError) return error.faults;
      throw error;
    }
  };

  test('production starts with every secret in a file, and means the same', () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const env: Record<string, string> = {
      ...PRODUCTION,
      SUPPORT_TOKEN: 'a-token-that-only-reads',
      USERS: 'jane:support',
      PARTNER_API_URL: 'https://api.example.com',
      PARTNER_API_KEY: 'an-id:a-key-of-the-partner',
      EMAIL_EVENTS_POSTMARK: 'hook:a-password-of-length',
      DKIM_DOMAIN: 'example.com',
      DKIM_SELECTOR: 's1',
      DKIM_PRIVATE_KEY: privateKey.trim(),
      EVIDENCE_KEY: Buffer.from(Array.from({ length: 32 }, (_, place) => (place * place * 7 + 3) % 251)).toString(
        'base64',
      ),
    };
    expect(SECRETS.filter((name) => env[name] === undefined)).toEqual([]);
    const inFiles = Object.entries(env).map(([name, value]): [string, string] =>
      (SECRETS as readonly string[]).includes(name) ? [`${name}_FILE`, file(name, ` ${value}\r\n\n`)] : [name, value],
    );
    expect(readSettings(settled(Object.fromEntries(inFiles)))).toEqual(readSettings(env));
  });

  test('every setting that a name or a password in it marks as one may stand in a file', () => {
    const marked = Object.keys(schema.shape).filter((name) =>
      /SECRET|TOKEN|_KEYS?$|PASSWORD|USERS|SMTP_URL/.test(name),
    );
    expect(marked.filter((name) => !(SECRETS as readonly string[]).includes(name))).toEqual([]);
  });

  test('.env.example marks just these', () => {
    const example = readFileSync(new URL('.env.example', root), 'utf8');
    const marked = [...example.matchAll(/^# (?:\(P\) )?\(F\) (?:.*\n#)*?.*\n# ([A-Z][A-Z0-9_]+)=/gm)].map(
      ([, name]) => name,
    );
    expect([...marked].sort()).toEqual([...SECRETS].sort());
  });

  test('a value and a file for it are refused, whatever they say', () => {
    const path = file('token', 'hunter22');
    expect(faultsOf({ ADMIN_TOKEN: 'hunter22', ADMIN_TOKEN_FILE: path })).toEqual([
      'ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set: keep one of them',
    ]);
  });

  test('an empty variable means “not set” for either of the two', () => {
    const path = file('token', 'hunter22');
    expect(settled({ ADMIN_TOKEN: '', ADMIN_TOKEN_FILE: path })['ADMIN_TOKEN']).toBe('hunter22');
    expect(settled({ ADMIN_TOKEN: 'hunter22', ADMIN_TOKEN_FILE: ' ' })['ADMIN_TOKEN']).toBe('hunter22');
  });

  test('a .env may name files, and what the environment says wins, however each is spelled', () => {
    const path = file('token', 'from-the-file');
    file('.env', `ADMIN_TOKEN_FILE="${path}"\n`);
    expect(settled({})['ADMIN_TOKEN']).toBe('from-the-file');
    expect(settled({ ADMIN_TOKEN: 'from-outside' })['ADMIN_TOKEN']).toBe('from-outside');
    file('.env', 'ADMIN_TOKEN=from-dot-env\n');
    expect(settled({ ADMIN_TOKEN_FILE: path })['ADMIN_TOKEN']).toBe('from-the-file');
    file('.env', `ADMIN_TOKEN=from-dot-env\nADMIN_TOKEN_FILE=${path}\n`);
    expect(faultsOf({})).toHaveLength(1);
  });

  test('a link to the file is followed, as Kubernetes makes them', () => {
    symlinkSync(file('..data', 'hunter22'), join(folder, 'token'));
    expect(settled({ ADMIN_TOKEN_FILE: join(folder, 'token') })['ADMIN_TOKEN']).toBe('hunter22');
  });

  test('what is no secret is read from no file', () => {
    expect(settled({ LOG_LEVEL_FILE: file('level', 'debug') })['LOG_LEVEL']).toBeUndefined();
    expect(settled({ TEMPORAL_CONFIG_FILE: '/etc/temporal.toml' })['TEMPORAL_CONFIG']).toBeUndefined();
  });

  test.each<[string, (path: string) => void, string]>([
    ['is missing', () => undefined, 'which is not there'],
    [
      'is a folder',
      (path) => {
        mkdirSync(path);
      },
      'which is a folder',
    ],
    [
      'is empty',
      (path) => {
        writeFileSync(path, ' \n\n');
      },
      'which is empty',
    ],
    [
      'holds an empty pair of quotes',
      (path) => {
        writeFileSync(path, '""\n');
      },
      'which is empty',
    ],
    [
      'is larger than 64 KiB',
      (path) => {
        writeFileSync(path, 'hunter22'.repeat(8_193));
      },
      'which is larger than 64 KiB',
    ],
    [
      'is no text',
      (path) => {
        writeFileSync(path, Buffer.from('fffe680075006e00', 'hex'));
      },
      'which is no text in UTF-8',
    ],
    ['is a pipe', (path) => execFileSync('mkfifo', [path]), 'which is no ordinary file'],
  ])('a file that %s is one sentence that names its setting and none of its content', (_, make, said) => {
    const path = join(folder, 'secret');
    make(path);
    expect(faultsOf({ INDEX_KEYS_FILE: path })).toEqual([`INDEX_KEYS_FILE names ${path}, ${said}`]);
  });

  test('a file of 64 KiB is still read', () => {
    expect(settled({ ADMIN_TOKEN_FILE: file('token', 'a'.repeat(65_536)) })['ADMIN_TOKEN']).toHaveLength(65_536);
  });

  // Root may read everything.
  (process.getuid?.() === 0 ? test.skip : test)('a file that this user may not read is said to be one', () => {
    const path = file('token', 'hunter22');
    execFileSync('chmod', ['000', path]);
    expect(faultsOf({ ADMIN_TOKEN_FILE: path })).toEqual([
      `ADMIN_TOKEN_FILE names ${path}, which this user may not read`,
    ]);
  });

  test('all faults are told at once', () => {
    const there = join(folder, 'nowhere');
    expect(faultsOf({ SMTP_URL_FILE: there, USERS_FILE: there }).map((fault) => fault.split(' ')[0])).toEqual([
      'USERS_FILE',
      'SMTP_URL_FILE',
    ]);
  });

  test('a command ends with 2 and the sentence where a file is missing, and reads what is there', async () => {
    const broken = spawnHerald(['told', '1'], { DATA_DIR: folder, ADMIN_TOKEN_FILE: join(folder, 'nowhere') });
    expect(await broken.exited).toBe(2);
    expect(broken.output()).toContain(`ADMIN_TOKEN_FILE names ${join(folder, 'nowhere')}, which is not there`);
    const url = file('smtp', 'http://user:hunter22@mail.example.com\n');
    const read = spawnHerald(['doctor'], { DATA_DIR: folder, SMTP_URL_FILE: url });
    expect(await read.exited).toBe(2);
    expect(read.output()).toContain('SMTP_URL must be a URL that begins with smtp:// or smtps://');
    expect(read.output()).not.toContain('hunter22');
  });
});
