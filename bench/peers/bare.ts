import { fastify } from 'fastify';
import { isSigned, serve } from './announce.js';

/** What HTTP and the signature cost, when nothing is kept. */
const app = fastify();
app.post('/webhooks/c4hxp', async (request, reply) => {
  if (!isSigned(request.body as Buffer, request.headers['x-c4hxp-signature'])) return reply.code(401).send();
  return reply.send({ received: true });
});
await serve(app);
