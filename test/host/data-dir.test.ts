import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal, Unavailable } from '../../src/config/refusal.js';
import { refuseUnsafeDataDir } from '../../src/host/data-dir.js';

describe('a DATA_DIR', () => {
  let above: string;
  let dataDir: string;
  beforeEach(() => {
    above = mkdtempSync(join(tmpdir(), 'kit-herald-'));
    dataDir = join(above, 'data');
  });
  afterEach(() => {
    rmSync(above, { recursive: true, force: true });
  });

  test('that isn’t there is made, for its owner alone', async () => {
    await refuseUnsafeDataDir(dataDir);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  test.each([0o777, 0o770, 0o775, 0o1777, 0o702])('that others can write is refused: mode %i', async (mode) => {
    mkdirSync(dataDir);
    chmodSync(dataDir, mode);
    await expect(refuseUnsafeDataDir(dataDir)).rejects.toThrow(/can be written by others.*chmod go-w/);
  });

  test.each([0o700, 0o750, 0o755])('that others can at most read is taken: mode %i', async (mode) => {
    mkdirSync(dataDir);
    chmodSync(dataDir, mode);
    await refuseUnsafeDataDir(dataDir);
  });

  test.each(['keys.json', 'runtime.json', 'webhook-secret', 'temporal.db', 'temporal.log', 'temporal.pid', 'lock'])(
    'with a link in the place of %s is refused, wherever it leads',
    async (name) => {
      mkdirSync(dataDir, { mode: 0o700 });
      symlinkSync(join(above, 'elsewhere'), join(dataDir, name));
      await expect(refuseUnsafeDataDir(dataDir)).rejects.toThrow(`${join(dataDir, name)} is a link`);
    },
  );

  test('may itself be a link, as to another disk', async () => {
    mkdirSync(join(above, 'disk'), { mode: 0o700 });
    symlinkSync(join(above, 'disk'), dataDir);
    await refuseUnsafeDataDir(dataDir);
  });

  test('that can be no folder is refused in one sentence', async () => {
    writeFileSync(dataDir, '');
    await expect(refuseUnsafeDataDir(dataDir)).rejects.toThrow(Refusal);
    await expect(refuseUnsafeDataDir(join(dataDir, 'below'))).rejects.toThrow(/DATA_DIR .* can't be used \(ENOTDIR\)/);
  });

  test('on a path that never answers ends with a sentence', async () => {
    const refusal = refuseUnsafeDataDir(dataDir, { answers: () => Promise.resolve(false) });
    await expect(refusal).rejects.toThrow(/gave no answer within 10 seconds/);
    await expect(refusal).rejects.toThrow(Unavailable);
  });
});
