import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import type { Audit } from '../access/audit.js';
import { auditQuery } from './schemas.js';

/** Who looked, and who did. */
export function auditRoutes({ audit }: { readonly audit: Pick<Audit, 'page'> }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/admin/audit',
      {
        config: { needs: 'audit', audited: 'audit' },
        schema: { querystring: auditQuery, summary: 'Who looked and who did, newest first' },
      },
      ({ query: { subject = null, user = null, since, before = null, limit } }) =>
        audit.page({ subject, who: user, since: since === undefined ? null : Date.parse(since), before, limit }),
    );
    done();
  };
}
