import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isThisMachine } from '../config/ip-ranges.js';

/** What a browser tells of a request; other clients tell only the Host. */
export interface Asked {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Whether a request comes from this machine and from no web page but our own. A page from elsewhere shows itself by its
 * Origin, by what browsers say of the site that asks, or, where its name was made to lead here, by the Host. Links from
 * elsewhere may be followed: a navigation gives a page nothing to read.
 */
export function isFromHere({ method = 'GET', headers }: Asked): boolean {
  const { host, origin } = headers;
  if (host === undefined || !isThisMachine(hostname(host))) return false;
  if (origin !== undefined) return origin === `http://${host}`;
  const site = headers['sec-fetch-site'] ?? 'none';
  const followed = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return ['none', 'same-origin'].includes(site) || (followed && method === 'GET');
}

/** Without the port; of what can't be a Host, nothing that is this machine's. */
const hostname = (host: string): string => /^(\[[\da-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?$/.exec(host)?.[1] ?? '';

/** Why, in words for whoever has forwarded the port. */
const NOT_FROM_HERE = 'This answers this machine only: open it by http://localhost and its port.\n';

/** Puts the check before everything that a server answers by now, and before its websockets. */
export function answerThisMachineOnly(server: Server): void {
  guard(server, 'request', (response: ServerResponse) => {
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(NOT_FROM_HERE);
  });
  guard(server, 'upgrade', (socket: Duplex) => {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}

/** Node hands over a response, or the socket that is to be upgraded. */
type Answer = ServerResponse & Duplex;
type Listener = (request: IncomingMessage, answer: Answer, head?: Buffer) => void;

function guard(server: Server, event: 'request' | 'upgrade', refuse: (answer: Answer) => void): void {
  const answering = server.listeners(event) as Listener[];
  server.removeAllListeners(event);
  const guarded: Listener = (request, answer, head) => {
    if (!isFromHere(request)) refuse(answer);
    else for (const listener of answering) listener.call(server, request, answer, head);
  };
  server.on(event, guarded);
}
