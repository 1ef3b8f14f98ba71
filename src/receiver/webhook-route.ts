import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { readWebhook } from '../c4hxp/webhook/read.js';
import { looksSigned, SIGNATURE_HEADER, verifySignature } from '../c4hxp/webhook/signature.js';
import type { Arrival, KeyedHash } from '../domain/arrivals.js';
import { createBodyReader, type BodyLimits, type ReadBody } from './body-reader.js';
import type { Guard } from './guards.js';
import type { Count, ReceiverLog } from './ports.js';
import { refusal, type RefusalCode } from './refusals.js';

export const WEBHOOK_PATH = '/webhooks/c4hxp';

export interface WebhookRouteOptions {
  readonly guard: Guard;
  readonly bodyLimits: BodyLimits;
  readonly secrets: readonly string[];
  /** Resolves when the arrival is committed; a rejection means that it can't be said to be. */
  readonly keep: (arrival: Arrival) => Promise<unknown>;
  readonly hash: KeyedHash;
  readonly clock: () => number;
  readonly defaultZone: string;
  readonly revealFlags: boolean;
  readonly count: Count;
  readonly log: ReceiverLog;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The Content-Type as it was sent: the webhook route reads every body as bytes, whatever it is called. */
    sentContentType: string | null;
  }
}

const BYTES = 'application/octet-stream';
const ACKNOWLEDGED = '{"received":true}';
/** Seconds; well before the partner's next try after a minute. */
const RETRY_AFTER = 5;

/** `POST /webhooks/c4hxp`, in a scope of its own: raw bodies and guards concern no other route. */
export const webhookRoute: FastifyPluginCallback<WebhookRouteOptions> = (scope, options, done) => {
  const { guard, bodyLimits, secrets, keep, hash, clock, defaultZone, revealFlags, count, log } = options;
  const bodies = createBodyReader(bodyLimits);

  const refuse = (reply: FastifyReply, code: RefusalCode, retryAfter = RETRY_AFTER): FastifyReply => {
    const { status, body } = refusal(code);
    count('webhooks_refused', { code });
    if (status === 503) reply.header('retry-after', retryAfter);
    return reply.code(status).send(body);
  };

  scope.decorateRequest('sentContentType', null);
  scope.decorateRequest('bytesHeld', 0);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(BYTES, bodies.read);
  scope.addHook('onResponse', (request, _reply, next) => {
    bodies.release(request);
    next();
  });

  scope.addHook('onRequest', (request, reply, next) => {
    const refused = guard(request) ?? faultOfHeaders(request);
    if (refused !== null) {
      refuse(reply, refused);
      return;
    }
    const { headers } = request.raw;
    request.sentContentType = headers['content-type'] ?? null;
    headers['content-type'] = BYTES;
    next();
  });

  scope.post(WEBHOOK_PATH, async (request, reply) => {
    const raw = request.body as ReadBody;
    if (typeof raw === 'string') return refuse(reply, raw);
    if (!verifySignature(raw, request.headers[SIGNATURE_HEADER], secrets)) return refuse(reply, 'invalid_signature');
    const contentType = request.sentContentType;
    const arrival = readWebhook(raw, { contentType, receivedAt: clock(), hash, defaultZone, revealFlags });
    try {
      await keep(arrival);
    } catch (error) {
      log.error({ why: codeOf(error) }, 'a webhook could not be committed');
      return refuse(reply, 'not_committed', retryAfter(error));
    }
    count('webhooks_acknowledged', { verdict: arrival.verdict, event: arrival.event ?? 'unknown' });
    return reply.header('content-type', 'application/json; charset=utf-8').send(ACKNOWLEDGED);
  });
  done();
};

/** What can be told before the body is read; nothing unsigned takes up memory. */
function faultOfHeaders({ headers }: FastifyRequest): RefusalCode | null {
  if (!looksSigned(headers[SIGNATURE_HEADER])) return 'invalid_signature';
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
