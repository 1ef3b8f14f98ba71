import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/package-root.js';

/** No container engine is there where the tests run: what its stage copies is copied, and what it runs is run. */
const [, stage = ''] = readFileSync(join(packageRoot(), 'Dockerfile'), 'utf8').split(/^FROM .*$/m);
const lines = (instruction: string): string[] =>
  [...stage.matchAll(new RegExp(`^${instruction} (.+)$`, 'gm'))].map(([, rest = '']) => rest);

describe('the image’s first stage', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kit-herald-image-'));
    const ignored = readFileSync(join(packageRoot(), '.dockerignore'), 'utf8').split('\n');
    for (const copied of lines('COPY')) {
      const files = copied.split(' ').slice(0, -1);
      for (const file of files) {
        expect(ignored).not.toContain(file);
        cpSync(join(packageRoot(), file), join(folder, file), { recursive: true });
      }
    }
    symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('builds with nothing but what it copies, and leaves tests and benchmark out', () => {
    const [install, build, ...more] = lines('RUN');
    expect([install, more]).toEqual(['npm ci --ignore-scripts', []]);
    const [command = '', ...args] = (build ?? '').split(' ');
    expect(command).toBe('node');
    execFileSync(process.execPath, args, { cwd: folder, stdio: 'pipe' });
    expect(existsSync(join(folder, 'dist/workflow-bundle.js'))).toBe(true);
    for (const left of ['bench', 'test']) expect(existsSync(join(folder, 'dist', left))).toBe(false);
    const help = execFileSync(process.execPath, [join(folder, 'dist/src/cli/main.js'), '--help'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(help).toContain('receiver');
  }, 180_000);
});
