import Fastify, { type FastifyInstance } from 'fastify';
import type { Settings } from '../../config.js';
import type { Database } from '../../database/database.js';
import type { Intake } from '../../inbox/intake.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { Sealing } from '../../sealing/sealing.js';
import { databaseMissing } from './public-app.js';

export interface OperatorsAppParts {
  readonly settings: Settings;
  readonly database: Database;
  readonly sealing: Sealing;
  readonly ledger: Ledger;
  readonly intake: Intake;
  readonly adminToken: string;
}

export function createOperatorsApp({ database, ledger, adminToken }: OperatorsAppParts): FastifyInstance {
  const app = Fastify({ logger: false });
  app.get('/readyz', async (_request, reply) => {
    const missing = await databaseMissing(database);
    return reply.code(missing.length === 0 ? 200 : 503).send({ missing });
  });
  app.post<{ Body: { subject: string } }>('/admin/told', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${adminToken}`) return reply.code(401).send({});
    const told = await ledger.told(request.body.subject);
    return told === null ? reply.code(404).send({}) : reply.send(told);
  });
  return app;
}
