import { Client, Connection } from '@temporalio/client';
import { fastify } from 'fastify';
import { serve, webhookOf } from './announce.js';
import { startServer } from './server.js';

/**
 * The handler that most would write first: verify, parse, signalWithStart, answer. No worker runs beside it, so all of
 * the server's strength goes into the signals: the comparison leans towards this peer.
 */
const server = await startServer('signal-per-request');
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection });

const app = fastify();
app.post('/webhooks/c4hxp', async (request, reply) => {
  const webhook = webhookOf(request);
  if (webhook === null) return reply.code(401).send();
  const { event, data, meta } = webhook;
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
