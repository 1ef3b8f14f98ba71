import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { writeAudit } from '../admin/audited.js';
import { Problem, problemOf } from '../admin/problems.js';
import { attentionRoutes } from './attention-routes.js';
import { auditRoutes } from './audit-routes.js';
import { commandRoutes } from './command-routes.js';
import { eraseRoutes } from './erase-routes.js';
import { emailRoutes } from './email-routes.js';
import { lookRoutes, problemPage } from './look-routes.js';
import { notArrivedRoutes } from './not-arrived-routes.js';
import { PAGE_POLICY } from './policies.js';
import type { DeskPorts, Page } from './ports.js';
import { goOnPage, type Interrupted, signInPage, signInRoutes } from './sign-in-routes.js';
import { NotSignedIn, OfAnotherSession, requireSession } from './session.js';
import { deskStyle } from './style.js';
import { unmaskRoutes } from './unmask-routes.js';
import { webhookRoutes } from './webhook-routes.js';

/** The desk: pages for those who answer the phone, in a scope of its own of the operators' app. */
export async function desk(app: FastifyInstance, ports: DeskPorts): Promise<void> {
  const style = deskStyle(ports.colour);
  await app.register(cookie);
  await app.register(formbody);
  app.addHook('onRequest', (_request, reply, done) => {
    reply.serializer((answer: Page | string) => (typeof answer === 'string' ? answer : answer.html));
    reply.header('content-security-policy', PAGE_POLICY).header('referrer-policy', 'same-origin').type(HTML);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof NotSignedIn)
      return reply
        .code(401)
        .type(HTML)
        .send(signInPage(interruptedBy(request), null));
    if (error instanceof OfAnotherSession && request.viewer !== null)
      return reply
        .code(error.status)
        .type(HTML)
        .send(goOnPage(interruptedBy(request), request.viewer));
    const problem = problemOf(error as never);
    if (problem.status === 500) ports.log('a page of the desk failed', { error: (error as Error).name });
    return reply
      .code(problem.status)
      .type(HTML)
      .send(problemPage(request.viewer, problem, soughtIn(request)));
  });
  requireSession(app, ports);
  writeAudit(app, { audit: ports.access.audit, clock: ports.clock, log: ports.log });
  app.get('/desk/style.css', { config: { open: true }, schema: { hide: true } }, (_request, reply): Page => {
    reply.type('text/css; charset=utf-8').header('cache-control', 'private, max-age=300');
    return { html: style };
  });
  await app.register(signInRoutes(ports));
  await app.register(lookRoutes(ports));
  await app.register(attentionRoutes(ports));
  await app.register(notArrivedRoutes(ports));
  await app.register(emailRoutes(ports));
  await app.register(webhookRoutes(ports));
  await app.register(commandRoutes(ports));
  await app.register(eraseRoutes(ports));
  await app.register(unmaskRoutes(ports));
  await app.register(auditRoutes(ports));
  app.get('/desk/*', { config: { needs: 'read' }, schema: { hide: true } }, () => {
    throw new Problem(404, 'not_found', 'There is no such page at the desk.');
  });
}

const HTML = 'text/html; charset=utf-8';

/** What was typed into the search box; empty where it was another form. */
function soughtIn({ body }: FastifyRequest): string {
  const { q } = (body ?? {}) as Record<string, unknown>;
  return typeof q === 'string' ? q : '';
}

/** What was asked for or sent, to go on with after signing in. */
function interruptedBy(request: FastifyRequest): Interrupted {
  if (request.method !== 'POST') return { path: request.url, form: null };
  const [path = '/desk'] = request.url.split('?');
  const body = (request.body ?? {}) as Record<string, unknown>;
  const fields = Object.entries(body).filter(
    (field): field is [string, string] => field[0] !== '_csrf' && typeof field[1] === 'string',
  );
  return { path, form: Object.fromEntries(fields) };
}
