import type { FastifyInstance } from 'fastify';
import { portRefusal } from '../host/ports.js';

export interface Place {
  readonly setting: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * Has an app listen.
 * @returns its address as a person on this machine would open it.
 * @throws Refusal naming the setting when the port is taken.
 */
export async function listen(app: FastifyInstance, { setting, host, port }: Place): Promise<string> {
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
