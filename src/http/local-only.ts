import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { hostRule } from './hosts.js';

/** What is embedded listens on loopback, and has no name of its own in the world. */
const isFromHere = hostRule('127.0.0.1');

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
