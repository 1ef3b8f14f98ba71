import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a program needs of our environment to run at all: where things are, the language, how to reach the world. */
const NEEDED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TMP',
  'TEMP',
  'TZ',
  'LANG',
  'LANGUAGE',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
];
const FAMILIES = /^(LC|XDG)_[A-Z_]+$/;

/**
 * The environment for a program of somebody else's: none of our settings, so none of our secrets.
 * @param more a family of names that this program reads, such as pip's own.
 */
export function childEnvironment(env: NodeJS.ProcessEnv, more: RegExp = /^$/): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => NEEDED.includes(name.toUpperCase()) || FAMILIES.test(name) || more.test(name),
    ),
  );
}

/** To the kernel 0 and what is below are groups of processes, our own first of all; 1 is the system's. */
const isOfOneProcess = (pid: number): boolean => Number.isSafeInteger(pid) && pid > 1;

/** The id that stands in a file's first line; null where there is no such file, or no id in it. */
export function readPid(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8').split('\n', 1)[0]);
    return isOfOneProcess(pid) ? pid : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whether a process of this id runs (also one of another user). A zombie, ended and not yet collected, does not. */
export function isAlive(pid: number): boolean {
  if (!isOfOneProcess(pid)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return statOf(pid)?.state !== 'Z';
}

/** The command line of a process; null when there is none of this id. */
export function commandLine(pid: number): string | null {
  try {
    // /proc first: slim images have no ps.
    if (process.platform === 'linux') return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return ps(pid, 'args=');
  } catch {
    return null;
  }
}

/**
 * A word that no other process has, not even a later one with the same id: when it started, and in which boot.
 * Null when there is no process of this id.
 */
export function birthMark(pid: number): string | null {
  try {
    if (process.platform !== 'linux') return ps(pid, 'lstart=').replaceAll(/\W+/g, '-');
    const stat = statOf(pid);
    if (stat === null || stat.state === 'Z') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot}-${stat.startTime}`;
  } catch {
    return null;
  }
}

/**
 * Asks a process to end, and makes it end after `patience` ms. Resolves when it is gone.
 * @throws RangeError for what is no id of one process.
 */
export async function endProcess(pid: number, patience = 5_000): Promise<void> {
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + patience;
  while (isAlive(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await sleep(20);
  }
}

/** What Linux tells of a process; null where there is none, or another system. */
function statOf(pid: number): { readonly state: string; readonly startTime: string } | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The name (field 2) may hold blanks and brackets; what follows its last bracket are the fields from 3 on.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (!isOfOneProcess(pid)) throw new RangeError(`${String(pid)} is not the id of one process`);
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ps(pid: number, column: string): string {
  return execFileSync('ps', ['-p', String(pid), '-o', column], {
    encoding: 'utf8',
    env: childEnvironment(process.env),
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** ms, for the whole */
  readonly timeout: number;
  /** Given up when `progress` answers the same number for `after` ms. */
  readonly stalled?: { readonly progress: () => number; readonly after: number };
}

/**
 * Runs a command to its end, with all that it starts in a process group of its own.
 * @returns what it printed to stdout.
 * @throws with the last line of what it printed to stderr, or that it took too long: a reason for use in a sentence.
 */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: options.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const printed = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        printed[stream] = (printed[stream] + text).slice(-10_000);
      });
    let cut: string | null = null;
    const giveUp = (reason: string): void => {
      cut = reason;
      try {
        // The group, because what the command has started itself must end with it.
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    };
    const watches = [
      setTimeout(giveUp, options.timeout, `it took more than ${String(options.timeout / 1_000)} seconds`),
      ...(options.stalled === undefined ? [] : [watchProgress(options.stalled, giveUp)]),
    ];
    const settle = (outcome: () => void): void => {
      watches.forEach(clearTimeout);
      outcome();
    };
    child.once('error', (error) => {
      settle(() => {
        reject(error);
      });
    });
    child.once('close', (code, signal) => {
      settle(() => {
        if (code === 0) resolve(printed.stdout);
        else reject(new Error(cut ?? lastLine(printed.stderr) ?? `it ended with ${String(signal ?? code)}`));
      });
    });
  });
}

function watchProgress(
  { progress, after }: NonNullable<RunOptions['stalled']>,
  giveUp: (reason: string) => void,
): NodeJS.Timeout {
  let last = progress();
  let since = Date.now();
  return setInterval(() => {
    const now = progress();
    if (now !== last) [last, since] = [now, Date.now()];
    else if (Date.now() - since > after) giveUp(`it made no progress for ${String(after / 1_000)} seconds`);
  }, 250);
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('['))
    .at(-1);
}
