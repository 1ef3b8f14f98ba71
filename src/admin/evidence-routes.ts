import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { kitSubject, orderSubject } from '../domain/subjects.js';
import type { AdminPorts } from './ports.js';
import { Problem } from './problems.js';
import { toldParams } from './schemas.js';

/** One file that proves itself. */
export function evidenceRoutes({ evidence }: Pick<AdminPorts, 'evidence'>): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/admin/evidence/:name',
      {
        config: { needs: 'audit', audited: 'evidence' },
        schema: { params: toldParams, summary: 'Evidence about a kit or an order, to be checked without a database' },
      },
      async ({ params: { name } }) => {
        const found = (await evidence(kitSubject(name))) ?? (await evidence(orderSubject(name)));
        if (found === null) throw new Problem(404, 'not_found', 'Nothing is known under that.');
        return found;
      },
    );
    done();
  };
}
