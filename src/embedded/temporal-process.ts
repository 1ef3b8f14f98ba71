import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstLine, Unavailable } from '../config/refusal.js';
import { childEnvironment, commandLine, endProcess, isAlive, readPid } from '../host/processes.js';
import { portRefusal } from '../host/ports.js';
import { writePrivateFile } from '../host/data-dir.js';

export interface ServerProcessOptions {
  /** The `temporal` command. */
  readonly binary: string;
  readonly namespace: string;
  /** ms; how long the namespace remembers runs that have ended. */
  readonly retention: number;
  readonly env: NodeJS.ProcessEnv;
  /** How far it stands back for others on the same processor: 0 not at all, 19 the most. */
  readonly niceness?: number;
}

/** Where it listens. */
export interface ServerPorts {
  readonly port: number;
  readonly ui: { readonly host: string; readonly port: number };
}

export interface ServerProcess {
  readonly namespaceId: string;
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export const HOST = '127.0.0.1';
const READY_WITHIN_MS = 30_000;
const SOON = { 'grpc.initial_reconnect_backoff_ms': 30, 'grpc.max_reconnect_backoff_ms': 200 };
const STOP_WITHIN_MS = 8_000;

/** A port that was free a moment ago is taken: by somebody else, or by one that the server chose for itself. */
export class PortTaken extends Unavailable {}

/**
 * Starts the process once, and waits until its namespace answers.
 * @throws PortTaken; Unavailable when it doesn't come up.
 */
export async function startServerProcess(
  options: ServerProcessOptions,
  files: ServerFiles,
  ports: ServerPorts,
): Promise<ServerProcess> {
  const child = launch(options, files, ports);
  const stop = async (): Promise<void> => {
    await endProcess(child.pid, STOP_WITHIN_MS);
    rmSync(files.pid, { force: true });
  };
  try {
    const namespaceId = await whenReady(`${HOST}:${String(ports.port)}`, options, child.hasEnded);
    return { namespaceId, ended: child.ended, stop };
  } catch (error) {
    const ended = child.hasEnded();
    await stop();
    throw explained(error, files, ports.port, ended);
  }
}

/** It ended by itself before it answered: a crash of its own at the start may not come twice. */
export class EndedAtOnce extends Unavailable {}

export interface ServerFiles {
  readonly store: string;
  readonly log: string;
  readonly pid: string;
}

/** Absolute, because the store's path is also what identifies the process's command line. */
export function filesIn(dataDir: string): ServerFiles {
  const inside = (name: string): string => resolve(join(dataDir, name));
  return { store: inside('temporal.db'), log: inside('temporal.log'), pid: inside('temporal.pid') };
}

/** After a kill -9 of ours the server lives on, and a second one on the same file would start without complaint. */
export async function endOrphan(files: ServerFiles): Promise<void> {
  const pid = readPid(files.pid);
  if (pid === null) return;
  if (isAlive(pid) && (commandLine(pid)?.includes(files.store) ?? false)) await endProcess(pid, STOP_WITHIN_MS);
  rmSync(files.pid, { force: true });
}

function launch(
  options: ServerProcessOptions,
  files: ServerFiles,
  { port, ui }: ServerPorts,
): { readonly pid: number; readonly ended: Promise<void>; readonly hasEnded: () => boolean } {
  const flags = {
    '--ip': HOST,
    '--port': String(port),
    '--ui-ip': ui.host,
    '--ui-port': String(ui.port),
    '--namespace': options.namespace,
    '--db-filename': files.store,
    '--log-level': 'error',
    '--log-format': 'json',
    // Its HTTP API can't be left out, and takes orders from any page's form: so it is given a name that nobody can say.
    '--dynamic-config-value': `frontend.httpAllowedHosts=["${randomBytes(16).toString('hex')}.invalid"]`,
  };
  // A write-ahead log more than doubles what the server can take; it is safe against kill -9, not against power loss.
  const pragmas = ['journal_mode=wal', 'synchronous=1'].flatMap((pragma) => ['--sqlite-pragma', pragma]);
  const log = openSync(files.log, 'w', 0o600);
  const child = spawn(options.binary, ['server', 'start-dev', ...Object.entries(flags).flat(), ...pragmas], {
    env: childEnvironment(options.env),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    for (const event of ['exit', 'error'])
      child.once(event, () => {
        hasEnded = true;
        resolve();
      });
  });
  if (child.pid === undefined)
    throw new Unavailable(
      `${options.binary} could not be started: set TEMPORAL_CLI to a working \`temporal\` command.`,
    );
  // Before it has threads, which inherit it.
  if (options.niceness !== undefined) setPriority(child.pid, options.niceness);
  writePrivateFile(files.pid, String(child.pid));
  child.unref();
  return { pid: child.pid, ended, hasEnded: () => hasEnded };
}

/** Asks until the namespace answers, then has it remember ended runs for longer than the dev server's 24 hours. */
async function whenReady(address: string, options: ServerProcessOptions, ended: () => boolean): Promise<string> {
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

function explained(error: unknown, files: ServerFiles, port: number, ended: boolean): Error {
  const log = readOr(files.log, '');
  // Taken by somebody else between the moment it was seen to be free and the server's own attempt.
  if (/address already in use|port .* is not available|can't bind/i.test(log))
    return new PortTaken(
      portRefusal({ code: 'EADDRINUSE' }, { setting: 'TEMPORAL_PORT', port })?.message ?? firstLine(log),
    );
  return new (ended ? EndedAtOnce : Unavailable)(
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
