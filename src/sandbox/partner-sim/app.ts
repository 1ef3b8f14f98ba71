import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { adminRoutes, type AdminOptions } from './admin.js';
import { partnerApi } from './api.js';
import { createGuard, type SimKey } from './guard.js';
import { Refusal } from './refusal.js';
import type { Shape } from './shapes.js';
import type { RateLimits } from './sliding-window.js';

export interface AppOptions extends AdminOptions {
  readonly keys: readonly SimKey[];
  readonly limits: RateLimits | null;
  readonly shape: () => Shape;
  readonly clock: () => number;
}

/** The stand-in's HTTP side, not listening yet: the partner's API, and routes of our own under `/sim`. */
export function createApp(options: AppOptions): FastifyInstance {
  const app = Fastify({ routerOptions: { maxParamLength: 200 }, forceCloseConnections: true });
  const guard = createGuard(options);

  app.setErrorHandler((error, _request, reply) => {
    const { statusCode, code, message, details } = asRefusal(error);
    return reply.code(statusCode).send({ error: { code, message, details }, meta: metaOf(options.clock()) });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({
      error: { code: 'RESOURCE_NOT_FOUND', message: 'There is no such route', details: {} },
      meta: metaOf(options.clock()),
    }),
  );
  app.register(partnerApi({ ...options, guard }), { prefix: '/v2/public' });
  app.register(adminRoutes(options), { prefix: '/sim' });
  return app;
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500
    ? new Refusal(status, 'VALIDATION_ERROR', 'The request is not valid')
    : new Refusal(500, 'INTERNAL_SERVER_ERROR', 'Something broke');
}

const metaOf = (now: number): object => ({
  timestamp: new Date(now).toISOString(),
  request_id: `req_${randomUUID()}`,
  version: '2.0.0',
});
