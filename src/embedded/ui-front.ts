import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { portRefusal } from '../host/ports.js';
import { answerThisMachineOnly } from '../host/local-only.js';

/** Where Temporal's UI listens, for nobody but us. */
interface Behind {
  readonly host: string;
  readonly port: number;
}

export interface UiFront {
  /** As a person would open it. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stands before Temporal's UI, which answers whatever name it is called by: so a web page whose name leads here could
 * read every workflow. Ours looks at Host and Origin first, and hands on the rest as it is.
 * @param port of loopback; 0: any free one.
 * @throws Unavailable naming TEMPORAL_UI_PORT when it is taken.
 */
export async function startUiFront(port: number, behind: () => Behind): Promise<UiFront> {
  const server = createServer((request, response) => {
    handOn(request, response, behind());
  });
  answerThisMachineOnly(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(portRefusal(error, { setting: 'TEMPORAL_UI_PORT', port }) ?? error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://localhost:${String(bound)}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function handOn(request: IncomingMessage, response: ServerResponse, { host, port }: Behind): void {
  const { method, url, headers } = request;
  const asked = ask({ host, port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, response, () => undefined);
  });
  asked.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { 'content-type': 'text/plain' }).end("Temporal's UI doesn't answer just now.\n");
  });
  response.on('close', () => asked.destroy());
  pipeline(request, asked, () => undefined);
}
