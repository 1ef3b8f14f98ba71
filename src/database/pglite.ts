import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { packageRoot } from '../config/package-root.js';
import {
  type Acquire,
  COLUMN_TYPES,
  createNames,
  createSession,
  runOn,
  type Session,
  type Sessions,
} from './driver.js';

/** How many statements stay planned: ours are some dozens, and planning costs more than running most of them. */
const PLANNED = 200;

/**
 * PGlite in a folder, or in memory without one. It has a single session, so whoever holds it keeps all others waiting:
 * in order of arrival, but in turns with those that have priority. `lost` is told when its thread dies, and with it
 * everything that was asked of it.
 */
export async function openPGlite(folder: string | null, lost: (error: Error) => void = crash): Promise<Sessions> {
  if (folder !== null) await mkdir(folder, { recursive: true, mode: 0o700 });
  const stream = await PGliteStream.open(folder);
  const client = new pg.Client({ stream: () => stream, user: 'postgres', database: 'postgres', types: COLUMN_TYPES });
  let closing = false;
  client.on('error', (error) => {
    if (!closing) lost(error);
  });
  await client.connect();
  // ANALYZE reads a tenth of the rows: it holds up everybody, and our plans depend on sizes more than on values.
  await client.query('set default_statistics_target = 10');
  const planned = createNames(PLANNED);
  const run: Session['run'] = (text, params = []) => runOn(client, text, params, { name: planned(text, params) });
  const turns = createTurns();

  async function acquire({ priority = false }: Acquire = {}): Promise<Session> {
    await turns.take(priority);
    return createSession(run, () => {
      turns.pass();
    });
  }

  return {
    acquire,
    async close() {
      const session = await acquire();
      closing = true;
      await stream.shut();
      session.release();
    },
  };
}

interface Turns {
  /** Resolves when it is ours. */
  take(priority: boolean): Promise<void>;
  pass(): void;
}

/**
 * One at a time. With priority, one waits for whoever has the turn and at most one more, so that neither those with it nor
 * those without keep the others out.
 */
export function createTurns(): Turns {
  const ahead: (() => void)[] = [];
  const inOrder: (() => void)[] = [];
  let taken = false;
  let lastHadPriority = false;
  return {
    take(priority) {
      if (!taken) {
        taken = true;
        lastHadPriority = priority;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        (priority ? ahead : inOrder).push(resolve);
      });
    },
    pass() {
      const priority = ahead.length > 0 && (inOrder.length === 0 || !lastHadPriority);
      const next = (priority ? ahead : inOrder).shift();
      taken = next !== undefined;
      lastHadPriority = priority;
      next?.();
    },
  };
}

/** Nothing can be kept from here on: the process ends, and whoever watches over it starts it on what was committed. */
function crash(error: Error): never {
  throw error;
}

type Done = (error?: Error | null) => void;

/**
 * The way to PGlite in its thread, as the socket that the `pg` driver expects: what is written at once goes over as one
 * message. A thread that ends is a connection that broke.
 */
class PGliteStream extends Duplex {
  /** Resolves when the database stands. @throws what PGlite says when it can't open the folder. */
  static async open(folder: string | null): Promise<PGliteStream> {
    // From the compiled files, since Node can't run this folder's own where a test runner compiles them as it goes.
    const file = join(packageRoot(), 'dist/src/database/pglite-thread.js');
    // What this process was started with (a debugger's port, a kind of input) is not meant for the thread.
    const thread = new Worker(file, { workerData: { folder }, execArgv: [] });
    await once(thread, 'message');
    return new PGliteStream(thread);
  }

  private constructor(private readonly thread: Worker) {
    super({ allowHalfOpen: false });
    thread.on('message', (bytes: Uint8Array) => {
      this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    });
    thread.once('error', (error) => this.destroy(error));
    thread.once('exit', () => this.destroy());
  }

  /** The driver's wish to connect: it is connected. */
  connect(): void {
    process.nextTick(() => this.emit('connect'));
  }

  /** Has no meaning between threads. */
  setNoDelay(): void {
    return;
  }

  /** Ends the database, which writes what it has to, and its thread. */
  async shut(): Promise<void> {
    this.thread.postMessage(null);
    await once(this.thread, 'exit');
  }

  override _read(): void {
    return;
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.thread.postMessage(new Uint8Array(bytes));
    done();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }
}
