import { Client, Connection } from '@temporalio/client';
import { fastify } from 'fastify';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findServerBinary } from '../../src/embedded/temporal-binary.js';
import { startTemporalServer } from '../../src/embedded/temporal-server.js';
import { folder, isSigned, serve } from './announce.js';

/**
 * The handler that most would write first: verify, parse, signalWithStart, answer. No worker runs beside it, so all of
 * the server's strength goes into the signals: the comparison leans towards this peer.
 */
const dataDir = join(folder(), 'signal-per-request');
mkdirSync(dataDir, { recursive: true });
const cli = process.env['TEMPORAL_CLI'];
const binary = await findServerBinary({
  kind: 'dev-server',
  configured: cli === undefined ? null : { setting: 'TEMPORAL_CLI', path: cli },
  env: process.env,
  say: (sentence) => process.stderr.write(`${sentence}\n`),
});
const server = await startTemporalServer({
  binary,
  dataDir,
  namespace: 'default',
  port: 0,
  uiPort: 0,
  retention: 86_400_000,
  env: process.env,
});
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection });

const app = fastify();
app.post('/webhooks/c4hxp', async (request, reply) => {
  const raw = request.body as Buffer;
  if (!isSigned(raw, request.headers['x-c4hxp-signature'])) return reply.code(401).send();
  const { event, data, meta } = JSON.parse(raw.toString('utf8')) as {
    event: string;
    data: { kit_barcode: string };
    meta: { webhook_id: string };
  };
  await client.workflow.signalWithStart('kitJourney', {
    workflowId: `kit:${data.kit_barcode}`,
    taskQueue: 'nobody-works-here',
    signal: event,
    signalArgs: [{ id: meta.webhook_id }],
  });
  return reply.send({ received: true });
});
await serve(app, async () => {
  await connection.close();
  await server.stop();
});
