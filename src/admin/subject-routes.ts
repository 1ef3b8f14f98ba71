import type { FastifyRequest } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { kitSubject, nameOf, orderSubject, STAFF, type Subject } from '../domain/subjects.js';
import type { SubjectAnswer, SubjectAnswers } from '../ledger/ledger.js';
import { askCommand, type CommandBody } from './ask-command.js';
import { askerOf } from './tokens.js';
import type { AdminPorts } from './ports.js';
import { Problem } from './problems.js';
import {
  acknowledgeBody,
  type Action,
  byBarcode,
  byOrder,
  COMMANDS,
  subjectsQuery,
  toldBody,
  toldParams,
} from './schemas.js';
import { pageOf } from './subject-pages.js';

const STORY = { needs: 'read', audited: 'told' } as const;
const LIST = { needs: 'read', audited: 'list' } as const;

const SUMMARIES: Readonly<Record<Action, string>> = {
  retry: 'Try again what failed, came back or got no answer',
  skip: 'Send this no more: the patient is told another way',
  release: 'Send what is held for review, or too late',
  acknowledge: 'A human has dealt with all that this is shown to need, until something new raises it',
  'correct-contact': 'From now on another address',
  'opt-out': 'They asked for no email at all: none goes to this address, whatever it is about',
};

/** Was this patient told, what, when, and if not, why not? */
export function toldRoutes({ ledger }: Pick<AdminPorts, 'ledger'>): FastifyPluginCallbackZod {
  async function tell(query: string): Promise<SubjectAnswer | SubjectAnswers> {
    const story = await ledger.told(query);
    if (story === null) throw new Problem(404, 'not_found', 'Nothing is known under that.');
    return story;
  }

  return (app, _options, done) => {
    app.post('/admin/told', { config: STORY, schema: { body: toldBody, summary: 'Told by any name' } }, ({ body }) =>
      tell(body.subject),
    );
    app.get(
      '/admin/told/:name',
      { config: STORY, schema: { params: toldParams, summary: 'Told by barcode or order number' } },
      (request) => tell(request.params.name),
    );
    done();
  };
}

/** Lists, stories and commands of kits, and the same of orders. */
export function subjectRoutes(ports: AdminPorts): FastifyPluginCallbackZod {
  const { ledger } = ports;

  const ask = (request: FastifyRequest, subject: Subject, action: Action, body: CommandBody): Promise<object> =>
    askCommand(ports, subject, action, { ...body, by: askerOf(request, body.by) }, request.headers);

  async function show(subject: Subject): Promise<object> {
    const story = await ledger.told(nameOf(subject));
    const own =
      story === null ? undefined : 'subjects' in story ? story.subjects.find((one) => one.subject === subject) : story;
    if (own?.subject !== subject) throw new Problem(404, 'not_found', 'Nothing is known under that.');
    return own;
  }

  return (app, _options, done) => {
    app.get(
      '/admin/kits',
      {
        config: LIST,
        schema: { querystring: subjectsQuery.kit, summary: 'Kits, those first that have stood longest as they do' },
      },
      ({ query }) => pageOf(ledger, 'kit', query),
    );
    app.get(
      '/admin/orders',
      { config: LIST, schema: { querystring: subjectsQuery.order, summary: 'Orders, likewise' } },
      ({ query }) => pageOf(ledger, 'order', query),
    );
    app.get(
      '/admin/kits/:barcode',
      { config: STORY, schema: { params: byBarcode, summary: 'A kit’s story' } },
      ({ params }) => show(kitSubject(params.barcode)),
    );
    app.get(
      '/admin/orders/:order',
      { config: STORY, schema: { params: byOrder, summary: 'An order’s story' } },
      ({ params }) => show(orderSubject(params.order)),
    );

    // Signed webhooks that may be about results, can't be read and name nobody.
    app.get('/admin/staff', { config: STORY, schema: { summary: 'What the team was told, and is to look at' } }, () =>
      show(STAFF),
    );
    app.post(
      '/admin/staff/acknowledge',
      {
        config: { needs: 'command', audited: 'acknowledge' },
        schema: { body: acknowledgeBody, summary: 'A human has dealt with the webhooks that name nobody' },
      },
      async (request, reply) => reply.code(202).send(await ask(request, STAFF, 'acknowledge', request.body)),
    );

    for (const action of Object.keys(COMMANDS) as Action[]) {
      const config = { needs: 'command', audited: action } as const;
      const schema = { body: COMMANDS[action], summary: SUMMARIES[action] };
      app.post(
        `/admin/kits/:barcode/${action}`,
        { config, schema: { ...schema, params: byBarcode } },
        async (request, reply) => {
          const subject = kitSubject(request.params.barcode);
          return reply.code(202).send(await ask(request, subject, action, request.body));
        },
      );
      app.post(
        `/admin/orders/:order/${action}`,
        { config, schema: { ...schema, params: byOrder } },
        async (request, reply) => {
          const subject = orderSubject(request.params.order);
          return reply.code(202).send(await ask(request, subject, action, request.body));
        },
      );
    }
    done();
  };
}
