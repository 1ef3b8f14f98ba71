import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createC4hxpClient, type C4hxpClient } from '../../../src/c4hxp/api/client.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Hostile {
  readonly origin: string;
  readonly partner: C4hxpClient;
  /** `METHOD path` of each request that arrived. */
  readonly requests: string[];
  /** Connections that are open now. */
  readonly connections: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** A server that behaves as `handler` says, and a client that asks it. */
export async function startHostile(
  handler: Handler,
  options: { readonly timeoutMs?: number; readonly clock?: () => number } = {},
): Promise<Hostile> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { timeoutMs = 2_000, clock = Date.now } = options;
  const partner = createC4hxpClient({ origin, apiKey: 'c4hxp_test_a:sk_test_b', timeoutMs, clock });
  return {
    origin,
    partner,
    requests,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => {
          if (error === null) resolve(count);
          else reject(error);
        });
      }),
    close: async () => {
      server.closeAllConnections();
      await partner.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
