import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyPluginCallback } from 'fastify';
import { type Bodies, createBodies } from './bodies.js';
import { createGuard, type GuardOptions, webhookRoute, type WebhookRouteOptions } from './webhook-route.js';
import { type HealthOptions, healthRoutes } from './health.js';
import type { Count, ReceiverLog } from './ports.js';
import { Refusal } from '../config/refusal.js';
import { answerUnknownRoutes, createFaultHandlers } from './refusals.js';

type RouteOptions = GuardOptions & Omit<WebhookRouteOptions, 'guard' | 'bodies' | 'count' | 'log'>;

export interface ReceiverOptions extends RouteOptions, Pick<HealthOptions, 'figures' | 'ready'> {
  /** What is away though webhooks can be committed: Temporal, the mail server. Health tells it. */
  readonly degraded?: HealthOptions['degraded'];
  /** Addresses and ranges of the proxies whose X-Forwarded-* is believed; empty: nobody's. */
  readonly trustProxy: readonly string[];
  /** How full what takes webhooks in is. */
  readonly limits?: HealthOptions['limits'];
  /** Memory for all bodies that are being read, those of `pages` too where they are given the same. */
  readonly bodies?: Bodies;
  readonly timeouts?: ReceiverTimeouts;
  /** More public routes: the stop page, the mail provider's reports. */
  readonly pages?: readonly (FastifyPluginAsync | FastifyPluginCallback)[];
  readonly count?: Count;
  readonly log?: ReceiverLog;
}

/** How long a sender may take, in ms. */
interface ReceiverTimeouts {
  readonly headers: number;
  readonly wholeRequest: number;
  /** How often Node looks for those who took longer. */
  readonly checkedEvery: number;
}

const TIMEOUTS: ReceiverTimeouts = { headers: 10_000, wholeRequest: 30_000, checkedEvery: 1_000 };
/** Stop-page tokens are the longest; Fastify's own limit of 100 is meant for ids. */
const LONGEST_ROUTE_PARAMETER = 256;

/**
 * The public app, not listening. Whoever listens closes it before the intake: what is still arriving is then answered
 * and committed.
 * @throws Refusal when TRUST_PROXY or C4HXP_ALLOWED_IPS can't be read.
 */
export function createReceiverApp(options: ReceiverOptions): FastifyInstance {
  const { trustProxy, bodies = createBodies(), timeouts = TIMEOUTS, pages = [] } = options;
  const count: Count = options.count ?? (() => undefined);
  const log: ReceiverLog = options.log ?? SILENT;
  const guard = createGuard(options);
  const faults = createFaultHandlers({ count, log });
  const app = trusting(trustProxy, (trusted) =>
    Fastify({
      trustProxy: trusted,
      logger: false,
      requestTimeout: timeouts.wholeRequest,
      http: { headersTimeout: timeouts.headers, connectionsCheckingInterval: timeouts.checkedEvery },
      // People and proxies add slashes; a webhook or an unsubscribe isn't lost for one.
      routerOptions: { maxParamLength: LONGEST_ROUTE_PARAMETER, ignoreTrailingSlash: true },
      // During a stop a request that is already here is served; a 503 would cost one of the partner's six attempts.
      return503OnClosing: false,
      frameworkErrors: faults.onFrameworkError,
      clientErrorHandler: faults.onClientError,
    }),
  );
  answerUnknownRoutes(app, count);
  app.setErrorHandler(faults.onError);
  // Bodies are for the routes that ask for one: each scope brings the parsers it needs.
  app.removeAllContentTypeParsers();

  app.register(webhookRoute, { ...options, guard, bodies, count, log });
  app.register(async (scope) => {
    await scope.register(helmet, PAGE_HEADERS);
    if (options.requireHttps) sendHsts(scope);
    await scope.register(healthRoutes, {
      degraded: () => [],
      limits: () => [],
      softLimits: () => bodies.limits(),
      ...options,
    });
    for (const page of pages) await scope.register(page);
  });
  return app;
}

const SILENT: ReceiverLog = { warn: () => undefined, error: () => undefined };

/** Never plain `true`: that would believe whatever anybody writes into X-Forwarded-For. */
function trusting(
  trustProxy: readonly string[],
  make: (trusted: string[] | false) => FastifyInstance,
): FastifyInstance {
  try {
    return make(trustProxy.length === 0 ? false : [...trustProxy]);
  } catch (error) {
    throw new Refusal(`TRUST_PROXY: ${error instanceof Error ? error.message : 'unreadable'}`, { cause: error });
  }
}

/** What our few pages need: their own inline style, a logo, a form that posts back. Scripts never. */
const PAGE_HEADERS: FastifyHelmetOptions = {
  hsts: false,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'unsafe-inline'"],
      imgSrc: ['https:', 'data:'],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
};

/** Only over TLS: over plain HTTP it is void, and wrong (RFC 6797, 7.2). */
function sendHsts(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request, reply, next) => {
    if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
    next();
  });
}
