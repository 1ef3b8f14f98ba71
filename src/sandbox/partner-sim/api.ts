import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify';
import { z } from 'zod';
import { adminRoutes, type AdminOptions } from './admin.js';
import type { Business } from './business.js';
import { createGuard, type RateLimits, type SimKey } from './guard.js';
import { ApiRefusal, notFound, parse } from './refusal.js';
import { SHAPES, type Shape } from './shapes.js';
import type { SimKit, SimPerson, World } from './world.js';

interface AppOptions extends AdminOptions {
  readonly keys: readonly SimKey[];
  readonly limits: RateLimits | null;
  readonly shape: () => Shape;
  readonly clock: () => number;
}

/** The stand-in's HTTP side, not listening yet: the partner's API, and routes of our own under `/sim`. */
export function createApp(options: AppOptions): FastifyInstance {
  const app = Fastify({ routerOptions: { maxParamLength: 200 }, forceCloseConnections: true });
  const guard = createGuard(options);

  app.setErrorHandler((error, _request, reply) => {
    const { statusCode, code, message, details } = asRefusal(error);
    return reply.code(statusCode).send({ error: { code, message, details }, meta: metaOf(options.clock()) });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({
      error: { code: 'RESOURCE_NOT_FOUND', message: 'There is no such route', details: {} },
      meta: metaOf(options.clock()),
    }),
  );
  app.register(partnerApi({ ...options, guard }), { prefix: '/v2/public' });
  app.register(adminRoutes(options), { prefix: '/sim' });
  return app;
}

function asRefusal(error: unknown): ApiRefusal {
  if (error instanceof ApiRefusal) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500
    ? new ApiRefusal(status, 'VALIDATION_ERROR', 'The request is not valid')
    : new ApiRefusal(500, 'INTERNAL_SERVER_ERROR', 'Something broke');
}

const metaOf = (now: number): object => ({
  timestamp: new Date(now).toISOString(),
  request_id: `req_${randomUUID()}`,
  version: '2.0.0',
});

interface ApiOptions {
  readonly world: World;
  readonly business: Business;
  readonly guard: ReturnType<typeof createGuard>;
  readonly shape: () => Shape;
}

const KIT_TYPES = [
  { code: 'hormone_panel', name: 'Hormone Panel', description: null, panels: ['hormones'] },
  { code: 'metabolic_panel', name: 'Metabolic Panel', description: null, panels: ['metabolism'] },
];

const person = z.object({
  first_name: z.string().min(1),
  last_name: z.string().min(1),
  email: z.email(),
  phone: z.string().default(''),
  date_of_birth: z.string().default('1980-02-29'),
}) satisfies z.ZodType<SimPerson>;

const newOrder = z.object({ recipient: person, kit_types: z.array(z.string()).min(1) });
const registration = z.object({ kit_barcode: z.string(), patient: person });

/** The partner's public API, under `/v2/public`. */
const partnerApi =
  ({ world, business, guard, shape }: ApiOptions): FastifyPluginCallback =>
  (app, _options, done) => {
    const shapes = () => SHAPES[shape()];
    const kitOf = (barcode: string): SimKit => {
      const kit = world.kit(barcode);
      if (kit === undefined || kit.hidden) throw notFound('kit');
      return kit;
    };

    app.addHook('onRequest', guard.open);
    app.get('/health/', () => shapes().health());
    app.get<{ Params: { number: string } }>('/orders/lookup/:number', ({ params }) => {
      const order = world.order(params.number);
      if (order === undefined) throw notFound('order');
      return shapes().order(order);
    });

    app.register((keyed: FastifyInstance, _keyedOptions, keyedDone) => {
      keyed.addHook('onRequest', (request, reply, next) => {
        guard.keyed(request, reply);
        next();
      });
      keyed.get('/catalog/kit-types', () => (shape() === 'reference' ? { data: KIT_TYPES } : KIT_TYPES));
      keyed.post('/orders/', (request, reply) => {
        const { recipient, kit_types: kitTypes } = parse(newOrder, request.body);
        reply.code(201);
        return shapes().order(business.order({ recipient, kitTypes }));
      });
      keyed.get<{ Params: { id: string } }>('/orders/:id', ({ params }) => {
        const order = world.order(parse(z.coerce.number().int(), params.id));
        if (order === undefined) throw notFound('order');
        return shapes().order(order);
      });
      keyed.post('/kits/register', (request) => {
        const { kit_barcode: barcode, patient } = parse(registration, request.body);
        business.register(barcode, patient);
        return shapes().kit(kitOf(barcode));
      });
      keyed.get<{ Params: { barcode: string } }>('/kits/:barcode', ({ params }) => shapes().kit(kitOf(params.barcode)));
      keyed.get<{ Params: { barcode: string } }>('/kits/:barcode/tracking', ({ params }) =>
        shapes().tracking(kitOf(params.barcode)),
      );
      keyed.get<{ Params: { barcode: string } }>('/results/kit/:barcode', ({ params }) => {
        const results = shapes().results(kitOf(params.barcode));
        if (results === null) throw notFound('result');
        return results;
      });
      keyedDone();
    });
    done();
  };
