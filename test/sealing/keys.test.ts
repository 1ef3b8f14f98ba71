import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadOrMakeKeys } from '../../src/sealing/keys.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kit-herald-keys-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test('keys are made once, for their owner alone, and read from then on', async () => {
  const made = await loadOrMakeKeys(dataDir);
  expect(await modeOf(join(dataDir, 'keys.json'))).toBe(0o600);
  expect(await loadOrMakeKeys(dataDir)).toEqual(made);
  expect(await readdir(dataDir)).toEqual(['keys.json']);
});

test('two starts at the same moment end with the same keys', async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => loadOrMakeKeys(dataDir)));
  expect(new Set(all.map((keys) => JSON.stringify(keys))).size).toBe(1);
});

test('a file that others may read is closed to them', async () => {
  await loadOrMakeKeys(dataDir);
  await chmod(join(dataDir, 'keys.json'), 0o644);
  await loadOrMakeKeys(dataDir);
  expect(await modeOf(join(dataDir, 'keys.json'))).toBe(0o600);
});

test('a damaged file is refused and left as it is', async () => {
  const path = join(dataDir, 'keys.json');
  for (const damaged of ['', '{', '{}', '{"encryptionKeys":[{"id":"a","key":"AAAA"}],"indexKeys":[]}']) {
    await writeFile(path, damaged);
    await expect(loadOrMakeKeys(dataDir)).rejects.toThrow(/keys\.json is damaged/);
    expect(await readFile(path, 'utf8')).toBe(damaged);
  }
});
