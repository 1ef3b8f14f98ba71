import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { until } from './until.js';

/** Debian puts it where only root looks. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/** Why there is no pgbouncer here; null where there is. */
export const pgbouncerMissing: string | null =
  spawnSync('pgbouncer', ['--version'], { env: { PATH } }).error === undefined
    ? null
    : 'there is no pgbouncer on this machine (Debian: apt-get install pgbouncer)';

export interface Pgbouncer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real pgbouncer in transaction mode before a database, as it comes out of the package: with two sessions for all. */
export async function startPgbouncer(databaseUrl: string): Promise<Pgbouncer> {
  const target = new URL(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'kit-herald-pgbouncer-'));
  const port = await freePort();
  const config = join(folder, 'pgbouncer.ini');
  const { hostname, port: at, pathname, username, password } = target;
  await writeFile(
    config,
    [
      '[databases]',
      `behind = host=${hostname} port=${at} dbname=${pathname.slice(1)} user=${username} password=${password}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${String(port)}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 2',
    ].join('\n'),
  );
  await chmod(folder, 0o755);
  const asSomebody = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('pgbouncer', ['-q', ...asSomebody, config], { env: { PATH }, stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await until('pgbouncer to listen', () => listens(port), { seconds: 10 });
  return {
    url: `postgres://${username}@127.0.0.1:${String(port)}/behind`,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
