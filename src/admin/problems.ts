import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { answerOnSocket, rememberRoutes, statusOfClientError } from '../http/unserved.js';

export type AdminLog = (event: string, about: object) => void;

/** A refusal as RFC 9457 has it; `code` is ours, for scripts. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    /** One sentence for the person who asked. */
    readonly detail: string,
  ) {
    super(code);
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Does not apply',
  410: 'Gone',
  413: 'Too large',
  414: 'Too long',
  415: 'Unsupported media type',
  422: 'Contradiction',
  429: 'Too many requests',
  431: 'Too large',
  503: 'Unavailable',
};

const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

const problemBody = (problem: Problem): object => ({
  type: 'about:blank',
  title: TITLES[problem.status] ?? 'Internal error',
  status: problem.status,
  code: problem.code,
  detail: problem.detail,
});

/** Answers every refusal and every fault in the one form, in our own words: a fault's message may hold anything. */
export function answerProblems(app: FastifyInstance, log: AdminLog): void {
  app.setErrorHandler((error: FastifyError | Problem, _request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 500) {
      log('an admin request failed', { error: error.name, code: 'code' in error ? error.code : null });
    }
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="kit-herald"');
    return send(reply, problem);
  });
  const methodsOf = rememberRoutes(app);
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.url);
    if (methods === null) {
      throw new Problem(404, 'no_such_route', 'There is no such route here. See /admin/openapi.json.');
    }
    const allowed = methods.join(', ');
    reply.header('allow', allowed);
    throw new Problem(405, 'method_not_allowed', `This takes ${allowed}.`);
  });
}

const send = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply
    .code(problem.status)
    .type(PROBLEM_JSON)
    .send(JSON.stringify(problemBody(problem)));

/** Addresses that Fastify's router can't take. */
export function onFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  send(reply.header('cache-control', 'no-store'), problemOf(error));
}

/** What was never a request: too slow, too large or no HTTP. */
export function onClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  const status = statusOfClientError(error, socket);
  if (status === null) return;
  const [code, detail] = UNREADABLE[status];
  const problem = new Problem(status, code, detail);
  answerOnSocket(socket, status, { type: PROBLEM_JSON, body: JSON.stringify(problemBody(problem)) });
}

const UNREADABLE = {
  400: ['bad_request', 'The request can’t be read.'],
  408: ['request_timeout', 'The request did not arrive in time.'],
  431: ['headers_too_large', 'The headers are too large.'],
} as const;

/** A refusal as it is, and every fault in our own words. */
export function problemOf(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error;
  if (error.name === 'IntakeUnavailable') {
    return new Problem(503, 'could_not_commit', 'The database took nothing in. Ask again in a moment.');
  }
  if (isDatabaseAway(error)) {
    return new Problem(
      503,
      'database_unavailable',
      'The database doesn’t answer, or takes no writes just now: nothing is shown, and nothing was done. Ask again in a moment.',
    );
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    // Paths and what was expected; never the value.
    const faults = error.validation.map(({ instancePath, message }) =>
      `${instancePath.slice(1).replaceAll('/', '.') || 'body'}: ${message ?? 'invalid'}`.trim(),
    );
    return new Problem(400, 'invalid_request', `${faults.slice(0, 5).join('; ')}.`);
  }
  const status = error.statusCode ?? 500;
  if (status === 413) return new Problem(413, 'body_too_large', 'The body is too large.');
  if (status === 414) return new Problem(414, 'address_too_long', 'The address is too long.');
  if (status === 415) return new Problem(415, 'not_json', 'Send application/json.');
  if (status >= 400 && status < 500) return new Problem(400, 'bad_request', 'The request can’t be read.');
  return new Problem(500, 'internal', 'Something failed here. The log names the place.');
}

/** How PostgreSQL says that it takes no writes, is out of something, or ends; and the system, that it isn't reached. */
const AWAY = /^(25006|08...|53...|57...|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)$/;

/** Whether another try may find the database otherwise. */
const isDatabaseAway = ({ code }: { readonly code?: unknown }): boolean => typeof code === 'string' && AWAY.test(code);
