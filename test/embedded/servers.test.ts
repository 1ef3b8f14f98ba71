import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../src/host/processes.js';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.js';
import { existingServer } from '../support/temporal.js';
import { until } from '../support/until.js';

async function takenPort(): Promise<{ port: number; free: () => Promise<unknown> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, free: () => new Promise((resolve) => server.close(resolve)) };
}

describe("Temporal's dev server, embedded", () => {
  let dataDir: string;
  let binary: string;
  const running: TemporalServer[] = [];

  const start = async (ports: { port?: number; uiPort?: number } = {}) => {
    const server = await startTemporalServer({
      binary,
      dataDir,
      namespace: 'kits',
      port: 0,
      uiPort: 0,
      retention: 30 * 86_400_000,
      env: process.env,
      ...ports,
    });
    running.push(server);
    return server;
  };
  const pidOf = () => Number(readFileSync(join(dataDir, 'temporal.pid'), 'utf8'));

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

  test('started again it is the same store; an orphan of a killed process is ended before', async () => {
    const first = await start();
    const orphan = pidOf();
    // As after a kill -9: nobody stopped the first one.
    const second = await start();
    expect(second.namespaceId).toBe(first.namespaceId);
    expect(pidOf()).not.toBe(orphan);
    await until('the orphan to be gone', () => !isAlive(orphan));
    running.shift();
  });

  test('a pid file that names a process of somebody else ends nobody', async () => {
    const { writePrivateFile } = await import('../../src/host/private-file.js');
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
