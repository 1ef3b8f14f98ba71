import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchProbes } from '../../src/process/probes.js';
import { errorLabel } from '../../src/process/logger.js';
import { readRuntime, writeRuntime, type RuntimeInfo } from '../../src/process/runtime-file.js';
import { createShutdown } from '../../src/process/shutdown.js';
import { until } from '../support/until.js';

describe('stopping', () => {
  test('goes in the reverse order, once, and one part that fails or hangs does not keep the others', async () => {
    const stopped: string[] = [];
    const faults: [string, unknown][] = [];
    const shutdown = createShutdown((name, error) => faults.push([name, error]), 50);
    shutdown.add('first', () => stopped.push('first'));
    shutdown.add('hangs', () => new Promise(() => undefined));
    shutdown.add('fails', () => Promise.reject(new Error('no')));
    shutdown.add('throws', () => {
      throw new Error('no');
    });
    shutdown.add('last', () => stopped.push('last'));
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect(stopped).toEqual(['last', 'first']);
    expect(faults.map(([name]) => name)).toEqual(['throws', 'fails', 'hangs']);
  });
});

describe('what is away', () => {
  test('is told by name, and no longer when it is back', async () => {
    let there = false;
    const watch = watchProbes(
      { temporal: () => (there ? Promise.resolve() : Promise.reject(new Error())), smtp: () => Promise.resolve() },
      { every: 10, everyWhileAway: 10 },
    );
    await until('temporal to be away', () => watch.away().join() === 'temporal');
    there = true;
    await until('nothing to be away', () => watch.away().length === 0);
    watch.stop();
  });
});

describe('runtime.json', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'kit-herald-'));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });
  const runtime = (pid: number, admin: string | null): RuntimeInfo => ({
    pid,
    receiver: null,
    admin,
    adminToken: null,
    temporalAddress: null,
    temporalNamespace: null,
    temporalUi: null,
    mailbox: null,
    smtp: null,
    metrics: null,
  });

  test('is removed by who wrote it, and by nobody else', () => {
    const remove = writeRuntime(dataDir, runtime(process.pid, 'http://localhost:1'));
    writeRuntime(dataDir, runtime(process.ppid, 'http://localhost:2'));
    remove();
    expect(readRuntime(dataDir)?.pid).toBe(process.ppid);
  });

  test("a receiver beside a living worker leaves the worker's, and replaces a dead one's", () => {
    writeRuntime(dataDir, runtime(process.ppid, 'http://localhost:1'));
    writeRuntime(dataDir, runtime(process.pid, null));
    expect(readRuntime(dataDir)?.admin).toBe('http://localhost:1');
    writeRuntime(dataDir, runtime(2 ** 22 + 1, 'http://localhost:1'));
    writeRuntime(dataDir, runtime(process.pid, null));
    expect(readRuntime(dataDir)?.pid).toBe(process.pid);
  });
});

describe('what is logged of an error', () => {
  test('is its class and code, never what it says', () => {
    const error = Object.assign(new TypeError('jane@example.com'), { code: '23505' });
    expect(errorLabel(error)).toBe('TypeError 23505');
    expect(errorLabel({ email: 'jane@example.com' })).toBe('object');
  });
});
