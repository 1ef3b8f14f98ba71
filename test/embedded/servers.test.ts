import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../src/host/processes.js';
import {
  startTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
} from '../../src/embedded/temporal-server.js';
import { filesIn, startServerProcess } from '../../src/embedded/temporal-process.js';
import { freePorts } from '../../src/host/ports.js';
import { pidIn } from '../support/pid-in.js';
import { existingServer } from '../support/temporal.js';
import { until } from '../support/until.js';

async function takenPort(): Promise<{ port: number; free: () => Promise<unknown> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, free: () => new Promise((resolve) => server.close(resolve)) };
}

/** Where a process listens, as Linux tells it. */
function portsOf(pid: number): { host: string; port: number }[] {
  const fds = `/proc/${String(pid)}/fd`;
  const sockets = new Set(
    readdirSync(fds).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(join(fds, fd)))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode ?? ''))
      .map(([, local = '']) => {
        const [address = '', port = ''] = local.split(':');
        const bytes = address.slice(-8).match(/../g) ?? [];
        return {
          host: bytes
            .map((byte) => parseInt(byte, 16))
            .reverse()
            .join('.'),
          port: parseInt(port, 16),
        };
      }),
  );
}

describe("Temporal's dev server, embedded", () => {
  let dataDir: string;
  let binary: string;
  const running: TemporalServer[] = [];

  const start = async (given: Partial<TemporalServerOptions> = {}) => {
    const server = await startTemporalServer({
      binary,
      dataDir,
      namespace: 'kits',
      port: 0,
      uiPort: 0,
      retention: 30 * 86_400_000,
      env: process.env,
      ...given,
    });
    running.push(server);
    return server;
  };
  const pidOf = () => pidIn(join(dataDir, 'temporal.pid'));

  beforeAll(async () => {
    binary = (await existingServer('dev-server')).executable.path;
    dataDir = mkdtempSync(join(tmpdir(), 'kit-herald-'));
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });
  afterAll(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('answers with its namespace, its UI and a longer memory, and ends when it is stopped', async () => {
    const server = await start();
    const connection = await Connection.connect({ address: server.address });
    const { config, namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'kits' });
    await connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
    expect(namespaceInfo?.id).toBe(server.namespaceId);
    await until('the UI', async () => (await fetch(server.ui)).ok);
    expect(server.ui).toMatch(/^http:\/\/localhost:\d+$/);
    const pid = pidOf();
    await server.stop();
    await until('the process to be gone', () => !isAlive(pid));
    expect(existsSync(join(dataDir, 'temporal.pid'))).toBe(false);
  });

  test('answers no web page from elsewhere, on any port that it opens', async () => {
    const server = await start();
    const pid = pidOf();
    const open = portsOf(pid);
    const ui = Number(new URL(server.ui).port);
    expect(open.length).toBeGreaterThan(3);
    const ask = (host: string, port: number, method: string, headers: Record<string, string>, body = '') =>
      new Promise<number>((resolve) => {
        const path = method === 'GET' ? '/api/v1/namespaces' : '/api/v1/namespaces/kits/workflows/x/terminate';
        const asked = request({ host, port, method, path, headers, timeout: 2_000 }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        asked
          .on('timeout', () => asked.destroy())
          .on('error', () => {
            resolve(0);
          });
        asked.end(body);
      });
    const { headers: namespaces } = await fetch(`${server.ui}/api/v1/namespaces`);
    expect(namespaces.get('content-type')).toContain('json');
    expect(await ask('127.0.0.1', ui, 'GET', { host: 'evil.example' })).toBe(403);
    expect(await ask('127.0.0.1', ui, 'POST', { origin: 'http://evil.example' }, '{}')).toBe(403);
    for (const { host, port } of open) {
      // The UI itself is where no page finds it; everything else refuses, or speaks no HTTP that a page can.
      if (host !== '127.0.0.1') continue;
      for (const headers of [{}, { host: 'evil.example' }, { origin: 'http://evil.example' }]) {
        const status = await ask(host, port, 'GET', headers);
        const posted = await ask(host, port, 'POST', { ...headers, 'content-type': 'text/plain' }, '{}');
        expect([0, 403, 404]).toContain(status);
        expect([0, 403, 404, 405]).toContain(posted);
      }
    }
    expect(open.filter(({ host }) => !host.startsWith('127.'))).toEqual([]);
  });

  test('gets none of our secrets', async () => {
    process.env['A_SECRET_OF_OURS'] = 'x';
    await start();
    delete process.env['A_SECRET_OF_OURS'];
    const names = readFileSync(`/proc/${String(pidOf())}/environ`, 'utf8')
      .split('\0')
      .map((one) => one.split('=')[0]);
    expect(names).toContain('PATH');
    expect(names).not.toContain('A_SECRET_OF_OURS');
    expect(names).not.toContain('NODE_OPTIONS');
  });

  test('that is killed comes back by itself on the same ports and the same store, more than once', async () => {
    const said: string[] = [];
    const server = await start({ onDeath: (sentence) => said.push(sentence) });
    for (let time = 1; time <= 2; time += 1) {
      const pid = pidOf();
      process.kill(pid, 'SIGKILL');
      await until('another process', () => pidOf() !== pid && isAlive(pidOf()), { seconds: 20 });
      const connection = Connection.lazy({ address: server.address });
      const id = await until('its namespace', async () => {
        const { namespaceInfo } = await connection
          .withDeadline(Date.now() + 1_000, () => connection.workflowService.describeNamespace({ namespace: 'kits' }))
          .catch(() => ({ namespaceInfo: null }));
        return namespaceInfo?.id;
      });
      await connection.close();
      expect(id).toBe(server.namespaceId);
      await until('the UI', async () => (await fetch(server.ui)).ok);
    }
    expect(said).toEqual(Array(2).fill("Temporal's dev server died: it is started again."));
    const last = pidOf();
    await server.stop();
    await until('the process to be gone', () => !isAlive(last));
  });

  const flaky = (body: string): string => {
    const path = join(dataDir, 'flaky');
    writeFileSync(path, `#!/bin/sh\necho x >> '${dataDir}/starts'\n${body}\n`, { mode: 0o755 });
    return path;
  };
  const starts = () => readFileSync(join(dataDir, 'starts'), 'utf8').length / 2;

  test('that crashes once at its start is tried again; one that always does ends the start in a sentence', async () => {
    rmSync(join(dataDir, 'starts'), { force: true });
    const once = flaky(`[ $(wc -l < '${dataDir}/starts') -gt 1 ] && exec '${binary}' "$@"; kill -SEGV $$`);
    const server = await start({ binary: once });
    expect(starts()).toBe(2);
    await server.stop();
    rmSync(join(dataDir, 'starts'));
    await expect(start({ binary: flaky('kill -SEGV $$') })).rejects.toThrow(/did not start \(it ended at once\)/);
    expect(starts()).toBe(3);
  });

  test('that dies again and again is given up after five times, and says so', async () => {
    rmSync(join(dataDir, 'starts'), { force: true });
    const said: string[] = [];
    const path = flaky(`[ $(wc -l < '${dataDir}/starts') -eq 1 ] && exec '${binary}' "$@"; exit 1`);
    const server = await start({ binary: path, onDeath: (sentence) => said.push(sentence) });
    process.kill(pidOf(), 'SIGKILL');
    await until('it to be given up', () => said.at(-1)?.includes("isn't started any more"), { seconds: 30 });
    expect(starts()).toBe(6);
    await server.stop();
  }, 60_000);

  test('started again it is the same store; an orphan of a killed process is ended before', async () => {
    // As after a kill -9 of ours: the process lives on, and nobody looks after it.
    const options = { binary, namespace: 'kits', retention: 30 * 86_400_000, env: process.env };
    const [port, behind] = (await freePorts([
      { setting: 'A', port: 0 },
      { setting: 'B', port: 0 },
    ])) as [number, number];
    const ports = { port, ui: { host: '127.0.0.1', port: behind } };
    const first = await startServerProcess(options, filesIn(dataDir), ports);
    const orphan = pidOf();
    const second = await start();
    expect(second.namespaceId).toBe(first.namespaceId);
    expect(pidOf()).not.toBe(orphan);
    await until('the orphan to be gone', () => !isAlive(orphan));
  });

  test('a pid file that names a process of somebody else ends nobody', async () => {
    const { writePrivateFile } = await import('../../src/host/data-dir.js');
    writePrivateFile(join(dataDir, 'temporal.pid'), String(process.pid));
    await start();
    expect(pidOf()).not.toBe(process.pid);
  });

  test.each(['TEMPORAL_PORT', 'TEMPORAL_UI_PORT'])('a taken %s is refused by its name', async (setting) => {
    const { port, free } = await takenPort();
    const ports = setting === 'TEMPORAL_PORT' ? { port } : { uiPort: port };
    const refusal = expect(start(ports)).rejects.toThrow(`${setting} ${String(port)} is taken`);
    await refusal.finally(free);
  });

  test('a binary that is none is refused in one sentence that says where to look', async () => {
    const server = startTemporalServer({
      binary: '/bin/false',
      dataDir,
      namespace: 'kits',
      port: 0,
      uiPort: 0,
      retention: 86_400_000,
      env: process.env,
    });
    await expect(server).rejects.toThrow(/did not start \(it ended at once\): look into .*temporal\.log, or set/);
    expect(existsSync(join(dataDir, 'temporal.pid'))).toBe(false);
  });
});
