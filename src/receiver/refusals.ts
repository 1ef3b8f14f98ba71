import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerOnSocket, rememberRoutes, statusOfClientError } from '../http/unserved.js';
import type { Count, ReceiverLog } from './ports.js';

/** Every way in which a request is refused: a closed set, mapped to HTTP in one place. */
const REFUSALS = {
  invalid_signature: [401, 'The signature is missing or does not match the body.'],
  address_not_allowed: [403, 'This address may not post webhooks.'],
  https_required: [403, 'Webhooks are taken over HTTPS only.'],
  bad_request: [400, 'The request could not be understood.'],
  not_found: [404, 'There is nothing here.'],
  method_not_allowed: [405, 'This method is not possible here.'],
  request_timeout: [408, 'The request did not arrive in time.'],
  body_too_large: [413, 'The body is too large.'],
  address_too_long: [414, 'The address is too long.'],
  unsupported_encoding: [415, 'Content encodings are not supported: send the body as it was signed.'],
  unsupported_media_type: [415, 'This content type is not supported.'],
  too_many_requests: [429, 'Too many requests.'],
  headers_too_large: [431, 'The headers are too large.'],
  internal_error: [500, 'Something went wrong here.'],
  not_committed: [503, 'The webhook could not be stored. Please send it again.'],
  unavailable: [503, 'This is not available at the moment.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type RefusalCode = keyof typeof REFUSALS;
export const REFUSAL_CODES = Object.keys(REFUSALS) as RefusalCode[];

export interface RequestRefusal {
  readonly code: RefusalCode;
  readonly status: number;
  /** `{"error": {"code", "message"}}`: our own words only, never those of an error. */
  readonly body: { readonly error: { readonly code: RefusalCode; readonly message: string } };
}

/** @param words instead of the code's own, where more can be said. */
export function refusal(code: RefusalCode, words?: string): RequestRefusal {
  const [status, message] = REFUSALS[code];
  return { code, status, body: { error: { code, message: words ?? message } } };
}

/** The refusal that a status of Fastify's or of a plugin's error stands for. */
function refusalOf(status: number): RequestRefusal {
  const code = BY_STATUS.get(status) ?? (status >= 400 && status < 500 ? 'bad_request' : 'internal_error');
  return refusal(code);
}

const BY_STATUS = new Map<number, RefusalCode>([
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [408, 'request_timeout'],
  [413, 'body_too_large'],
  [414, 'address_too_long'],
  [415, 'unsupported_media_type'],
  [429, 'too_many_requests'],
  [431, 'headers_too_large'],
  [503, 'unavailable'],
]);

export interface FaultOptions {
  readonly count: Count;
  readonly log: ReceiverLog;
}

/** Answers what goes wrong outside the handlers: in one form, in our own words, counted. */
export function createFaultHandlers({ count, log }: FaultOptions) {
  const answer = (reply: FastifyReply, refused: RequestRefusal): FastifyReply => {
    count('requests_refused', { code: refused.code });
    return reply.code(refused.status).send(refused.body);
  };

  return {
    /** Errors that handlers, plugins and the reading of bodies throw. */
    onError: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): FastifyReply => {
      const refused = refusalOf(error.statusCode ?? 500);
      // The message may hold anything; a name and a code are enough to find the place.
      if (refused.status >= 500) log.error({ name: error.name, code: error.code }, 'a request failed');
      return answer(reply, refused);
    },

    /** Addresses that Fastify's router can't take. */
    onFrameworkError: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void => {
      answer(reply, refusalOf(error.statusCode ?? 400));
    },

    /** What was never a request: too slow, too large or no HTTP. Written to the socket as it is. */
    onClientError: (error: Error & { readonly code?: string }, socket: Socket): void => {
      const status = statusOfClientError(error, socket);
      if (status === null) return;
      const refused = refusalOf(status);
      count('requests_refused', { code: refused.code });
      answerOnSocket(socket, status, {
        type: 'application/json; charset=utf-8',
        body: JSON.stringify(refused.body),
      });
    },
  };
}

/** 404 for what we don't have, 405 with `Allow` for what we have under another method. */
export function answerUnknownRoutes(app: FastifyInstance, count: Count): void {
  const methodsOf = rememberRoutes(app);
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.url);
    const refused = refusal(methods === null ? 'not_found' : 'method_not_allowed');
    count('requests_refused', { code: refused.code });
    if (methods !== null) reply.header('allow', methods.join(', '));
    return reply.code(refused.status).send(refused.body);
  });
}
