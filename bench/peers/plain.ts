import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { fastify } from 'fastify';
import { fileURLToPath } from 'node:url';
import { serve, webhookOf } from './announce.js';
import * as activities from './plain-activities.js';
import { startServer } from './server.js';
import { news } from './plain-workflow.js';

/** The way to the patient that most would write first: a handler that signals, a workflow, an activity that sends. */
const TASK_QUEUE = 'plain';
// It is stopped below, and not by the SDK at the same signal.
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const server = await startServer('plain');
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: server.address }),
  taskQueue: TASK_QUEUE,
  workflowsPath: fileURLToPath(new URL('plain-workflow.js', import.meta.url)),
  activities,
});
const running = worker.run();

const app = fastify();
app.post('/webhooks/c4hxp', async (request, reply) => {
  const webhook = webhookOf(request);
  if (webhook === null) return reply.code(401).send();
  const { data } = webhook;
  await client.workflow.signalWithStart('plain', {
    workflowId: `kit:${data.kit_barcode}`,
    taskQueue: TASK_QUEUE,
    signal: news,
    signalArgs: [data.patient.email],
  });
  return reply.send({ received: true });
});
await serve(app, async () => {
  worker.shutdown();
  await running;
  await connection.close();
  await server.stop();
});
