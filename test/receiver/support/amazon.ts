import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { TEST_CERTIFICATE, TEST_KEY } from '../../email/providers/test-certificate.js';

/** A stand-in for Amazon's own hosts: serves the certificate that SNS signs with, and confirms subscriptions. */
export interface Amazon {
  /** Connects to it whatever host is asked for: what the host is was for the code under test to look at. */
  readonly dispatcher: Dispatcher;
  /** What was fetched, as whole addresses. */
  readonly fetched: string[];
  /** While true it answers 500. */
  away: boolean;
  close(): Promise<void>;
}

export async function startAmazon(): Promise<Amazon> {
  const fetched: string[] = [];
  const server = createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (request, response) => {
    fetched.push(`https://${request.headers.host ?? ''}${request.url ?? ''}`);
    if (amazon.away) response.writeHead(500).end();
    else if (request.url?.endsWith('.pem') === true) response.end(TEST_CERTIFICATE);
    else response.end('<ConfirmSubscriptionResponse/>');
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  // The certificate of the tests is nobody's: whom TLS believes is tried in fetch-text.test.ts.
  const connect = buildConnector({ rejectUnauthorized: false });
  const dispatcher = new Agent({
    pipelining: 0,
    connect: (options, callback) => {
      connect({ ...options, hostname: '127.0.0.1', port: String(port) }, callback);
    },
  });
  const amazon: Amazon = {
    dispatcher,
    fetched,
    away: false,
    async close() {
      await dispatcher.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return amazon;
}
