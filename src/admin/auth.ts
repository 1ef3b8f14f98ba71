import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problems.js';

export interface Tokens {
  readonly adminToken: string;
  /** May read and not act; null: there is none. */
  readonly supportToken: string | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the support token may do too, though its method isn't GET: a look-up whose subject doesn't belong in URLs. */
    readonly readOnly?: boolean;
  }
}

/** Lets nobody in without a token, and the support token only where nothing is changed. */
export function requireTokens(app: FastifyInstance, { adminToken, supportToken }: Tokens): void {
  const admin = digest(adminToken);
  const support = supportToken === null ? null : digest(supportToken);

  app.addHook('onRequest', (request, _reply, done) => {
    const given = bearerOf(request);
    // Both are compared, always: how long it takes tells nothing.
    const isAdmin = given !== null && timingSafeEqual(given, admin);
    const isSupport = given !== null && support !== null && timingSafeEqual(given, support);
    if (isAdmin) {
      done();
    } else if (!isSupport) {
      done(new Problem(401, 'no_token', 'Send the admin token: Authorization: Bearer ….'));
    } else if (request.method === 'GET' || request.routeOptions.config.readOnly === true) {
      done();
    } else {
      done(new Problem(403, 'read_only', 'The support token may look and not act.'));
    }
  });
}

function bearerOf({ headers }: FastifyRequest): Buffer | null {
  const token = /^Bearer ([\x21-\x7e]{1,1000})$/i.exec(headers.authorization ?? '')?.[1];
  return token === undefined ? null : digest(token);
}

/** Of equal length whatever was sent, so that the comparison can be in constant time. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
