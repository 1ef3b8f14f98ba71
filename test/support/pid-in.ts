import { readPid } from '../../src/host/processes.js';

/** @throws where the file names no process: `process.kill` would take the 0 of an empty one for the tests' own group. */
export function pidIn(path: string): number {
  const pid = readPid(path);
  if (pid === null) throw new Error(`${path} names no process`);
  return pid;
}
