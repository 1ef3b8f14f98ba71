import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import type { AdminPorts } from './ports.js';
import { Problem } from './problems.js';
import { rotateBody } from './schemas.js';

/** The keys with which the database is written: how much hangs on each, and moving it to the newest. */
export function keyRoutes({ keys }: Pick<AdminPorts, 'keys'>): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get('/admin/keys', { schema: { summary: 'How much is sealed and hashed under each key' } }, () => keys.inUse());
    app.post(
      '/admin/keys/rotate',
      {
        config: { needs: 'administer', audited: 'rotate_keys' },
        schema: {
          body: rotateBody,
          summary: 'Seals a few rows anew under the newest key. To be asked again with next, until that is null',
        },
      },
      async ({ body: { from = null } }) => {
        const step = await keys.rotate(from).catch((error: unknown) => {
          if (error instanceof RangeError) throw new Problem(400, 'invalid_from', 'from is no next of a former step.');
          throw error;
        });
        if ('missing' in step) throw lacking(step.missing);
        return step;
      },
    );
    done();
  };
}

const lacking = ({ id, table }: { readonly id: string; readonly table: string }): Problem =>
  new Problem(
    409,
    'key_missing',
    `ENCRYPTION_KEYS lacks the key "${id}", under which rows of ${table} are sealed: add it behind the newer ones. Nothing was changed.`,
  );
