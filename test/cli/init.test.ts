import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asked } from '../../src/cli/init.js';
import { newDotEnv, type Said } from '../../src/cli/new-dot-env.js';
import { readSettings } from '../../src/config.js';
import { dotEnvLine, parseDotEnv } from '../../src/config/dot-env.js';
import { settledEnvironment } from '../../src/config/environment.js';
import { SECRETS } from '../../src/config/schema.js';
import { spawnHerald } from '../support/app.js';
import { faultsOf, PRODUCTION } from '../config/production-env.js';

const NOW = new Date('2026-11-24T12:00:00Z');
const MADE = ['ENCRYPTION_KEYS', 'INDEX_KEYS', 'EVIDENCE_KEY', 'ADMIN_TOKEN', 'SUPPORT_TOKEN'];

describe('kit-herald init', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kit-herald-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const path = () => join(folder, '.env');
  /** All that production asks for and init doesn't make; secrets by file. */
  const complete = (): Record<string, string> =>
    Object.fromEntries(
      Object.entries(PRODUCTION)
        .filter(([name]) => name !== 'NODE_ENV' && !MADE.includes(name))
        .map(([name, value]) => {
          if (!(SECRETS as readonly string[]).includes(name)) return [name, value];
          writeFileSync(join(folder, name), `${value}\n`);
          return [`${name}_FILE`, join(folder, name)];
        }),
    );
  const flags = (said: Said) => Object.entries(said).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const init = async (...args: readonly string[]) => {
    const { exited, output } = spawnHerald(['init', '--out', path(), ...args], { DATA_DIR: folder, NO_COLOR: '1' });
    const code = await exited;
    return { code, said: output().trimEnd() };
  };

  test('writes with complete flags what production accepts, and ends with 0', async () => {
    const { code, said } = await init(...flags(complete()));
    expect(said).toMatch(/Nothing is missing\. Next: kit-herald doctor$/);
    expect(code).toBe(0);
    const settings = readSettings(settledEnvironment({}, () => undefined, folder));
    expect(settings).toMatchObject({
      production: true,
      publicUrl: 'https://notify.example.com',
      postalAddress: '1 Road, Town',
    });
    const [encryption, index] = [settings.encryptionKeys, settings.indexKeys];
    expect([encryption.length, index.length]).toEqual([1, 1]);
    expect(encryption[0]?.id).not.toBe(index[0]?.id);
    expect(
      new Set([encryption[0]?.key, index[0]?.key, settings.evidenceKey].map((one) => one?.toString('hex'))).size,
    ).toBe(3);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith('.env'))).toEqual(['.env']);
  });

  test('ends with 1 where settings are missing, names each, and leaves a line that only has to be filled in', async () => {
    const { code, said } = await init('--set', 'EMAIL_FROM=Acme Health <kits@example.com>');
    expect(code).toBe(1);
    const text = readFileSync(path(), 'utf8');
    const { values, faults } = parseDotEnv(text);
    expect(faults).toEqual([]);
    expect(values['EMAIL_FROM']).toBe('Acme Health <kits@example.com>');
    const missing = Object.keys(complete())
      .map((name) => name.replace(/_FILE$/, ''))
      .filter((name) => name !== 'EMAIL_FROM' && name !== 'TEMPORAL_TLS');
    for (const name of missing) {
      expect(said).toMatch(new RegExp(`^ {2}${name} must `, 'm'));
      expect(text).toMatch(new RegExp(`^# ${name} must .*\\n# ${name}=$`, 'm'));
    }
    // Filled in, it is what production accepts.
    const filled = text.replace(/^# ([A-Z0-9_]+)=$/gm, (_, name: string) => dotEnvLine(name, PRODUCTION[name] ?? ''));
    expect(faultsOf({ ...parseDotEnv(filled).values, TEMPORAL_TLS: 'true' })).toEqual([]);
  });

  test('prints no secret, and is readable at 80 columns, its help too', async () => {
    const { said } = await init(...flags(complete()));
    const { values } = parseDotEnv(readFileSync(path(), 'utf8'));
    for (const name of MADE) expect(said).not.toContain(values[name]?.split(':').at(-1));
    expect(said).not.toContain(PRODUCTION['C4HXP_WEBHOOK_SECRET']);
    const help = await init('--help');
    const partly = await init('--force');
    for (const line of [said, help.said, partly.said].join('\n').split('\n'))
      if (!line.includes(folder)) expect(line.length).toBeLessThanOrEqual(80);
    expect(help.said).toMatch(/Ends with 0 .* with 1 .* 2 /s);
  });

  test('writes over nothing, and with --force keeps what was there, since its keys may be all that opens the database', async () => {
    writeFileSync(path(), 'ENCRYPTION_KEYS=the-former');
    const refused = await init();
    expect(refused.code).toBe(2);
    expect(refused.said).toContain('is there already: --force');
    expect(readFileSync(path(), 'utf8')).toBe('ENCRYPTION_KEYS=the-former');
    const forced = await init('--force');
    expect(forced.code).toBe(1);
    const former = readdirSync(folder).find((name) => name.startsWith('.env.former-')) ?? '';
    expect(readFileSync(join(folder, former), 'utf8')).toBe('ENCRYPTION_KEYS=the-former');
    expect(forced.said).toContain(former);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['a secret as an argument', 'SMTP_URL=smtps://user:hunter22@mail.example.com', 'SMTP_URL is a secret'],
    ['a setting that there isn’t', 'PUBLIC_URI=https://notify.example.com', 'There is no setting PUBLIC_URI'],
    [
      'what production refuses',
      'PUBLIC_URL=http://notify.example.com',
      'PUBLIC_URL must be set and begin with https://',
    ],
    ['what can’t be read', 'QUIET_HOURS=late', 'QUIET_HOURS must be two times of day'],
    ['another mode', 'NODE_ENV=development', 'init writes NODE_ENV=production'],
    ['no assignment', 'PUBLIC_URL', 'must be NAME=value'],
  ])('refuses %s and writes nothing', async (_, argument, sentence) => {
    const { code, said } = await init('--set', argument);
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining(sentence) });
    expect(said).not.toContain('hunter22');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('looks into the files of secrets, and says which of them aren’t there', async () => {
    writeFileSync(join(folder, 'url'), 'postgres://db.example.com/kit_herald');
    const { code, said } = await init('--set', `DATABASE_URL_FILE=${join(folder, 'url')}`);
    expect({ code, said }).toEqual({
      code: 2,
      said: expect.stringContaining('DATABASE_URL is on another host, and has no TLS'),
    });
    const elsewhere = newDotEnv({ DATABASE_URL_FILE: '/nowhere/url' }, NOW);
    expect(elsewhere.unseen).toEqual(['DATABASE_URL_FILE']);
    expect(elsewhere.missing.map(({ setting }) => setting)).not.toContain('DATABASE_URL');
  });

  test('a Temporal elsewhere is reached by TLS, unless what was said knows better', () => {
    const text = (said: Said) => newDotEnv(said, NOW).text;
    expect(text({ TEMPORAL_ADDRESS: 'temporal.example.com:7233' })).toContain('\nTEMPORAL_TLS=true\n');
    expect(text({ TEMPORAL_ADDRESS: 'localhost:7233' })).not.toContain('TEMPORAL_TLS');
    expect(text({ TEMPORAL_ADDRESS: 'x.tmprl.cloud:7233', TEMPORAL_API_KEY: 'k' })).not.toContain('TEMPORAL_TLS');
  });

  test('makes no key where one was said', () => {
    const { made, text } = newDotEnv({ ENCRYPTION_KEYS_FILE: '/run/a', INDEX_KEYS_FILE: '/run/b' }, NOW);
    expect(made).toEqual(['EVIDENCE_KEY', 'ADMIN_TOKEN', 'SUPPORT_TOKEN']);
    expect(text).toMatch(/^ENCRYPTION_KEYS_FILE=\/run\/a$/m);
  });

  test('asks for what is missing only, again where the answer won’t do, and hides what is secret', async () => {
    const { PUBLIC_URL: _, ...rest } = complete();
    delete rest['SMTP_URL_FILE'];
    delete rest['SUPPORT_EMAIL'];
    const answers: Record<string, string[]> = {
      PUBLIC_URL: ['http://notify.example.com', ' https://notify.example.com '],
      SMTP_URL: ['smtps://user:hunter22@mail.example.com'],
      SUPPORT_EMAIL: [''],
    };
    const questions: string[] = [];
    const said: string[] = [];
    const ask = (question: string, hidden: boolean) => {
      questions.push(`${question}${hidden ? 'hidden' : ''}`);
      return Promise.resolve(answers[/^\w+/.exec(question)?.[0] ?? '']?.shift() ?? '');
    };
    const settings = await asked(rest, ask, (line) => said.push(line));
    expect(questions).toEqual(['SMTP_URL (not shown): hidden', 'PUBLIC_URL: ', 'PUBLIC_URL: ', 'SUPPORT_EMAIL: ']);
    expect(said.filter((line) => line.startsWith('PUBLIC_URL must'))).toHaveLength(2);
    const { missing } = newDotEnv(settings, NOW);
    expect(missing.map(({ setting }) => setting)).toEqual(['SUPPORT_EMAIL']);
  });
});

describe('a line of a .env', () => {
  test('is read again as the value that was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const value = text.trim().replace(/\r\n?/g, '\n');
        fc.pre(["'", '`', '"'].some((quote) => !value.includes(quote) && (quote !== '"' || !value.includes('\\'))));
        expect(parseDotEnv(`A=1\n${dotEnvLine('B', value)}\nC=2\n`)).toEqual({
          values: { A: '1', B: value, C: '2' },
          faults: [],
        });
      }),
    );
  });

  test.each(['#0b5c6b', `it's`, 'x # y', 'Acme "Health" <a@b.co>', '$HOME', 'a\nb', 'C:\\new', ''])(
    'holds %j',
    (value) => {
      expect(parseDotEnv(dotEnvLine('A', value))).toEqual({ values: { A: value }, faults: [] });
    },
  );
});
