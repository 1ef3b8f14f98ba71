import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServerBinary, type ServerKind } from '../../src/embedded/temporal-binary.js';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.js';
import { connectTemporal, type Temporal } from '../../src/temporal/connection.js';
import { prepareTemporal } from '../../src/temporal/namespace.js';
import { installRuntime } from '../../src/temporal/runtime.js';

const SETTINGS = { 'dev-server': 'TEMPORAL_CLI', 'time-skipping': 'TEMPORAL_TEST_SERVER' } as const;

/**
 * The binary of one of Temporal's servers, downloaded when there is none: for
 * `TestWorkflowEnvironment.createTimeSkipping({ server: await existingServer('time-skipping') })`, likewise createLocal.
 */
export async function existingServer(
  kind: ServerKind,
): Promise<{ executable: { type: 'existing-path'; path: string } }> {
  const setting = SETTINGS[kind];
  const path = process.env[setting];
  const binary = await findServerBinary({
    kind,
    configured: path === undefined || path === '' ? null : { setting, path },
    env: process.env,
    say: (sentence) => {
      process.stderr.write(`${sentence}\n`);
    },
  });
  return { executable: { type: 'existing-path', path: binary } };
}

export interface TestTemporal extends Temporal {
  readonly server: TemporalServer;
  readonly dataDir: string;
  /** The same server, on the same file and port, after `server.stop()`. */
  restart(): Promise<void>;
}

/** A real dev server on a file of its own, with our search attributes, and a connection to it. */
export async function startTestTemporal({ port = 0 } = {}): Promise<TestTemporal> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kit-herald-'));
  const { executable } = await existingServer('dev-server');
  const start = (at: number): Promise<TemporalServer> =>
    startTemporalServer({
      binary: executable.path,
      dataDir,
      namespace: 'default',
      port: at,
      uiPort: 0,
      retention: 86_400_000,
      env: process.env,
    });
  let server = await start(port);
  const temporal = connectTemporal({ address: server.address, namespace: 'default', env: null, identity: 'test' });
  await prepareTemporal(temporal.client, temporal.namespace);
  return {
    ...temporal,
    get server() {
      return server;
    },
    dataDir,
    async restart() {
      server = await start(Number(server.address.split(':').at(-1)));
    },
    // Not before a worker is wanted: the native part ends with its last connection, and without one it never does.
    connectWorker() {
      quietRuntime();
      return temporal.connectWorker();
    },
    async close() {
      await temporal.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The SDK's native part, silent; also for tests that make a TestWorkflowEnvironment themselves. */
export function quietRuntime(): void {
  installRuntime({ log: () => undefined, metricsAddress: null });
}
