import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDotEnv, settingsOfDotEnv } from '../../src/config/dot-env.js';
import { Refusal } from '../../src/config/refusal.js';

describe('the values of a .env', () => {
  test.each([
    ['A=1\nB=2', { A: '1', B: '2' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['\uFEFFA=1', { A: '1' }],
    ['export A=1\n\texport  B = 2 \n', { A: '1', B: '2' }],
    [`A="x y"\nB='x # y'\nC=\`"x" 'y'\``, { A: 'x y', B: 'x # y', C: `"x" 'y'` }],
    ['# first\n\nA=1 # the rest\n  # last', { A: '1' }],
    ['A=\nB=""', { A: '', B: '' }],
    ['KEY="-----BEGIN\nabc=\n-----END"\nA=1', { KEY: '-----BEGIN\nabc=\n-----END', A: '1' }],
    ['URL=postgres://a:b@c/d?e=f', { URL: 'postgres://a:b@c/d?e=f' }],
    ["A=it's", { A: "it's" }],
    ['A=1\nA=2', { A: '2' }],
  ])('%j are what dotenv’s users expect', (text, values) => {
    expect(parseDotEnv(text)).toEqual({ values, faults: [] });
  });

  test('a line that is none is told by its number, says nothing of what it holds, and spoils no other', () => {
    const { values, faults } = parseDotEnv('A=1\nhunter22\nB="x\ny"\n=2\n1C=3\nD="open\nE=4\nF: 5\n');
    expect(values).toEqual({ A: '1', B: 'x\ny', E: '4' });
    expect(faults).toEqual([
      '.env, line 2 is no NAME=value, and is left out.',
      '.env, line 5 is no NAME=value, and is left out.',
      '.env, line 6 is no NAME=value, and is left out.',
      '.env, line 7 has a quote that is never closed, and is left out.',
      '.env, line 9 is no NAME=value, and is left out.',
    ]);
  });

  test('a value that a # cuts short is told', () => {
    const { values, faults } = parseDotEnv('A=1\nBRAND_COLOR=#0b5c6b\nB="#0b5c6b"\nC=x # y\nSECRET=ab#cd');
    expect(values).toEqual({ A: '1', BRAND_COLOR: '', B: '#0b5c6b', C: 'x', SECRET: 'ab' });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(['.env, line 2', '.env, line 5']);
  });
});

describe('a .env in the working directory', () => {
  let folder: string;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kit-herald-'));
    said = [];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const read = (env: Record<string, string>) => settingsOfDotEnv(env, (sentence) => said.push(sentence), folder);

  test('adds what the environment doesn’t say, and says so', () => {
    writeFileSync(join(folder, '.env'), 'PORT=1\nHOST=2\nDATA_DIR=3');
    expect(read({ PORT: '9', HOST: '' })).toEqual({ DATA_DIR: '3' });
    expect(said).toEqual(['Settings are read from .env too (1 of them; what the environment says wins).']);
  });

  test('need not be there, and is refused where it can’t be read', () => {
    expect(read({})).toEqual({});
    expect(said).toEqual([]);
    mkdirSync(join(folder, '.env'));
    expect(() => read({})).toThrow(Refusal);
  });
});
