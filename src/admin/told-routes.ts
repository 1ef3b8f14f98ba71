import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import type { SubjectAnswers, SubjectAnswer } from '../ledger/ledger.js';
import type { AdminPorts } from './ports.js';
import { Problem } from './problems.js';
import { toldBody, toldParams } from './schemas.js';

/** Was this patient told, what, when, and if not, why not? */
export function toldRoutes({ ledger }: Pick<AdminPorts, 'ledger'>): FastifyPluginCallbackZod {
  async function tell(query: string): Promise<SubjectAnswer | SubjectAnswers> {
    const story = await ledger.told(query);
    if (story === null) throw new Problem(404, 'not_found', 'Nothing is known under that.');
    return story;
  }

  return (app, _options, done) => {
    app.post(
      '/admin/told',
      { config: { readOnly: true }, schema: { body: toldBody, summary: 'Told by any name' } },
      ({ body }) => tell(body.subject),
    );
    app.get(
      '/admin/told/:name',
      { schema: { params: toldParams, summary: 'Told by barcode or order number' } },
      (request) => tell(request.params.name),
    );
    done();
  };
}
