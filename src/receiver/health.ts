import type { FastifyPluginCallback } from 'fastify';
import type { WebhookSource } from '../domain/arrivals.js';
import { fullOf, isNear, type Limit } from '../inbox/capacity.js';
import type { HealthFigures, Shortcomings } from './ports.js';

export interface HealthOptions {
  readonly sources: readonly Pick<WebhookSource, 'path'>[];
  readonly figures: () => Promise<HealthFigures>;
  /** What is missing before webhooks can be committed (and, embedded, before the other parts are up). */
  readonly ready: Shortcomings;
  /** What is away though webhooks can be committed: Temporal, the mail server. */
  readonly degraded: Shortcomings;
  /** What keeps webhooks out when it is full. */
  readonly limits: () => readonly Limit[];
  /** What keeps out only those who send slowly. */
  readonly softLimits: () => readonly Limit[];
}

/** `GET /webhooks/health` as the partner's page has it, and `/livez` and `/readyz` for whoever runs us. */
export const healthRoutes: FastifyPluginCallback<HealthOptions> = (
  app,
  { sources, figures, ready, degraded, limits, softLimits },
  done,
) => {
  let last: HealthFigures = { lastReceivedAt: null, processedToday: 0 };
  const missing = async (): Promise<readonly string[]> => [...(await asked(ready)), ...fullOf(limits())];
  const near = (): readonly string[] => [...limits(), ...softLimits()].filter(isNear).map(({ name }) => name);

  app.get('/webhooks/health', async (_request, reply) => {
    const [read, lacks, away] = await Promise.all([figures().catch(() => null), missing(), asked(degraded)]);
    last = read ?? last;
    const healthy = read !== null && lacks.length === 0 && away.length === 0 && near().length === 0;
    return reply.header('cache-control', 'no-store').send({
      status: healthy ? 'healthy' : 'degraded',
      // The page has room for one.
      webhook_endpoint: sources[0]?.path ?? null,
      last_webhook_received: last.lastReceivedAt?.toISOString() ?? null,
      processed_count_today: last.processedToday,
    });
  });

  app.get('/livez', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }));

  app.get('/readyz', async (_request, reply) => {
    const lacks = await missing();
    const scarce = near().filter((name) => !lacks.includes(name));
    return reply
      .code(lacks.length === 0 ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({
        status: lacks.length === 0 ? 'ready' : 'not_ready',
        missing: lacks,
        ...(scarce.length === 0 ? {} : { near: scarce }),
      });
  });
  done();
};

/** Who can't even answer what is missing is not ready. */
async function asked(shortcomings: Shortcomings): Promise<readonly string[]> {
  try {
    return await shortcomings();
  } catch {
    return ['unknown'];
  }
}
