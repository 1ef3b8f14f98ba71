import type { FastifyInstance } from 'fastify';

export interface PublishedKeysOptions {
  /** The public keys that roots of evidence are, or were, signed with. */
  readonly keys: () => Promise<readonly object[]>;
}

/** Adds the place at which whoever checks evidence finds whose signature it is. */
export function publishedKeys(app: FastifyInstance, { keys }: PublishedKeysOptions, done: () => void): void {
  app.get('/.well-known/kit-herald-keys.json', async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=300');
    return { keys: await keys() };
  });
  done();
}
