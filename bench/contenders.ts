import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Contender {
  /** Where webhooks are posted. */
  readonly url: string;
  readonly secret: string;
  /** Resolves when what was acknowledged has been worked off, or after a minute. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const SECRET = 'the-secret-of-the-benchmark';
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Fastify and HMAC, nothing kept. */
export const startBare = (folder: string): Promise<Contender> => startPeer('bare', 'peers/bare.js', folder);

/** A signalWithStart in each request, against a dev server of its own of the same kind, with the same pragmas. */
export const startSignalPerRequest = (folder: string): Promise<Contender> =>
  startPeer('signal per request', 'peers/signal-per-request.js', folder);

/** kit-herald as `npm start` runs it, all embedded. */
export async function startHerald(folder: string): Promise<Contender> {
  const dataDir = join(folder, 'herald');
  const free = { PORT: '0', ADMIN_PORT: '0', METRICS_PORT: '0', TEMPORAL_PORT: '0', TEMPORAL_UI_PORT: '0' };
  const child = launch(
    here('../src/cli/main.js'),
    ['start'],
    {
      ...free,
      MAILBOX_PORT: '0',
      MAILBOX_SMTP_PORT: '0',
      DATA_DIR: dataDir,
      C4HXP_WEBHOOK_SECRET: SECRET,
      EMAIL_MAX_PER_SECOND: '1000',
      // What it logs is part of what it costs; nobody would read it here.
      LOG_LEVEL: 'info',
    },
    openSync(join(folder, 'herald.log'), 'a'),
  );
  const runtime = JSON.parse(await fileThere(join(dataDir, 'runtime.json'), child.ended)) as {
    receiver: string;
    admin: string;
    adminToken: string;
  };
  return {
    url: `${runtime.receiver}/webhooks/c4hxp`,
    secret: SECRET,
    settled: () => drained(runtime.admin, runtime.adminToken),
    stop: child.stop,
  };
}

/** What was warmed with is carried on before anything is measured. */
async function drained(admin: string, token: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const response = await fetch(`${admin}/admin/webhooks?status=pending`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { webhooks } = (await response.json()) as { webhooks?: unknown[] };
    if (response.ok && webhooks?.length === 0) return;
    await sleep(500);
  }
}

async function startPeer(name: string, script: string, folder: string): Promise<Contender> {
  const announced = join(folder, `${name.replaceAll(' ', '-')}.url`);
  const child = launch(here(script), [], { BENCH_SECRET: SECRET, BENCH_ANNOUNCE: announced, BENCH_FOLDER: folder });
  const url = await fileThere(announced, child.ended);
  return { url, secret: SECRET, settled: () => Promise.resolve(), stop: child.stop };
}

/** `log`: the file that its stderr goes to; absent: ours. */
function launch(script: string, args: string[], env: Record<string, string>, log: number | 'inherit' = 'inherit') {
  // As `npm start` does.
  const child = spawn(process.execPath, ['--max-semi-space-size=32', script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', log],
  });
  const exit = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  return {
    ended: () => child.exitCode !== null,
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** Waits until a child has written this file, whole (it is renamed into place). */
async function fileThere(path: string, ended: () => boolean): Promise<string> {
  const end = Date.now() + 120_000;
  while (!existsSync(path)) {
    if (ended() || Date.now() > end) throw new Error(`nothing announced itself in ${path}`);
    await sleep(50);
  }
  return readFileSync(path, 'utf8');
}
