import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.js';
import { commandLine } from '../../src/host/processes.js';
import { pidIn } from '../support/pid-in.js';
import { startOwnPostgres } from '../support/postgres.js';
import { existingServer } from '../support/temporal.js';

/** A server that may be killed; it is the same again after `restart`. */
export interface Killable {
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A real PostgreSQL with an empty database. */
export async function startDatabase(): Promise<Killable & { readonly url: string }> {
  const postgres = await startOwnPostgres();
  return { ...postgres, url: await postgres.freshUrl() };
}

const RETENTION_MS = 86_400_000;

/** Temporal's dev server on a file in `folder`. */
export async function startTemporal(folder: string): Promise<Killable & { readonly address: string }> {
  const dataDir = join(folder, 'temporal');
  mkdirSync(dataDir, { mode: 0o700 });
  const { executable } = await existingServer('dev-server');
  const start = (port: number): Promise<TemporalServer> =>
    startTemporalServer({
      binary: executable.path,
      dataDir,
      namespace: 'default',
      port,
      uiPort: 0,
      retention: RETENTION_MS,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    });
  const killProcess = (): void => {
    const pid = pidIn(join(dataDir, 'temporal.pid'));
    if (commandLine(pid)?.includes(dataDir) === true) process.kill(pid, 'SIGKILL');
  };
  const killAtExit = (): void => {
    try {
      killProcess();
    } catch {
      // It isn't up.
    }
  };
  // Before the folder goes, in which its id is written.
  process.prependOnceListener('exit', killAtExit);
  let server = await start(0);
  const { address } = server;
  return {
    address,
    async kill() {
      killProcess();
      // Else it would be started again by itself, a quarter of a second later.
      await server.stop();
    },
    async restart() {
      server = await start(Number(address.split(':').at(-1)));
    },
    stop: async () => {
      await server.stop();
      process.off('exit', killAtExit);
    },
  };
}
