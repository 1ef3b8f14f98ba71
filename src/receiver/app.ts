import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyPluginCallback } from 'fastify';
import type { BodyLimits } from './body-reader.js';
import { createGuard, type GuardOptions } from './guards.js';
import { type HealthOptions, healthRoutes } from './health.js';
import type { Count, ReceiverLog } from './ports.js';
import { Refusal } from '../config/refusal.js';
import { answerUnknownRoutes, createFaultHandlers } from './refusals.js';
import { webhookRoute, type WebhookRouteOptions } from './webhook-route.js';

type RouteOptions = GuardOptions & Omit<WebhookRouteOptions, 'guard' | 'bodyLimits' | 'count' | 'log'>;

export interface ReceiverOptions extends RouteOptions, Pick<HealthOptions, 'figures' | 'ready'> {
  /** What is away though webhooks can be committed: Temporal, the mail server. Health tells it. */
  readonly degraded?: HealthOptions['degraded'];
  /** Addresses and ranges of the proxies whose X-Forwarded-* is believed; empty: nobody's. */
  readonly trustProxy: readonly string[];
  /** Bytes of one webhook, and of all that are being read or committed at a moment. */
  readonly bodyLimits?: BodyLimits;
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

const MEBIBYTE = 1024 * 1024;
const BODY_LIMITS: BodyLimits = { one: MEBIBYTE, all: 64 * MEBIBYTE };
const TIMEOUTS: ReceiverTimeouts = { headers: 10_000, wholeRequest: 30_000, checkedEvery: 1_000 };
/** Stop-page tokens are the longest; Fastify's own limit of 100 is meant for ids. */
const LONGEST_ROUTE_PARAMETER = 256;

/**
 * The public app, not listening. Whoever listens closes it before the intake: what is still arriving is then answered
 * and committed.
 * @throws Refusal when TRUST_PROXY or C4HXP_ALLOWED_IPS can't be read.
 */
export function createReceiverApp(options: ReceiverOptions): FastifyInstance {
  const { trustProxy, bodyLimits = BODY_LIMITS, timeouts = TIMEOUTS, pages = [] } = options;
  const count: Count = options.count ?? (() => undefined);
  const log: ReceiverLog = options.log ?? SILENT;
  const guard = createGuard(options);
  const faults = createFaultHandlers({ count, log });
  const app = trusting(trustProxy, (trusted) =>
    Fastify({
      trustProxy: trusted,
      logger: false,
      bodyLimit: bodyLimits.one,
      requestTimeout: timeouts.wholeRequest,
      http: { headersTimeout: timeouts.headers, connectionsCheckingInterval: timeouts.checkedEvery },
      routerOptions: { maxParamLength: LONGEST_ROUTE_PARAMETER },
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

  app.register(webhookRoute, { ...options, guard, bodyLimits, count, log });
  app.register(async (scope) => {
    await scope.register(helmet, pageHeaders(options.requireHttps));
    await scope.register(healthRoutes, { degraded: () => [], ...options });
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
const pageHeaders = (https: boolean): FastifyHelmetOptions => ({
  hsts: https,
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
});
