import { spawn } from 'node:child_process';

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
