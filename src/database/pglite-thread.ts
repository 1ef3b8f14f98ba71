import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/**
 * PGlite in a thread of its own, so that its work holds up nobody's event loop. Whatever bytes of PostgreSQL's
 * protocol come in one message are answered in one message; null ends the database and the thread.
 */
const port = parentPort;
if (port === null) throw new Error('this file is a thread of src/database/pglite.ts');
const { folder } = workerData as { readonly folder: string | null };
const engine = await PGlite.create(folder === null ? {} : { dataDir: folder });

let last: Promise<void> = Promise.resolve();
port.on('message', (bytes: Uint8Array | null) => {
  last = last.then(() => (bytes === null ? end() : answer(bytes)));
});
port.postMessage('ready');

async function answer(bytes: Uint8Array): Promise<void> {
  port?.postMessage(await engine.execProtocolRaw(bytes));
}

async function end(): Promise<void> {
  await engine.close();
  port?.close();
}
