import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../src/config/package-root.js';
import { isAlive } from '../../src/host/processes.js';
import { readRuntime } from '../../src/process/runtime-file.js';

/** How a process took being told to stop. */
export interface Stopped {
  readonly member: string;
  /** Whether all of it was up when it was told. */
  readonly wasUp: boolean;
  /** `exit 0`, or the signal that ended it. */
  readonly how: string;
  /** ms from SIGTERM to its end */
  readonly took: number;
}

/** A process of kit-herald that is started again whenever it has ended. */
export interface Member {
  readonly name: string;
  /** kill -9. It is started again after so many ms. */
  kill(restartAfter: number): void;
  /** SIGTERM. It is started again so many ms after it has ended; resolves when it is. */
  stop(restartAfter: number): Promise<void>;
  /** How often it ended though nobody had told it to, with what: `exit 1`. */
  readonly endings: readonly string[];
  /** What became of each `stop`; of one that was killed meanwhile, nothing. */
  readonly stops: readonly Stopped[];
  /** For good. */
  end(): Promise<void>;
}

export interface MemberOptions {
  readonly name: string;
  readonly role: 'receiver' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  /** Where its log is. */
  readonly folder: string;
  readonly dataDir: string;
}

const CLI = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
/** As a process manager does: one that can't start, because the database is away, is tried again. */
const RESTART_MS = 1_500;
const STOP_MS = 35_000;

/** Starts `kit-herald receiver` or `worker`, and goes on starting it until it is ended for good. */
export function startMember({ name, role, env, folder, dataDir }: MemberOptions): Member {
  const endings: string[] = [];
  const stops: Stopped[] = [];
  /** What it was told, and how long it then stays away (ms). */
  let told: { readonly what: 'killed' | 'stopped'; readonly restartAfter: number } | null = null;
  let ended = false;
  /** Resolves when the next one is started after `child` has ended. */
  let relaunched = Promise.resolve();
  let child: ChildProcess = launch();

  function launch(): ChildProcess {
    const log = openSync(join(folder, `${name.replaceAll(' ', '-')}.log`), 'a', 0o600);
    const started = spawn(process.execPath, ['--max-semi-space-size=32', '--enable-source-maps', CLI, role], {
      // Where there is no .env.
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env, DATA_DIR: dataDir },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    relaunched = new Promise((resolve) => {
      started.once('exit', (code, signal) => {
        if (ended) {
          resolve();
          return;
        }
        if (told === null) endings.push(howOf(code, signal));
        const pause = told?.restartAfter ?? RESTART_MS;
        void sleep(pause).then(() => {
          told = null;
          if (!ended) child = launch();
          resolve();
        });
      });
    });
    return started;
  }

  const killAtExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killAtExit);

  /** One that has just ended by itself, or was killed before, is on its way back already. */
  const isThere = (): boolean => child.exitCode === null && child.signalCode === null;

  return {
    name,
    endings,
    stops,
    kill(restartAfter) {
      if (!isThere()) return;
      told = { what: 'killed', restartAfter };
      child.kill('SIGKILL');
    },
    async stop(restartAfter) {
      if (!isThere() || told !== null) return;
      const wasUp = readRuntime(dataDir)?.pid === child.pid;
      const mine = { what: 'stopped', restartAfter } as const;
      told = mine;
      const from = Date.now();
      const late = setTimeout((process: ChildProcess) => process.kill('SIGKILL'), STOP_MS, child);
      child.once('exit', (code, signal) => {
        clearTimeout(late);
        if (told === mine && !ended)
          stops.push({ member: name, wasUp, how: howOf(code, signal), took: Date.now() - from });
      });
      child.kill('SIGTERM');
      await relaunched;
    },
    async end() {
      ended = true;
      process.off('exit', killAtExit);
      const deadline = Date.now() + STOP_MS;
      child.kill('SIGTERM');
      while (child.pid !== undefined && isThere() && isAlive(child.pid)) {
        if (Date.now() > deadline) child.kill('SIGKILL');
        await sleep(50);
      }
    },
  };
}

const howOf = (code: number | null, signal: NodeJS.Signals | null): string => signal ?? `exit ${String(code)}`;
