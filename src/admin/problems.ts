import type { FastifyError, FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

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
  409: 'Does not apply',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Contradiction',
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
export function answerProblems(app: FastifyInstance, log: (event: string, about: object) => void): void {
  app.setErrorHandler((error: FastifyError | Problem, _request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 500) {
      log('an admin request failed', { error: error.name, code: 'code' in error ? error.code : null });
    }
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="kit-herald"');
    return reply
      .code(problem.status)
      .type(PROBLEM_JSON)
      .send(JSON.stringify(problemBody(problem)));
  });
  app.setNotFoundHandler(() => {
    throw new Problem(404, 'no_such_route', 'There is no such route here. See /admin/openapi.json.');
  });
}

function problemOf(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error;
  if (error.name === 'IntakeUnavailable') {
    return new Problem(503, 'could_not_commit', 'The database took nothing in. Ask again in a moment.');
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
  if (status === 415) return new Problem(415, 'not_json', 'Send application/json.');
  if (status >= 400 && status < 500) return new Problem(400, 'bad_request', 'The request can’t be read.');
  return new Problem(500, 'internal', 'Something failed here. The log names the place.');
}
