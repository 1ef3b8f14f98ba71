import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { SettingsError } from '../config.js';
import type { AdminPorts, Rehearsed } from './ports.js';
import { Problem } from './problems.js';
import { rehearseBody } from './schemas.js';

/** Which emails would have gone, or not, or at another time, under other settings? Nothing is sent. */
export function rehearseRoutes({ rehearse }: Pick<AdminPorts, 'rehearse'>): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/admin/rehearse',
      { config: { readOnly: true }, schema: { body: rehearseBody, summary: 'Past journeys under other settings' } },
      async ({ body: { since, set, after, limit } }) => {
        try {
          return written(await rehearse({ since: Date.parse(since), set, after: after ?? null, limit }));
        } catch (error) {
          if (error instanceof SettingsError) throw new Problem(400, 'invalid_setting', `${error.faults.join('; ')}.`);
          throw error;
        }
      },
    );
    done();
  };
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const written = ({ changes, ...page }: Rehearsed<number>): Rehearsed => ({
  ...page,
  changes: changes.map((change) => ({ ...change, now: iso(change.now), then: iso(change.then) })),
});
