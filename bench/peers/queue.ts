import { Client, Connection } from '@temporalio/client';
import { fastify } from 'fastify';
import PgBoss from 'pg-boss';
import { startOwnPostgres } from '../../test/support/postgres.js';
import { serve, webhookOf } from './announce.js';
import { startServer } from './server.js';

/**
 * The handler that a careful engineer would write: one job of a queue in PostgreSQL for each request, as pg-boss's own
 * documentation has it, and a worker in the same process that signals. Each commit waits for the disk.
 */
const QUEUE = 'webhooks';
interface Job {
  readonly id: string;
  readonly event: string;
  readonly barcode: string;
}

const postgres = await startOwnPostgres({ fsync: true });
const server = await startServer('queue');
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection });
const boss = new PgBoss(await postgres.freshUrl());
let stopping = false;
boss.on('error', (error) => {
  // That its database ends while it stops is meant.
  if (!stopping) process.stderr.write(`${error.message}\n`);
});
await boss.start();
await boss.createQueue(QUEUE);
await boss.work<Job>(QUEUE, { batchSize: 20, pollingIntervalSeconds: 0.5 }, async (jobs) => {
  await Promise.all(
    jobs.map(({ data }) =>
      client.workflow.signalWithStart('kitJourney', {
        workflowId: `kit:${data.barcode}`,
        taskQueue: 'nobody-works-here',
        signal: data.event,
        signalArgs: [{ id: data.id }],
      }),
    ),
  );
});

const app = fastify();
app.post('/webhooks/c4hxp', async (request, reply) => {
  const webhook = webhookOf(request);
  if (webhook === null) return reply.code(401).send();
  const { event, data, meta } = webhook;
  await boss.send(QUEUE, { id: meta.webhook_id, event, barcode: data.kit_barcode });
  return reply.send({ received: true });
});
await serve(app, async () => {
  stopping = true;
  await boss.stop({ graceful: false, wait: true });
  await connection.close();
  await server.stop();
  await postgres.stop();
});
