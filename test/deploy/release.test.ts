import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const VERSIONED = [
  'CHANGELOG.md',
  'package.json',
  'package-lock.json',
  'deploy/kubernetes/example/kustomization.yaml',
  'workflows/journey.ts',
  'src/domain/kinds.ts',
  'test/replay/histories',
];

describe('a release', () => {
  let clone: string;
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: clone, encoding: 'utf8' });
  const read = (path: string): string => readFileSync(join(clone, path), 'utf8');
  const write = (path: string, text: string): void => {
    writeFileSync(join(clone, path), text);
  };
  const commit = (): void => {
    git('add', '-A');
    git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '-qm', 'as it was');
  };
  const release = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'tools/release.mjs'), ...args], { cwd: clone, encoding: 'utf8' });

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'kit-herald-'));
    execFileSync('cp', ['-r', '--parents', ...VERSIONED, clone], { cwd: root });
    git('init', '-q');
    commit();
  });
  afterEach(() => {
    rmSync(clone, { recursive: true, force: true });
  });

  test('puts its version where versions stand, and says what is left to do', () => {
    const { status, stdout } = release('7.2.0');
    expect(status).toBe(0);
    for (const line of ['git tag -a v7.2.0', 'docker build -t registry.example.com/kit-herald:7.2.0', 'npm sbom'])
      expect(stdout).toContain(line);
    expect(JSON.parse(read('package.json'))).toMatchObject({ version: '7.2.0' });
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({
      version: '7.2.0',
      packages: { '': { version: '7.2.0' } },
    });
    expect(read('deploy/kubernetes/example/kustomization.yaml')).toContain('newTag: 7.2.0\n');
    expect(git('status', '--porcelain').trim().split('\n')).toHaveLength(4);
    const [, empty, notes] = read('CHANGELOG.md').split(/^## \[.*$/m);
    expect(empty?.trim()).toBe('');
    expect(notes).toContain('### Added');
    expect(read('CHANGELOG.md')).toMatch(/^## \[7\.2\.0\] - \d{4}-\d\d-\d\d$/m);
    expect(read('CHANGELOG.md')).not.toContain('nothing has been released yet');
  });

  test('says when files that decide have changed since histories were recorded', () => {
    expect(release('7.2.0').stdout).toContain('Nothing is to be recorded');
    git('checkout', '-q', '.');
    write('workflows/journey.ts', '// another rule');
    commit();
    expect(release('7.2.0').stdout).toMatch(/1 files that decide[^]*VERSION=v2 npm run histories/);
  });

  test.each<[string, string[], () => void, RegExp]>([
    ['no version', [], () => undefined, /Say which version/],
    ['what is none', ['next'], () => undefined, /Say which version/],
    ['an earlier version', ['0.0.1'], () => undefined, /0\.0\.1 does not come after/],
    [
      'a tree with changes',
      ['7.2.0'],
      () => {
        write('a.txt', '');
      },
      /not clean/,
    ],
    [
      'nothing to tell',
      ['7.2.0'],
      () => {
        write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n');
        commit();
      },
      /nothing under/,
    ],
    [
      'no place for what is to be told',
      ['7.2.0'],
      () => {
        write('CHANGELOG.md', '# Changelog\n');
        commit();
      },
      /nothing under/,
    ],
    [
      'the same twice',
      ['7.2.0'],
      () => {
        release('7.2.0');
        commit();
      },
      /has 7\.2\.0 already[^]*does not come after[^]*nothing under/,
    ],
  ])('is refused with %s, and then nothing is changed', (_, args, first, sentence) => {
    first();
    const before = git('status', '--porcelain');
    const { status, stderr } = release(...args);
    expect([status, stderr]).toEqual([2, expect.stringMatching(sentence)]);
    expect(git('status', '--porcelain')).toBe(before);
  });
});
