import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type OwnPostgres, startOwnPostgres } from '../test/support/postgres.js';
import { startServer } from './peers/server.js';

export interface Contender {
  /** Where webhooks are posted. */
  readonly url: string;
  readonly secret: string;
  /** Resolves when what was acknowledged has been worked off, its emails too, or after three minutes. */
  settled(): Promise<void>;
  /** Resolves when what was acknowledged is with its journeys. */
  carried(): Promise<void>;
  /** ms of processor used so far by the process that sends its emails. */
  cpuMs(): number;
  /** Where operators ask; only of receiver and worker apart. */
  readonly operators?: { readonly url: string; readonly token: string };
  /** MB that its processes have in memory now, the servers of others not counted. */
  memoryMb?(): number;
  stop(): Promise<void>;
}

const SECRET = 'the-secret-of-the-benchmark';
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Fastify and HMAC, nothing kept. */
export const startBare = (folder: string): Promise<Contender> => startPeer('bare', 'peers/bare.js', folder);

/** A signalWithStart in each request, against a dev server of its own of the same kind, with the same pragmas. */
export const startSignalPerRequest = (folder: string): Promise<Contender> =>
  startPeer('signal per request', 'peers/signal-per-request.js', folder);

/** A job of a queue in PostgreSQL for each request; a worker beside it signals. */
export const startQueue = (folder: string): Promise<Contender> => startPeer('queue', 'peers/queue.js', folder);

/** A workflow and an activity that sends, signalled by the request: no ledger, no timers, no policy. */
export const startPlain = (folder: string, smtpUrl: string): Promise<Contender> =>
  startPeer('plain', 'peers/plain.js', folder, smtpUrl);

const FREE_PORTS = {
  PORT: '0',
  ADMIN_PORT: '0',
  METRICS_PORT: '0',
  TEMPORAL_PORT: '0',
  TEMPORAL_UI_PORT: '0',
  MAILBOX_PORT: '0',
  MAILBOX_SMTP_PORT: '0',
};
const SETTINGS = {
  ...FREE_PORTS,
  C4HXP_WEBHOOK_SECRET: SECRET,
  EMAIL_MAX_PER_SECOND: '1000',
  // What it logs is part of what it costs; nobody would read it here.
  LOG_LEVEL: 'info',
};

interface Runtime {
  readonly receiver: string;
  readonly admin: string;
  readonly adminToken: string;
  readonly metrics: string;
}

/** kit-herald as `npm start` runs it, all embedded; `smtpUrl`: another mail server than its own. */
export async function startHerald(folder: string, smtpUrl?: string): Promise<Contender> {
  const { child, runtime } = await startRole('start', folder, smtpUrl === undefined ? {} : { SMTP_URL: smtpUrl });
  return {
    url: `${runtime.receiver}/webhooks/c4hxp`,
    secret: SECRET,
    settled: () => drained(runtime),
    carried: () => nonePending(runtime),
    cpuMs: () => cpuMsOf(child.pid),
    stop: child.stop,
  };
}

/** kit-herald as receiver and worker, each a process of its own, on PostgreSQL that waits for the disk. */
export async function startApart(folder: string, smtpUrl: string): Promise<Contender> {
  const postgres = await startOwnPostgres({ fsync: true });
  const temporal = await startServer('temporal', folder);
  const shared = {
    ...(await storageOn(postgres)),
    TEMPORAL_ADDRESS: temporal.address,
    SMTP_URL: smtpUrl,
  };
  const worker = await startRole('worker', folder, shared);
  const receiver = await startRole('receiver', folder, shared);
  return {
    url: `${receiver.runtime.receiver}/webhooks/c4hxp`,
    secret: SECRET,
    settled: () => drained(worker.runtime),
    carried: () => nonePending(worker.runtime),
    cpuMs: () => cpuMsOf(worker.child.pid),
    operators: { url: worker.runtime.admin, token: worker.runtime.adminToken },
    memoryMb: () => memoryMbOf(receiver.child.pid) + memoryMbOf(worker.child.pid),
    stop: async () => {
      await receiver.child.stop();
      await worker.child.stop();
      await temporal.stop();
      await postgres.stop();
    },
  };
}

/** Only the receiver, on PostgreSQL that waits for the disk: what it keeps waits for a worker of another machine. */
export async function startReceiver(folder: string): Promise<Contender> {
  const postgres = await startOwnPostgres({ fsync: true });
  const receiver = await startRole('receiver', folder, await storageOn(postgres));
  const done = () => Promise.resolve();
  return {
    url: `${receiver.runtime.receiver}/webhooks/c4hxp`,
    secret: SECRET,
    settled: done,
    carried: done,
    cpuMs: () => cpuMsOf(receiver.child.pid),
    stop: async () => {
      await receiver.child.stop();
      await postgres.stop();
    },
  };
}

async function storageOn(postgres: OwnPostgres): Promise<Record<string, string>> {
  const key = (): string => `bench:${randomBytes(32).toString('base64')}`;
  return { DATABASE_URL: await postgres.freshUrl(), ENCRYPTION_KEYS: key(), INDEX_KEYS: key() };
}

async function startRole(role: 'start' | 'receiver' | 'worker', folder: string, env: Record<string, string>) {
  const dataDir = join(folder, role);
  const child = launch(
    here('../src/cli/main.js'),
    [role],
    { ...SETTINGS, DATA_DIR: dataDir, ...env },
    openSync(join(folder, `${role}.log`), 'a'),
  );
  const runtime = JSON.parse(await fileThere(join(dataDir, 'runtime.json'), child.ended)) as Runtime;
  return { child, runtime };
}

const WORKED_OFF_WITHIN_MS = 180_000;
/** Longer than a journey thinks between two emails. */
const STILL_MS = 4_000;

/** What was warmed with is worked off before anything is measured: carried on, decided, and sent. */
async function drained(runtime: Runtime): Promise<void> {
  const end = Date.now() + WORKED_OFF_WITHIN_MS;
  let emails = '';
  let since = Date.now();
  while (Date.now() < end) {
    const now = await emailCounts(runtime);
    if (now !== emails || (await isAnyPending(runtime))) since = Date.now();
    if (Date.now() - since > STILL_MS) return;
    emails = now;
    await sleep(500);
  }
}

async function nonePending(runtime: Runtime): Promise<void> {
  const end = Date.now() + WORKED_OFF_WITHIN_MS;
  while (Date.now() < end && (await isAnyPending(runtime))) await sleep(100);
}

async function isAnyPending({ admin, adminToken }: Runtime): Promise<boolean> {
  const response = await fetch(`${admin}/admin/webhooks?status=pending`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const { webhooks } = (await response.json()) as { webhooks?: unknown[] };
  return !response.ok || webhooks?.length !== 0;
}

/** The lines of what became of emails: another text when another one has been decided or sent. */
async function emailCounts({ metrics }: Runtime): Promise<string> {
  const text = await (await fetch(metrics)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('kit_herald_emails_total'))
    .join('\n');
}

async function startPeer(name: string, script: string, folder: string, smtpUrl = ''): Promise<Contender> {
  const announced = join(folder, `${name.replaceAll(' ', '-')}.url`);
  const child = launch(here(script), [], {
    BENCH_SECRET: SECRET,
    BENCH_ANNOUNCE: announced,
    BENCH_FOLDER: folder,
    BENCH_SMTP_URL: smtpUrl,
  });
  const url = await fileThere(announced, child.ended);
  const done = () => Promise.resolve();
  return { url, secret: SECRET, settled: done, carried: done, cpuMs: () => cpuMsOf(child.pid), stop: child.stop };
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
    pid: child.pid ?? 0,
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

/** Hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** Its user and system time (proc(5), fields 14 and 15), all threads together; NaN where there is no /proc. */
function cpuMsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}

/** Its resident set (proc(5)); NaN where there is no /proc. */
function memoryMbOf(pid: number): number {
  try {
    const [, kB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
    return Number(kB) / 1_024;
  } catch {
    return Number.NaN;
  }
}
