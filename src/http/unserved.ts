import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Remembers every route that is added after this.
 * @returns the methods under which a path is served, sorted; null for a path that isn't.
 */
export function rememberRoutes(app: FastifyInstance): (url: string) => readonly string[] | null {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set<string>();
    for (const one of [method].flat()) methods.add(one.toUpperCase());
    methodsOf.set(url, methods);
  });
  return (url) => {
    const path = (url.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '');
    const known = [...methodsOf].find(([pattern]) => matches(pattern, path));
    return known === undefined ? null : [...known[1]].sort();
  };
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at]);
}

/** The status for what Node's parser gave up on: too slow, too large or no HTTP. Null where nobody is there to hear it. */
export function statusOfClientError(error: Error & { readonly code?: string }, socket: Socket): 400 | 408 | 431 | null {
  if (error.code === 'ECONNRESET' || socket.destroyed) return null;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
}

const REASON_PHRASES = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' } as const;

/** Answers, on the socket itself, what was never a request, and closes. */
export function answerOnSocket(
  socket: Socket,
  status: keyof typeof REASON_PHRASES,
  { type, body }: { readonly type: string; readonly body: string },
): void {
  if (!socket.writable || hasAnswered(socket)) {
    socket.destroy();
    return;
  }
  socket.end(
    `HTTP/1.1 ${String(status)} ${REASON_PHRASES[status]}\r\nConnection: close\r\nCache-Control: no-store\r\n` +
      `Content-Type: ${type}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

/** Whether an answer is on its way already: a second one would only garble it. */
function hasAnswered(socket: Socket): boolean {
  const { _httpMessage: message } = socket as Socket & { readonly _httpMessage?: { readonly headersSent: boolean } };
  return message?.headersSent ?? false;
}
