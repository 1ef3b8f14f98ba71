import { createHash, timingSafeEqual } from 'node:crypto';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { AdminPorts } from './ports.js';
import { answerProblems, Problem } from './problems.js';
import { rehearseRoutes } from './rehearsal.js';
import { subjectRoutes, toldRoutes } from './subject-routes.js';
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

export interface Tokens {
  readonly adminToken: string;
  /** May read and not act; null: there is none. */
  readonly supportToken: string | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the support token may do too, though its method isn't GET: a look-up whose subject doesn't belong in URLs. */
    readonly readOnly?: boolean;
  }
}

/** Lets nobody in without a token, and the support token only where nothing is changed. */
function requireTokens(app: FastifyInstance, { adminToken, supportToken }: Tokens): void {
  const admin = digest(adminToken);
  const support = supportToken === null ? null : digest(supportToken);

  app.addHook('onRequest', (request, _reply, done) => {
    const given = bearerOf(request);
    // Both are compared, always: how long it takes tells nothing.
    const isAdmin = given !== null && timingSafeEqual(given, admin);
    const isSupport = given !== null && support !== null && timingSafeEqual(given, support);
    if (isAdmin) {
      done();
    } else if (!isSupport) {
      done(new Problem(401, 'no_token', 'Send the admin token: Authorization: Bearer ….'));
    } else if (request.method === 'GET' || request.routeOptions.config.readOnly === true) {
      done();
    } else {
      done(new Problem(403, 'read_only', 'The support token may look and not act.'));
    }
  });
}

function bearerOf({ headers }: FastifyRequest): Buffer | null {
  const token = /^Bearer ([\x21-\x7e]{1,1000})$/i.exec(headers.authorization ?? '')?.[1];
  return token === undefined ? null : digest(token);
}

/** Of equal length whatever was sent, so that the comparison can be in constant time. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
