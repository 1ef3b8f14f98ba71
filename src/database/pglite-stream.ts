import { once } from 'node:events';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../config/package-root.js';

type Done = (error?: Error | null) => void;

/**
 * The way to PGlite in its thread, as the socket that the `pg` driver expects: what is written at once goes over as one
 * message. A thread that ends is a connection that broke.
 */
export class PGliteStream extends Duplex {
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
