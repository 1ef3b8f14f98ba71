import type { FastifyPluginCallback, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Arrival, WebhookSource } from '../domain/arrivals.js';
import type { Bodies, ReadBody } from './bodies.js';
import type { Count, ReceiverLog } from './ports.js';
import { refusal, type RefusalCode } from './refusals.js';
import { addressList } from '../config/ip-ranges.js';
import { Refusal } from '../config/refusal.js';

export interface WebhookRouteOptions {
  readonly guard: Guard;
  readonly bodies: Bodies;
  /** Whose webhooks are taken; each has a path of its own. */
  readonly sources: readonly WebhookSource[];
  /** Resolves when the arrival is committed; a rejection means that it can't be said to be. */
  readonly keep: (arrival: Arrival) => Promise<unknown>;
  readonly clock: () => number;
  readonly count: Count;
  readonly log: ReceiverLog;
}

const ACKNOWLEDGED = '{"received":true}';
/** Seconds; well before the partner's next try after a minute. */
const RETRY_AFTER = 5;

/**
 * A POST route for each source, in a scope of their own: guards concern no other route. The Content-Type is never asked:
 * what is signed is read.
 */
export const webhookRoute: FastifyPluginCallback<WebhookRouteOptions> = (scope, options, done) => {
  const { guard, bodies, sources, keep, clock, count, log } = options;

  const refuse = (
    reply: FastifyReply,
    code: RefusalCode,
    { signatureHeader }: WebhookSource,
    retryAfter = RETRY_AFTER,
  ): FastifyReply => {
    const about = `The ${signatureHeader} header is missing or does not match the body.`;
    const { status, body } = refusal(code, code === 'invalid_signature' ? about : undefined);
    count('webhooks_refused', { code });
    if (status === 503) reply.header('retry-after', retryAfter);
    return reply.code(status).send(body);
  };

  bodies.readIn(scope);

  const admit =
    (source: WebhookSource): onRequestHookHandler =>
    (request, reply, next) => {
      const refused = guard(request) ?? faultOfHeaders(request, source);
      if (refused === null) next();
      else refuse(reply, refused, source);
    };

  for (const source of sources) {
    scope.post(source.path, { onRequest: admit(source) }, async (request, reply) => {
      const raw = request.body as ReadBody;
      if (raw === 'not_committed') log.warn({ why: 'bodies' }, 'a slow body had to make room for others');
      if (typeof raw === 'string') return refuse(reply, raw, source);
      if (!source.verify(raw, request.headers)) return refuse(reply, 'invalid_signature', source);
      const arrival = source.read(raw, { receivedAt: clock() });
      try {
        await keep(arrival);
      } catch (error) {
        log.error({ why: codeOf(error) }, 'a webhook could not be committed');
        return refuse(reply, 'not_committed', source, retryAfter(error));
      }
      count('webhooks_acknowledged', { verdict: arrival.verdict, event: arrival.event ?? 'unknown' });
      return reply.header('content-type', 'application/json; charset=utf-8').send(ACKNOWLEDGED);
    });
  }
  done();
};

/** What can be told before the body is read; nothing unsigned takes up memory. */
function faultOfHeaders({ headers }: FastifyRequest, source: WebhookSource): RefusalCode | null {
  if (!source.looksSigned(headers)) return 'invalid_signature';
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  const transfer = headers['transfer-encoding']?.trim().toLowerCase() ?? '';
  const plain = (encoding === '' || encoding === 'identity') && (transfer === '' || transfer === 'chunked');
  return plain ? null : 'unsupported_encoding';
}

/** What an error may tell a log: a code, never its message, which may quote what was to be stored. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('why' in error && typeof error.why === 'string') return error.why;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function retryAfter(error: unknown): number {
  const seconds = error instanceof Error && 'retryAfter' in error ? error.retryAfter : undefined;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : RETRY_AFTER;
}

export interface GuardOptions {
  /** Addresses and CIDR ranges that may post webhooks; empty: any. */
  readonly allowedIps: readonly string[];
  readonly requireHttps: boolean;
}

/** Why a request may not even be looked at; null where it may. */
export type Guard = (request: FastifyRequest) => RefusalCode | null;

/**
 * Who may post webhooks, and how. Address and scheme are those that the socket or a trusted proxy tells: Fastify reads
 * X-Forwarded-* only from the hops of TRUST_PROXY.
 * @throws Refusal when C4HXP_ALLOWED_IPS can't be read.
 */
export function createGuard({ allowedIps, requireHttps }: GuardOptions): Guard {
  const isAllowed = allowedIps.length === 0 ? null : readAllowed(allowedIps);
  return (request) => {
    if (isAllowed !== null && !isAllowed(request.ip)) return 'address_not_allowed';
    return requireHttps && request.protocol !== 'https' ? 'https_required' : null;
  };
}

function readAllowed(allowedIps: readonly string[]): ReturnType<typeof addressList> {
  try {
    return addressList(allowedIps);
  } catch (error) {
    throw new Refusal(`C4HXP_ALLOWED_IPS: ${error instanceof Error ? error.message : 'unreadable'}`, { cause: error });
  }
}
