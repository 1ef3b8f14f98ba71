import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { IsForUs } from '../http/hosts.js';
import { erasureRoutes } from './erasure-routes.js';
import { evidenceRoutes } from './evidence-routes.js';
import { keyRoutes } from './key-routes.js';
import type { AdminPorts } from './ports.js';
import { answerProblems, onClientError, onFrameworkError, Problem } from './problems.js';
import { auditRoutes } from './audit-routes.js';
import { bulkRoutes } from './bulk-routes.js';
import { writeAudit } from './audited.js';
import { rehearseRoutes } from './rehearsal.js';
import { subjectRoutes, toldRoutes } from './subject-routes.js';
import { requireTokens, type TokenOptions } from './tokens.js';
import { webhookRoutes } from './webhook-routes.js';

const BODY_LIMIT = 64 * 1024;
const LONGEST_ROUTE_PARAMETER = 256;
const AT_ONCE = 50;

export interface AdminOptions extends AdminPorts, TokenOptions {
  /** What is missing for work; empty when all is there. */
  readonly missing: () => Promise<readonly string[]>;
  readonly isForUs: IsForUs;
  /** Of these addresses X-Forwarded-For and -Proto are believed. */
  readonly trustProxy?: readonly string[];
  /** How many a command over a selection may ask in one request: few while webhooks come in. Default 50. */
  readonly atOnce?: () => number;
  /** Adds pages for people, in a scope of their own. */
  readonly pages?: (app: FastifyInstance) => Promise<void>;
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
    trustProxy: options.trustProxy === undefined || options.trustProxy.length === 0 ? false : [...options.trustProxy],
    routerOptions: { maxParamLength: LONGEST_ROUTE_PARAMETER, ignoreTrailingSlash: true },
    frameworkErrors: onFrameworkError,
    clientErrorHandler: onClientError,
  }).withTypeProvider<ZodTypeProvider>();
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app, options.log);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store');
    if (!options.isForUs(request)) {
      options.count('admin_refused', { code: 'foreign_host' });
      done(new Problem(403, 'foreign_host', 'This answers under its own names only: by its Host, and by its Origin.'));
    } else {
      // PostgreSQL's text holds everything but NUL.
      done(request.url.includes('%00') ? NUL : undefined);
    }
  });
  app.addHook('preValidation', (request, _reply, done) => {
    done(holdsNul(request.body) ? NUL : undefined);
  });
  // Plain HTTP: whoever ends TLS in front of it says what its name stands for.
  await app.register(helmet, { hsts: false });
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
  app.decorateRequest('actor', null);
  const { pages } = options;
  if (pages !== undefined) await app.register((scope) => pages(scope));
  await app.register(async (guarded) => {
    requireTokens(guarded, options);
    writeAudit(guarded, options);
    await guarded.register(toldRoutes(options));
    await guarded.register(subjectRoutes(options));
    await guarded.register(bulkRoutes({ atOnce: () => AT_ONCE, ...options }));
    await guarded.register(erasureRoutes(options));
    await guarded.register(webhookRoutes(options));
    await guarded.register(rehearseRoutes(options));
    await guarded.register(keyRoutes(options));
    await guarded.register(evidenceRoutes(options));
    await guarded.register(auditRoutes(options));
    guarded.get('/admin/openapi.json', { config: { needs: 'read' }, schema: { hide: true } }, () => app.swagger());
  });
  return app;
}

const NUL = new Problem(400, 'nul', 'There is a NUL character in it.');

/** Whether a text in it, at whatever depth, holds NUL. */
function holdsNul(body: unknown): boolean {
  const left: unknown[] = [body];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && value.includes('\0')) return true;
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) left.push(key, inner as unknown);
  }
  return false;
}
