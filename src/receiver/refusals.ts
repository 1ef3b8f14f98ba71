import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
    onError: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
      const refused = refusalOf(error.statusCode ?? 500);
      // The message may hold anything; a name and a code are enough to find the place.
      if (refused.status >= 500) log.error({ name: error.name, code: error.code }, 'a request failed');
      if (refused.code === 'body_too_large') letItFinish(request, reply);
      return answer(reply, refused);
    },

    /** Addresses that Fastify's router can't take. */
    onFrameworkError: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void => {
      answer(reply, refusalOf(error.statusCode ?? 400));
    },

    /** What was never a request: too slow, too large or no HTTP. Written to the socket as it is. */
    onClientError: (error: Error & { readonly code?: string }, socket: Socket): void => {
      if (error.code === 'ECONNRESET' || socket.destroyed) return;
      const refused = refusalOfParser(error.code);
      count('requests_refused', { code: refused.code });
      if (!socket.writable || hasAnswered(socket)) {
        socket.destroy();
        return;
      }
      const body = JSON.stringify(refused.body);
      socket.end(
        `HTTP/1.1 ${String(refused.status)} ${REASON_PHRASES[refused.status] ?? 'Bad Request'}\r\n` +
          'Connection: close\r\nContent-Type: application/json; charset=utf-8\r\n' +
          `Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
        () => socket.destroy(),
      );
    },
  };
}

const REASON_PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function refusalOfParser(code: string | undefined): RequestRefusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal('request_timeout');
  return refusal(code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'bad_request');
}

/** Whether an answer is on its way already: a second one would only garble it. */
function hasAnswered(socket: Socket): boolean {
  const { _httpMessage: message } = socket as Socket & { readonly _httpMessage?: { readonly headersSent: boolean } };
  return message?.headersSent ?? false;
}

/** Closing on a sender that still sends resets the connection, and it would never see why it was refused. */
function letItFinish(request: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection');
  request.raw.resume();
}

/** 404 for what we don't have, 405 with `Allow` for what we have under another method. */
export function answerUnknownRoutes(app: FastifyInstance, count: Count): void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set<string>();
    for (const one of [method].flat()) methods.add(one.toUpperCase());
    methodsOf.set(url, methods);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const known = [...methodsOf].find(([pattern]) => matches(pattern, path));
    const refused = refusal(known === undefined ? 'not_found' : 'method_not_allowed');
    count('requests_refused', { code: refused.code });
    if (known !== undefined) reply.header('allow', [...known[1]].sort().join(', '));
    return reply.code(refused.status).send(refused.body);
  });
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at]);
}
