import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGLITE } from './databases.js';
import { copyTemplate } from './templates.js';
import { until } from './until.js';

const CLI = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
/** Where there is no .env: what a developer keeps in the repository's root is no setting of a test. */
const WITHOUT_DOT_ENV = fileURLToPath(new URL('.', import.meta.url));
/** What its webhooks are signed with. */
export const SECRET = 'a-secret-that-only-tests-know';

export interface Runtime {
  readonly pid: number;
  readonly receiver: string;
  readonly admin: string;
  readonly adminToken: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUi: string | null;
  readonly mailbox: string | null;
  readonly smtp: string | null;
  readonly metrics: string;
}

export interface ToldNotification {
  kind: string;
  occurrence: number;
  status: string;
  reason: string | null;
  cause: string;
  to: string | null;
  messageId: string | null;
  attempts: number;
  possiblyDuplicate: boolean;
  decisions: { verdict: string; reason: string | null; rule: string; cause: string; at: string }[];
}
export interface Told {
  subject: string;
  state: string;
  order: string | null;
  closedAt: string | null;
  needsAttention: string | null;
  next: { what: string; at: string } | null;
  partnerMaintenance: { until: string } | null;
  notifications: ToldNotification[];
  webhooks: {
    id: string;
    event: string;
    status: string;
    duplicates: number;
    altered: boolean;
    reason: string | null;
  }[];
}

/** kit-herald as a user starts it: a process of its own, spoken to over HTTP only. */
export interface Herald {
  readonly runtime: Runtime;
  readonly child: ChildProcess;
  readonly dataDir: string;
  /** All that it printed, both streams. */
  output(): string;
  post(body: string | object, headers?: Record<string, string>): Promise<Response>;
  /** Null where nothing is known; an order or an address has several subjects: see `toldAll`. */
  told(barcode: string): Promise<Told | null>;
  toldAll(subject: string): Promise<Told[]>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** kill -9; the embedded servers are left as they are. */
  kill(): Promise<void>;
}

export function temporaryDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'kit-herald-'));
}

export function removeDataDir(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

const sign = (raw: string | Buffer, secret = SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;

/** An event as the partner sends it, with an id and a time of its own. */
export function webhook(event: string, data: object, meta: { id?: string; at?: Date } = {}): string {
  const at = (meta.at ?? new Date()).toISOString();
  return JSON.stringify({
    event,
    data,
    meta: { timestamp: at, webhook_id: meta.id ?? `wh_${randomUUID()}`, api_version: '2.0.0' },
  });
}

/** Spawns the CLI with free ports and its own environment; does not wait for anything. */
export function spawnHerald(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = WITHOUT_DOT_ENV,
): { child: ChildProcess; output: () => string; exited: Promise<number | null> } {
  const child = spawn(process.execPath, ['--enable-source-maps', CLI, ...args], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...(process.env['TEMPORAL_CLI'] ? { TEMPORAL_CLI: process.env['TEMPORAL_CLI'] } : {}),
      PORT: '0',
      ADMIN_PORT: '0',
      METRICS_PORT: '0',
      TEMPORAL_PORT: '0',
      TEMPORAL_UI_PORT: '0',
      MAILBOX_PORT: '0',
      MAILBOX_SMTP_PORT: '0',
      C4HXP_WEBHOOK_SECRET: SECRET,
      LOG_LEVEL: 'info',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      resolve(code);
    });
  });
  return { child, output: () => Buffer.concat(chunks).toString('utf8'), exited };
}

/** Gives a new DATA_DIR the empty database that kit-herald would take seconds to make. */
export async function giveDatabase(dataDir: string): Promise<void> {
  if (!existsSync(join(dataDir, 'database'))) await copyTemplate(PGLITE, dataDir);
}

/** Starts `kit-herald start` on a DATA_DIR, which is given a database, and waits until it says that it is ready. */
export async function startHerald(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<Herald> {
  await giveDatabase(dataDir);
  return await startHeraldOn(dataDir, env);
}

/** The same on a DATA_DIR as it is: on an empty one everything is made. */
export async function startHeraldOn(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<Herald> {
  const { child, output, exited } = spawnHerald(['start'], { DATA_DIR: dataDir, ...env });
  const runtime = await until(
    'runtime.json of this process',
    () => {
      if (child.exitCode !== null) return 'exited' as const;
      const read = JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8')) as Runtime;
      return read.pid === child.pid ? read : undefined;
    },
    { seconds: 60 },
  ).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}\n${output()}`);
  });
  if (runtime === 'exited') throw new Error(`it exited with ${String(child.exitCode)}:\n${output()}`);
  const ask = async (subject: string): Promise<Told[]> => {
    const response = await fetch(`${runtime.admin}/admin/told`, {
      method: 'POST',
      headers: { authorization: `Bearer ${runtime.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ subject }),
    });
    if (response.status === 404) return [];
    if (!response.ok) throw new Error(`told answered ${String(response.status)}: ${await response.text()}`);
    const answer = (await response.json()) as Told | { subjects: Told[] };
    return 'subjects' in answer ? answer.subjects : [answer];
  };
  return {
    runtime,
    child,
    dataDir,
    output,
    post: (body, headers = {}) => {
      const raw = typeof body === 'string' ? body : JSON.stringify(body);
      return fetch(`${runtime.receiver}/webhooks/c4hxp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-c4hxp-signature': sign(raw), ...headers },
        body: raw,
      });
    },
    told: async (barcode) => (await ask(barcode))[0] ?? null,
    toldAll: ask,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
