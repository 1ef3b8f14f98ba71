import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from '../../src/embedded/lock.js';
import { freePorts } from '../../src/host/ports.js';
import { keptSecret, writePrivateFile } from '../../src/host/data-dir.js';
import { birthMark, commandLine, endProcess, isAlive, readPid } from '../../src/host/processes.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kit-herald-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

/** Another process that lives until it is ended. */
async function other(): Promise<{ pid: number; end: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)', dataDir]);
  await once(child.stdout, 'data');
  const { pid } = child;
  if (pid === undefined) throw new Error('it did not start');
  const exited = once(child, 'exit');
  return {
    pid,
    end: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe('the lock of DATA_DIR', () => {
  const entry = (pid: number, mark: string) => {
    mkdirSync(join(dataDir, 'lock'), { recursive: true });
    writeFileSync(join(dataDir, 'lock', `${String(pid)}.${mark}`), '');
  };

  test('excludes a second holder, also of the same process, until it is given back', async () => {
    const lock = await lockDataDir(dataDir);
    await expect(lockDataDir(dataDir)).rejects.toThrow(
      `DATA_DIR ${dataDir} is in use by process ${String(process.pid)}: stop that one`,
    );
    lock.release();
    (await lockDataDir(dataDir)).release();
    expect(readdirSync(join(dataDir, 'lock'))).toEqual([]);
  });

  test('of a process that lives is respected, of one that has died is taken over', async () => {
    const holder = await other();
    entry(holder.pid, birthMark(holder.pid) ?? '');
    await expect(lockDataDir(dataDir)).rejects.toThrow(`process ${String(holder.pid)}`);
    await holder.end();
    (await lockDataDir(dataDir)).release();
  });

  test('of a dead process whose id now belongs to another one is taken over', async () => {
    const newcomer = await other();
    entry(newcomer.pid, 'boot-1');
    (await lockDataDir(dataDir)).release();
    await newcomer.end();
  });

  test('is had by at most one of several processes that want it at the same instant', async () => {
    const script = `
      const { lockDataDir } = await import(process.argv[1]);
      process.stdin.once('data', async () => {
        try { await lockDataDir(process.argv[2]); console.log('held'); }
        catch (error) { console.log(/in use/.test(error.message) ? 'refused' : error.message); }
        setInterval(() => {}, 1000);
      });
      console.log('ready');`;
    // The compiled module, because these are real processes without jest.
    const module = new URL('../../dist/src/embedded/lock.js', import.meta.url);
    const contenders = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script, module.href, dataDir]),
    );
    const lines = contenders.map(({ stdout }) => stdout.setEncoding('utf8')[Symbol.asyncIterator]());
    for (const line of lines) expect(String((await line.next()).value)).toContain('ready');
    contenders.forEach(({ stdin }) => stdin.write('now\n'));
    const outcomes: string[] = [];
    for (const line of lines) outcomes.push(String((await line.next()).value).trim());
    contenders.forEach((child) => child.kill('SIGKILL'));
    expect(outcomes.filter((outcome) => outcome === 'held').length).toBeLessThanOrEqual(1);
    expect(outcomes.filter((outcome) => outcome !== 'held').every((outcome) => outcome === 'refused')).toBe(true);
  });
});

describe('what only its owner may read', () => {
  const mode = (path: string) => statSync(path).mode & 0o777;

  test('is written with mode 0600, also over a file that everybody could read', () => {
    const path = join(dataDir, 'runtime.json');
    writeFileSync(path, 'old', { mode: 0o644 });
    writePrivateFile(path, 'new');
    expect(mode(path)).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['runtime.json']);
  });

  test('is written into a folder that nothing has made yet: where everything is configured, nothing does', () => {
    writePrivateFile(join(dataDir, 'not', 'yet', 'runtime.json'), 'new');
    expect(mode(join(dataDir, 'not', 'yet'))).toBe(0o700);
  });

  test('a secret is made once and then kept', () => {
    const path = join(dataDir, 'webhook-secret');
    const secret = keptSecret(path);
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(keptSecret(path)).toBe(secret);
    expect(mode(path)).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['webhook-secret']);
  });

  test('an empty secret is refused, since everybody could sign with it', () => {
    const path = join(dataDir, 'webhook-secret');
    writeFileSync(path, '\n');
    expect(() => keptSecret(path)).toThrow('holds no secret');
  });
});

describe('other processes', () => {
  test('are known by their command line and by when they were started, and can be ended', async () => {
    const { pid } = await other();
    expect(commandLine(pid)).toContain(dataDir);
    expect(birthMark(pid)).not.toBeNull();
    expect(birthMark(pid)).toBe(birthMark(pid));
    await endProcess(pid, 5_000);
    expect(commandLine(pid) ?? '').not.toContain(dataDir);
  });

  test('one that does not exist is nothing to end', async () => {
    const gone = await other();
    await gone.end();
    expect(isAlive(gone.pid)).toBe(false);
    expect(birthMark(gone.pid)).toBeNull();
    await endProcess(gone.pid);
  });

  test.each([0, -1, 1, Number.NaN, 1.5])('%p is none: nothing is ended, least of all our own group', async (pid) => {
    expect(isAlive(pid)).toBe(false);
    await expect(endProcess(pid)).rejects.toThrow('is not the id of one process');
  });

  test.each([
    ['4711\n', 4711],
    ['4711\n/data\n', 4711],
    ['', null],
    ['\n', null],
    ['0', null],
    ['1', null],
    ['-7', null],
    ['x', null],
  ])('are named by a file that says %j: %p', (text, pid) => {
    writeFileSync(join(dataDir, 'a.pid'), text);
    expect(readPid(join(dataDir, 'a.pid'))).toBe(pid);
    expect(readPid(join(dataDir, 'no.pid'))).toBeNull();
  });

  test('one that heeds no SIGTERM is ended all the same', async () => {
    const child = spawn(process.execPath, [
      '-e',
      "process.on('SIGTERM', () => {}); console.log(1); setInterval(() => {}, 1000)",
    ]);
    await once(child.stdout, 'data');
    const exited = once(child, 'exit');
    if (child.pid === undefined) throw new Error('it did not start');
    await endProcess(child.pid, 200);
    expect((await exited)[1]).toBe('SIGKILL');
  });
});

describe('free ports', () => {
  test('are all different, and a wanted one is given as it is', async () => {
    const [free] = (await freePorts([{ setting: 'A', port: 0 }])) as [number];
    const ports = await freePorts([
      { setting: 'A', port: 0 },
      { setting: 'B', port: free },
      { setting: 'C', port: 0 },
    ]);
    expect(ports[1]).toBe(free);
    expect(new Set(ports).size).toBe(3);
  });

  test('a taken one is refused by the name of its setting, and the others are given back', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const [free] = (await freePorts([{ setting: 'A', port: 0 }])) as [number];
    const wanted = [
      { setting: 'TEMPORAL_PORT', port: free },
      { setting: 'TEMPORAL_UI_PORT', port },
    ];
    await expect(freePorts(wanted)).rejects.toThrow(`TEMPORAL_UI_PORT ${String(port)} is taken`);
    await new Promise((resolve) => taken.close(resolve));
    expect(await freePorts(wanted)).toEqual([free, port]);
  });
});
