import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Refusal, Unavailable } from '../config/refusal.js';

/** A port on loopback for a server that can't choose one itself. */
export interface WantedPort {
  /** The setting that a refusal names. */
  readonly setting: string;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * Claims ports for servers that must be told a number: each is bound once to see that it is free, all together, so that
 * the free ones differ, and given back at once.
 * @throws Unavailable naming the setting of the first that is taken; Refusal where it may not be used.
 */
export async function freePorts(wanted: readonly WantedPort[], host = '127.0.0.1'): Promise<number[]> {
  const held: { port: number; close: () => Promise<void> }[] = [];
  try {
    for (const one of wanted) held.push(await hold(one, host));
    return held.map(({ port }) => port);
  } finally {
    await Promise.all(held.map((one) => one.close()));
  }
}

/** The sentence for a port that could not be listened on; null when the error is another one. */
export function portRefusal(error: unknown, { setting, port }: WantedPort): Unavailable | Refusal | null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new Unavailable(
      `${setting} ${String(port)} is taken: set ${setting} to another port, or to 0 for any free one.`,
    );
  if (code === 'EACCES')
    return new Refusal(`${setting} ${String(port)} may not be used by this user: set ${setting} to a port above 1023.`);
  return null;
}

function hold(wanted: WantedPort, host: string): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      reject(portRefusal(error, wanted) ?? error);
    });
    server.listen({ port: wanted.port, host, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted.port;
      resolve({
        port,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed();
            });
          }),
      });
    });
  });
}

export interface ListenAddress {
  readonly setting: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * Has an app listen.
 * @returns its address as a person on this machine would open it.
 * @throws Unavailable naming the setting when the port is taken; Refusal where it may not be used.
 */
export async function listen(app: FastifyInstance, { setting, host, port }: ListenAddress): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw portRefusal(error, { setting, port }) ?? error;
  }
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const everywhere = ['0.0.0.0', '::', '127.0.0.1', '::1', 'localhost'].includes(host);
  return `http://${everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${String(bound)}`;
}

const CLOSE_MS = 3_000;

/** Answers what is under way, then ends the connections that a sender keeps open. */
export async function closeApp(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => {
    app.server.closeAllConnections();
  }, CLOSE_MS);
  app.server.closeIdleConnections();
  await app.close();
  clearTimeout(cut);
}
