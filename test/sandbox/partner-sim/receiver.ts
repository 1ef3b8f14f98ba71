import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  readonly at: number;
  readonly body: string;
  readonly signature: string;
  readonly contentType: string;
}

/** A receiver of webhooks on a real socket, answering as `answer` says (the nth request is 0). */
export async function startReceiver(answer: (n: number, response: ServerResponse) => void) {
  const received: Received[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        at: Date.now(),
        body: Buffer.concat(chunks).toString('utf8'),
        signature: String(request.headers['x-c4hxp-signature']),
        contentType: String(request.headers['content-type']),
      });
      answer(received.length - 1, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/c4hxp`,
    received,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const answering =
  (...statuses: readonly number[]) =>
  (n: number, response: ServerResponse): void => {
    response.statusCode = statuses[Math.min(n, statuses.length - 1)] ?? 200;
    response.end();
  };
