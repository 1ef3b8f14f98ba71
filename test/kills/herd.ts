import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../src/config/package-root.js';
import { isAlive } from '../../src/host/processes.js';

/** A process of kit-herald that is started again whenever it has ended. */
export interface Member {
  readonly name: string;
  /** kill -9. It is started again after so many ms. */
  kill(restartAfter: number): void;
  /** How often it ended though nobody had killed it, with what: `exit 1`. */
  readonly endings: readonly string[];
  stop(): Promise<void>;
}

export interface MemberOptions {
  readonly name: string;
  readonly role: 'receiver' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  /** Where its log and its DATA_DIR are. */
  readonly folder: string;
}

const CLI = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
/** As a process manager does: one that can't start, because the database is away, is tried again. */
const RESTART_MS = 1_500;
const STOP_MS = 35_000;

/** Starts `kit-herald receiver` or `worker`, and goes on starting it until it is stopped. */
export function startMember({ name, role, env, folder }: MemberOptions): Member {
  const endings: string[] = [];
  let restartAfter: number | null = null;
  let stopped = false;
  let child: ChildProcess = launch();

  function launch(): ChildProcess {
    const log = openSync(join(folder, `${name.replaceAll(' ', '-')}.log`), 'a', 0o600);
    const started = spawn(process.execPath, ['--max-semi-space-size=32', '--enable-source-maps', CLI, role], {
      // Where there is no .env.
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    started.once('exit', (code, signal) => {
      if (stopped) return;
      if (restartAfter === null) endings.push(signal ?? `exit ${String(code)}`);
      const pause = restartAfter ?? RESTART_MS;
      restartAfter = null;
      void sleep(pause).then(() => {
        if (!stopped) child = launch();
      });
    });
    return started;
  }

  const killAtExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killAtExit);

  return {
    name,
    endings,
    kill(after) {
      // One that has just ended by itself, or was killed before, is on its way back already.
      if (child.exitCode !== null || child.signalCode !== null) return;
      restartAfter = after;
      child.kill('SIGKILL');
    },
    async stop() {
      stopped = true;
      process.off('exit', killAtExit);
      const deadline = Date.now() + STOP_MS;
      child.kill('SIGTERM');
      while (child.pid !== undefined && child.exitCode === null && child.signalCode === null && isAlive(child.pid)) {
        if (Date.now() > deadline) child.kill('SIGKILL');
        await sleep(50);
      }
    },
  };
}
