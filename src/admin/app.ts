import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { requireTokens, type Tokens } from './auth.js';
import type { AdminPorts } from './ports.js';
import { answerProblems, Problem } from './problems.js';
import { rehearseRoutes } from './rehearse-routes.js';
import { subjectRoutes } from './subject-routes.js';
import { toldRoutes } from './told-routes.js';
import { webhookRoutes } from './webhook-routes.js';

const BODY_LIMIT = 64 * 1024;
const LONGEST_ROUTE_PARAMETER = 256;

export interface AdminOptions extends AdminPorts, Tokens {
  /** What is missing for work; empty when all is there. */
  readonly missing: () => Promise<readonly string[]>;
  readonly log: (event: string, about: object) => void;
}

/**
 * The operators' app, not listening: bearer tokens, problem details (RFC 9457), its OpenAPI at /admin/openapi.json.
 * Only the two health routes answer without a token.
 */
export async function createAdminApp(options: AdminOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: LONGEST_ROUTE_PARAMETER },
  }).withTypeProvider<ZodTypeProvider>();
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app, options.log);
  await app.register(helmet);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'kit-herald, for operators', version: '1' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });

  app.get('/livez', { schema: { hide: true } }, () => ({ status: 'live' }));
  app.get('/readyz', { schema: { hide: true } }, async () => {
    const missing = await options.missing();
    if (missing.length > 0) throw new Problem(503, 'not_ready', `Missing: ${missing.join(', ')}.`);
    return { status: 'ready' };
  });
  await app.register(async (guarded) => {
    requireTokens(guarded, options);
    await guarded.register(toldRoutes(options));
    await guarded.register(subjectRoutes(options));
    await guarded.register(webhookRoutes(options));
    await guarded.register(rehearseRoutes(options));
    guarded.get('/admin/openapi.json', { schema: { hide: true } }, () => app.swagger());
  });
  return app;
}
