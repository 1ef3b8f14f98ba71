import type { FastifyPluginCallback } from 'fastify';
import { z } from 'zod';
import { C4HXP_EVENTS } from '../../domain/events.js';
import type { Business } from './business.js';
import type { Delivery, Mischief } from './deliveries.js';
import { FAULTS, type Faults } from './guard.js';
import { isJourneyName, JOURNEYS, type JourneyName } from './journeys.js';
import { ApiRefusal, notFound, parse } from './refusal.js';
import type { Emit, Endpoints } from './webhooks.js';
import { KIT_STATUSES, type NewOrder, type SimOrder, type World } from './world.js';

export interface AdminOptions {
  readonly world: World;
  readonly business: Business;
  readonly endpoints: Endpoints;
  readonly faults: Faults;
  readonly emit: Emit;
  readonly play: (name: JourneyName, order?: Omit<NewOrder, 'at'>) => { readonly order: SimOrder };
  readonly mischief: (mischief: Mischief) => void;
  readonly deliveries: () => readonly Delivery[];
}

const events = z.array(z.enum(C4HXP_EVENTS)).min(1);
/** As the partner's page has it, and a secret, which its support would hand out. */
const endpointBody = z.object({
  webhook_url: z.string(),
  events: events.optional(),
  description: z.string().optional(),
  secret: z.string().min(1).optional(),
});
const orderBody = z.object({
  journey: z.string().optional(),
  barcodes: z.array(z.string()).min(1).optional(),
  kit_types: z.array(z.string()).min(1).optional(),
});
const silent = z.boolean().optional();
const stepBody = z
  .object({
    silent,
    flags: z.array(z.string()).optional(),
    kit: z.enum(KIT_STATUSES).optional(),
    set: z.string().optional(),
    tests: z.array(z.string()).optional(),
    status: z.string().optional(),
    reason: z.string().optional(),
    barcodes: z.array(z.string()).min(1).optional(),
    anyway: z.boolean().optional(),
  })
  .default({});
const windowBody = z.object({
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }),
  silent,
});
const share = z.number().min(0).max(1).optional();
const mischiefBody = z.object({
  duplicates: share,
  loss: share,
  shuffleMs: z.number().nonnegative().optional(),
  only: z.array(z.string()).optional(),
});
const faultBody = z.object({
  how: z.enum(FAULTS),
  status: z.number().int().min(400).max(599).optional(),
  times: z.number().int().positive().optional(),
  path: z.string().optional(),
});
const emitBody = z.object({ event: z.enum(C4HXP_EVENTS), data: z.record(z.string(), z.unknown()) });

type Steps = Readonly<Record<string, (name: string, how: z.infer<typeof stepBody>) => void>>;

/** Routes that the partner doesn't have: they play its staff, its support and its bad days. */
export const adminRoutes =
  (options: AdminOptions): FastifyPluginCallback =>
  (app, _options, done) => {
    const { world, business, endpoints } = options;
    const orderSteps: Steps = {
      confirm: business.confirm,
      ship: business.ship,
      cancel: business.cancel,
      'cancel-kits': (number, how) => {
        business.cancelKits(number, need('barcodes', how.barcodes), how);
      },
    };
    const kitSteps: Steps = {
      deliver: business.deliver,
      register: (barcode, how) => {
        business.register(barcode, undefined, how);
      },
      'post-sample': business.postSample,
      receive: business.receiveAtLab,
      'start-processing': business.startProcessing,
      'complete-processing': business.completeProcessing,
      results: (barcode, how) => {
        business.releaseResults(barcode, how.flags, how);
      },
      'list-results': business.listResults,
      review: business.review,
      fail: (barcode, how) => {
        business.fail(barcode, how.reason);
      },
      scan: (barcode, how) => {
        business.scan(barcode, need('status', how.status));
      },
      replace: (barcode, how) => {
        business.replace(barcode, how.barcodes?.[0]);
      },
      amend: (barcode, how) => {
        business.amend(barcode, how.flags, how);
      },
      'set-status': (barcode, how) => {
        business.setStatus(barcode, parse(z.object({ status: z.enum(KIT_STATUSES) }), how).status);
      },
      hide: (barcode) => {
        business.hide(barcode, true);
      },
      show: (barcode) => {
        business.hide(barcode, false);
      },
    };

    app.get('/endpoints', () => endpoints.list().map(({ secret: _secret, ...endpoint }) => endpoint));
    app.post('/endpoints', (request, reply) => {
      const { webhook_url: url, ...rest } = parse(endpointBody, request.body);
      reply.code(201);
      return endpoints.register({ url, ...rest });
    });
    app.delete<{ Params: { id: string } }>('/endpoints/:id', ({ params }, reply) => {
      if (!endpoints.remove(params.id)) throw notFound('endpoint');
      return reply.code(204).send();
    });

    app.get('/deliveries', () => options.deliveries());
    app.put('/mischief', (request) => {
      const mischief = parse(mischiefBody, request.body);
      options.mischief(mischief);
      return mischief;
    });
    app.post('/faults', (request, reply) => {
      options.faults.add(parse(faultBody, request.body));
      return reply.code(204).send();
    });
    app.delete('/faults', (_request, reply) => {
      options.faults.clear();
      return reply.code(204).send();
    });

    app.get('/journeys', () => Object.keys(JOURNEYS));
    app.post('/orders', (request, reply) => {
      const { journey, barcodes, kit_types: kitTypes } = parse(orderBody, request.body ?? {});
      if (journey !== undefined && !isJourneyName(journey)) throw notFound('journey');
      const wish = { barcodes, kitTypes };
      reply.code(201);
      return orderView(journey === undefined ? business.order(wish) : options.play(journey, wish).order);
    });
    app.get('/orders', () => world.orders().map(orderView));
    app.post<{ Params: { number: string; step: string } }>('/orders/:number/:step', ({ params, body }, reply) => {
      take(orderSteps, params.step)(params.number, parse(stepBody, body ?? {}));
      return reply.code(204).send();
    });
    app.post<{ Params: { barcode: string; step: string } }>('/kits/:barcode/:step', ({ params, body }, reply) => {
      take(kitSteps, params.step)(params.barcode, parse(stepBody, body ?? {}));
      return reply.code(204).send();
    });

    app.put('/maintenance', (request, reply) => {
      const { from, until, silent: quiet } = parse(windowBody, request.body);
      business.scheduleMaintenance(new Date(from), new Date(until), { silent: quiet });
      return reply.code(204).send();
    });
    app.delete('/maintenance', (_request, reply) => {
      business.completeMaintenance();
      return reply.code(204).send();
    });
    app.post('/emit', (request, reply) => {
      const { event, data } = parse(emitBody, request.body);
      options.emit(event, data, null);
      return reply.code(202).send();
    });
    done();
  };

function need<Value>(field: string, value: Value | undefined): Value {
  if (value === undefined) throw new ApiRefusal(422, 'VALIDATION_ERROR', `${field} is missing`);
  return value;
}

function take(steps: Steps, name: string): Steps[string] {
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (step === undefined) throw notFound('step');
  return step;
}

const orderView = ({ number, status, kits }: SimOrder): object => ({
  order_number: number,
  status,
  kits: kits.map(({ barcode, status: kitStatus }) => ({ barcode, status: kitStatus })),
});
