import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '../host/private-file.js';
import { isAlive } from '../host/processes.js';

/** Where everything is, for people, scripts and our own commands; null for what is not ours. */
export interface RuntimeInfo {
  readonly pid: number;
  readonly receiver: string | null;
  readonly admin: string | null;
  readonly adminToken: string | null;
  readonly temporalAddress: string | null;
  readonly temporalNamespace: string | null;
  readonly temporalUi: string | null;
  readonly mailbox: string | null;
  readonly smtp: string | null;
  readonly metrics: string | null;
}

const fileIn = (dataDir: string): string => join(dataDir, 'runtime.json');

/** What a running kit-herald has written; null when there is none. */
export function readRuntime(dataDir: string): RuntimeInfo | null {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as RuntimeInfo;
  } catch {
    return null;
  }
}

/**
 * Writes it, at the moment when everything is ready. A receiver does not write over what a living worker has: of the
 * two on one machine, the commands need the worker's.
 * @returns removes it again, if it is still ours.
 */
export function writeRuntime(dataDir: string, runtime: RuntimeInfo): () => void {
  const other = readRuntime(dataDir);
  const keeps = runtime.admin === null && other?.admin != null && other.pid !== runtime.pid && isAlive(other.pid);
  if (!keeps) writePrivateFile(fileIn(dataDir), `${JSON.stringify(runtime, null, 2)}\n`);
  return () => {
    if (readRuntime(dataDir)?.pid === runtime.pid) rmSync(fileIn(dataDir), { force: true });
  };
}
