import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WEBHOOK_PATH } from '../c4hxp/webhook/signature.js';
import type { Settings } from '../config.js';
import { keptSecret, writePrivateFile } from '../host/data-dir.js';
import { isAlive } from '../host/processes.js';

/** Where everything is, for people, scripts and our own commands; null for what is not ours. */
export interface RuntimeInfo {
  readonly pid: number;
  readonly receiver: string | null;
  readonly admin: string | null;
  /** Null, too, where ADMIN_TOKEN is set. */
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

/** Printed once, when everything is ready: the same addresses as in runtime.json, without the token. */
export function addressBlock(runtime: RuntimeInfo, settings: Pick<Settings, 'dataDir' | 'c4hxpWebhookSecret'>): string {
  const madeSecret = settings.c4hxpWebhookSecret.length === 0 ? `secret in ${secretFile(settings.dataDir)}` : '';
  const lines: [string, string | null, string][] = [
    ['Webhooks', runtime.receiver === null ? null : `${runtime.receiver}${WEBHOOK_PATH}`, madeSecret],
    ['Mailbox', runtime.mailbox, 'every email that was sent'],
    ['Temporal', runtime.temporalUi, 'each kit as a workflow'],
    [
      'Admin API',
      runtime.admin,
      runtime.adminToken === null ? 'token as in ADMIN_TOKEN' : `token in ${settings.dataDir}/runtime.json`,
    ],
    ['Metrics', runtime.metrics, ''],
    ['Temporal at', runtime.temporalAddress, `namespace ${runtime.temporalNamespace ?? ''}`],
    ['SMTP at', runtime.smtp, ''],
  ];
  const shown = lines.filter(([, address]) => address !== null);
  const widest = Math.max(...shown.map(([, address]) => address?.length ?? 0));
  return [
    `kit-herald is ready (process ${String(runtime.pid)}, data in ${settings.dataDir}).`,
    ...shown.map(([name, address, note]) =>
      `  ${name.padEnd(12)} ${(address ?? '').padEnd(widest)}  ${note}`.trimEnd(),
    ),
  ].join('\n');
}

/** The configured webhook secrets, else one that is made in DATA_DIR and kept there. */
export function webhookSecrets({ c4hxpWebhookSecret, dataDir }: Settings): readonly string[] {
  if (c4hxpWebhookSecret.length > 0) return c4hxpWebhookSecret;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return [keptSecret(secretFile(dataDir))];
}

const secretFile = (dataDir: string): string => join(dataDir, 'webhook-secret');
