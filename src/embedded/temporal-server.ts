import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, portRefusal } from '../host/ports.js';
import { writePrivateFile } from '../host/private-file.js';
import { commandLine, endProcess, isAlive } from '../host/processes.js';
import { firstLine, Unavailable } from '../config/refusal.js';

export interface TemporalServerOptions {
  /** The `temporal` command. */
  readonly binary: string;
  readonly dataDir: string;
  readonly namespace: string;
  /** 0: any free one. */
  readonly port: number;
  readonly uiPort: number;
  /** ms; how long the namespace remembers runs that have ended. */
  readonly retention: number;
  readonly env: NodeJS.ProcessEnv;
  /** How far it stands back for others on the same processor: 0 not at all, 19 the most. */
  readonly niceness?: number;
}

export interface TemporalServer {
  readonly address: string;
  readonly ui: string;
  /** The namespace's own id: another one than last time means that the store is another one. */
  readonly namespaceId: string;
  /** Ends the server; its store stays. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const HOST = '127.0.0.1';
const SOON = { 'grpc.initial_reconnect_backoff_ms': 30, 'grpc.max_reconnect_backoff_ms': 200 };

/**
 * Starts Temporal's dev server on a file in DATA_DIR, and waits until its namespace answers.
 * It runs in a process group of its own, so that a signal for ours does not reach it: it is to be stopped last.
 * @throws Unavailable for a taken port, or when it does not come up.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const files = filesIn(options.dataDir);
  await endOrphan(files);
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryStart(options, files);
    } catch (error) {
      // A port that was free a moment ago is taken: by somebody else, or by one that the server chose for itself.
      const another = options.port === 0 || options.uiPort === 0;
      if (!(error instanceof PortTaken) || !another || attempt === ATTEMPTS) throw error;
    }
  }
}

const ATTEMPTS = 5;

class PortTaken extends Unavailable {}

async function tryStart(options: TemporalServerOptions, files: Files): Promise<TemporalServer> {
  const [port, uiPort] = (await freePorts([
    { setting: 'TEMPORAL_PORT', port: options.port },
    { setting: 'TEMPORAL_UI_PORT', port: options.uiPort },
  ])) as [number, number];
  const server = launch(options, files, port, uiPort);
  const stop = async (): Promise<void> => {
    await endProcess(server.pid, 8_000);
    rmSync(files.pid, { force: true });
  };
  try {
    const namespaceId = await whenReady(`${HOST}:${String(port)}`, options, () => server.ended());
    return { address: `${HOST}:${String(port)}`, ui: `http://localhost:${String(uiPort)}`, namespaceId, stop };
  } catch (error) {
    await stop();
    throw explained(error, files, port);
  }
}

interface Files {
  readonly store: string;
  readonly log: string;
  readonly pid: string;
}

/** Absolute, because the store's path is also what identifies the process's command line. */
function filesIn(dataDir: string): Files {
  const inside = (name: string): string => resolve(join(dataDir, name));
  return { store: inside('temporal.db'), log: inside('temporal.log'), pid: inside('temporal.pid') };
}

/** After a kill -9 of ours the server lives on, and a second one on the same file would start without complaint. */
async function endOrphan(files: Files): Promise<void> {
  const pid = Number(readOr(files.pid, ''));
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  if (isAlive(pid) && (commandLine(pid)?.includes(files.store) ?? false)) await endProcess(pid, 8_000);
  rmSync(files.pid, { force: true });
}

function launch(
  options: TemporalServerOptions,
  files: Files,
  port: number,
  uiPort: number,
): { pid: number; ended: () => boolean } {
  const flags = {
    '--ip': HOST,
    '--port': String(port),
    '--ui-port': String(uiPort),
    '--namespace': options.namespace,
    '--db-filename': files.store,
    '--log-level': 'error',
    '--log-format': 'json',
  };
  // A write-ahead log more than doubles what the server can take; it is safe against kill -9, not against power loss.
  const pragmas = ['journal_mode=wal', 'synchronous=1'].flatMap((pragma) => ['--sqlite-pragma', pragma]);
  const log = openSync(files.log, 'w', 0o600);
  const child = spawn(options.binary, ['server', 'start-dev', ...Object.entries(flags).flat(), ...pragmas], {
    env: options.env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended = false;
  for (const event of ['exit', 'error'])
    child.once(event, () => {
      ended = true;
    });
  if (child.pid === undefined)
    throw new Unavailable(
      `${options.binary} could not be started: set TEMPORAL_CLI to a working \`temporal\` command.`,
    );
  // Before it has threads, which inherit it.
  if (options.niceness !== undefined) setPriority(child.pid, options.niceness);
  writePrivateFile(files.pid, String(child.pid));
  child.unref();
  return { pid: child.pid, ended: () => ended };
}

/** Asks until the namespace answers, then has it remember ended runs for longer than the dev server's 24 hours. */
async function whenReady(address: string, options: TemporalServerOptions, ended: () => boolean): Promise<string> {
  // Without the SDK's retries: one that is pending when the channel is closed would end the process.
  const connection = Connection.lazy({ address, interceptors: [], channelArgs: SOON });
  const { namespace } = options;
  const deadline = Date.now() + READY_WITHIN_MS;
  try {
    for (;;) {
      try {
        return await connection.withDeadline(Date.now() + 2_000, async () => {
          const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
          await connection.workflowService.updateNamespace({
            namespace,
            config: { workflowExecutionRetentionTtl: msToTs(options.retention) },
          });
          return namespaceInfo?.id ?? '';
        });
      } catch (error) {
        if (ended()) throw new Error('it ended at once', { cause: error });
        if (Date.now() > deadline) throw new Error('it did not answer', { cause: error });
        await sleep(30);
      }
    }
  } finally {
    await connection.close();
  }
}

function explained(error: unknown, files: Files, port: number): Error {
  const log = readOr(files.log, '');
  // Taken by somebody else between the moment it was seen to be free and the server's own attempt.
  if (/address already in use|port .* is not available|can't bind/i.test(log))
    return new PortTaken(
      portRefusal({ code: 'EADDRINUSE' }, { setting: 'TEMPORAL_PORT', port })?.message ?? firstLine(log),
    );
  return new Unavailable(
    `Temporal's dev server did not start (${firstLine(error)}): look into ${files.log}, or set TEMPORAL_ADDRESS to a server that runs.`,
    { cause: error },
  );
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return otherwise;
  }
}
