import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/config/package-root.js';
import { freePorts } from '../../src/host/ports.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';
import { startMember, type Member } from './herd.js';
import { startDatabase, startTemporal, type Killable } from './infrastructure.js';
import { createInquiry, type Inquiry } from './inquiry.js';

/** Where the team is called. */
export const ALERT_ADDRESS = 'team@example.net';

/** The whole system: two receivers, two workers, PostgreSQL, Temporal, a mail server. */
export interface System {
  readonly members: Readonly<Record<'receiver A' | 'receiver B' | 'worker A' | 'worker B', Member>>;
  readonly postgres: Killable;
  readonly temporal: Killable;
  readonly smtp: SmtpSink;
  readonly receivers: readonly [string, string];
  readonly secret: string;
  readonly inquiry: Inquiry;
}

/**
 * Starts it all, each part a process of its own but the mail server, on free ports of loopback.
 * @param cleanups are to be called in reverse order, also when this rejects.
 */
export async function startSystem(folder: string, cleanups: (() => Promise<unknown>)[]): Promise<System> {
  const smtp = await startSmtpSink();
  cleanups.push(() => smtp.close());
  const postgres = await startDatabase();
  cleanups.push(() => postgres.stop());
  const temporal = await startTemporal(folder);
  cleanups.push(() => temporal.stop());

  const ports = await freePorts(Array.from({ length: 8 }, () => ({ setting: 'PORT', port: 0 })));
  const [portA, portB, adminA, adminB, ...metrics] = ports.map(String) as [string, string, string, string, ...string[]];
  const secret = randomBytes(18).toString('hex');
  const token = randomBytes(18).toString('hex');
  const key = (): string => `kills:${randomBytes(32).toString('base64')}`;
  const shared = {
    NO_COLOR: '1',
    LOG_LEVEL: 'info',
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    SMTP_URL: smtp.url,
    C4HXP_WEBHOOK_SECRET: secret,
    ENCRYPTION_KEYS: key(),
    INDEX_KEYS: key(),
    ADMIN_TOKEN: token,
    ALERT_EMAIL: ALERT_ADDRESS,
    EMAIL_MAX_PER_SECOND: '100',
  };
  await migrate(folder, shared);
  const member = (name: string, role: 'receiver' | 'worker', own: Record<string, string>): Member => {
    const dataDir = join(folder, name.replaceAll(' ', '-'));
    mkdirSync(dataDir, { mode: 0o700 });
    const started = startMember({ name, role, folder, dataDir, env: { ...shared, ...own } });
    cleanups.push(() => started.end());
    return started;
  };
  const members = {
    'receiver A': member('receiver A', 'receiver', { PORT: portA, METRICS_PORT: metrics[0] ?? '0' }),
    'receiver B': member('receiver B', 'receiver', { PORT: portB, METRICS_PORT: metrics[1] ?? '0' }),
    'worker A': member('worker A', 'worker', { ADMIN_PORT: adminA, METRICS_PORT: metrics[2] ?? '0' }),
    'worker B': member('worker B', 'worker', { ADMIN_PORT: adminB, METRICS_PORT: metrics[3] ?? '0' }),
  };
  const receivers = [`http://127.0.0.1:${portA}`, `http://127.0.0.1:${portB}`] as const;
  const admins = [`http://127.0.0.1:${adminA}`, `http://127.0.0.1:${adminB}`];
  for (const url of receivers)
    await until(`${url} to be ready`, async () => (await fetch(`${url}/readyz`)).ok, { seconds: 60 });
  for (const url of admins)
    await until(`${url} to answer`, async () => (await fetch(`${url}/admin/kits`)).status === 401, { seconds: 60 });
  const nowhere = join(folder, 'nowhere');
  return { members, postgres, temporal, smtp, receivers, secret, inquiry: createInquiry(admins, token, nowhere) };
}

async function migrate(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const cli = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
  await promisify(execFile)(process.execPath, [cli, 'migrate'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
}
