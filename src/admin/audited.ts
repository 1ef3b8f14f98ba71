import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Act, ASKED, type Audit, isDeed } from '../access/audit.js';
import { kitSubject, orderSubject, type Subject } from '../domain/subjects.js';
import { senderOf } from '../http/senders.js';
import { type AdminLog, Problem } from './problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the audit calls it. A route that names nothing isn't written down: health, and what is about nobody. */
    readonly audited?: Act;
  }
}

interface AuditedOptions {
  readonly audit: Pick<Audit, 'write'>;
  /** ms since the epoch */
  readonly clock: () => number;
  readonly log: AdminLog;
}

/** Acts about a page of many: one row for the page, and none for each whom it names. */
const OF_MANY: readonly Act[] = ['list', 'rehearse', 'audit'];

/**
 * Writes down who looked and who did, from what each route says of itself: the only place that does. What was to be
 * answered is answered only once that is written; a refusal is written too, and doesn't wait for it. A deed is written
 * twice: that it was asked for before anything of it is done, so that none is ever done that nobody is written down for,
 * and how it ended, without which it may or may not have been done.
 */
export function writeAudit(app: FastifyInstance, { audit, clock, log }: AuditedOptions): void {
  async function write(
    request: FastifyRequest,
    subjects: readonly (string | null)[],
    outcome: string,
    reason: string | null = null,
  ): Promise<void> {
    const { audited: act } = request.routeOptions.config;
    const { actor } = request;
    if (act === undefined || actor === null) return;
    const common = { actor, act, at: clock(), sender: senderOf(request.ip), outcome, reason };
    await audit.write(subjects.map((subject) => ({ ...common, subject })));
  }

  async function writeOutcome(request: FastifyRequest, payload: unknown): Promise<void> {
    const { audited: act } = request.routeOptions.config;
    if (act === undefined) return;
    const subjects = OF_MANY.includes(act) ? [] : subjectsIn(payload);
    const about = subjects.length === 0 ? [subjectAsked(request)] : subjects;
    const written = write(request, about, 'done', reasonIn(payload));
    await written.catch(() => {
      if (!isDeed(act)) refuse();
      // It is done, and who asked for it is written: that it failed would be a lie.
      log('the outcome of a deed could not be written to the audit', { act });
    });
  }

  const written = new WeakSet<FastifyRequest>();
  // After the form's token and what was sent have been looked at.
  app.addHook('preHandler', async (request) => {
    const { audited: act } = request.routeOptions.config;
    if (act !== undefined && isDeed(act)) await write(request, [subjectAsked(request)], ASKED).catch(refuse);
  });
  app.addHook('preSerialization', async (request, _reply, payload) => {
    await writeOutcome(request, payload);
    written.add(request);
    return payload;
  });
  // A page is not serialised.
  app.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode < 400 && !written.has(request)) await writeOutcome(request, null);
    return payload;
  });
  app.addHook('onError', async (request, _reply, error) => {
    const outcome = error instanceof Problem ? error.code : 'failed';
    if (outcome === UNWRITTEN) return;
    await write(request, [subjectAsked(request)], outcome).catch(() => {
      log('a refusal could not be written to the audit', { outcome });
    });
  });
}

const UNWRITTEN = 'audit_unavailable';

/** @throws Problem 503: nobody sees or does what nobody could say later that they saw or did. */
function refuse(): never {
  throw new Problem(
    503,
    UNWRITTEN,
    'Who looks and who does is written down first, and that could not be done: nothing is shown, and nothing was done. Ask again in a moment.',
  );
}

/** Whom an answer is about: `subject`, or `subjects`, as texts or as answers of their own. */
function subjectsIn(payload: unknown): string[] {
  if (typeof payload === 'string') return [payload];
  if (typeof payload !== 'object' || payload === null) return [];
  if ('subject' in payload && typeof payload.subject === 'string') return [payload.subject];
  return 'subjects' in payload && Array.isArray(payload.subjects) ? payload.subjects.flatMap(subjectsIn) : [];
}

/** Why they looked, where an answer says so. */
const reasonIn = (payload: unknown): string | null =>
  typeof payload === 'object' &&
  payload !== null &&
  'lookedBecause' in payload &&
  typeof payload.lookedBecause === 'string'
    ? payload.lookedBecause
    : null;

/** Whom a request names by its path. */
export function subjectAsked({ params }: Pick<FastifyRequest, 'params'>): Subject | null {
  const { barcode, order } = (params ?? {}) as { readonly barcode?: string; readonly order?: string };
  if (barcode !== undefined) return kitSubject(barcode);
  return order === undefined ? null : orderSubject(order);
}
