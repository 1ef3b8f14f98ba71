import { createServer } from 'node:net';
import { Refusal } from '../config/refusal.js';

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
 * @throws Refusal naming the setting of the first that is taken.
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
export function portRefusal(error: unknown, { setting, port }: WantedPort): Refusal | null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new Refusal(
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
