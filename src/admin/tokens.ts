import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createWrongTokens, type WrongTokensOptions } from './wrong-tokens.js';
import { type AdminLog, Problem } from './problems.js';

/** Counts one more of something; labels come from closed sets. */
export type AdminCount = (name: 'admin_refused', labels: Readonly<Record<string, string>>) => void;

export interface TokenOptions {
  readonly adminToken: string;
  /** May read and not act; null: there is none. */
  readonly supportToken: string | null;
  readonly count: AdminCount;
  readonly log: AdminLog;
  readonly wrongTokens?: WrongTokensOptions;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the support token may do too, though its method isn't GET: a look-up whose subject doesn't belong in URLs. */
    readonly readOnly?: boolean;
  }
}

/**
 * Lets nobody in without a token, and the support token only where nothing is changed. Wrong tokens are counted, logged
 * (never as they were sent) and answered ever more slowly.
 */
export function requireTokens(app: FastifyInstance, options: TokenOptions): void {
  const { adminToken, supportToken, count } = options;
  const admin = digest(adminToken);
  const support = supportToken === null ? null : digest(supportToken);
  const wrongTokens = createWrongTokens(options.log, options.wrongTokens);
  app.addHook('preClose', (done) => {
    wrongTokens.close();
    done();
  });

  app.addHook('onRequest', (request, reply, done) => {
    if (wrongTokens.isFlooding(request.ip)) {
      count('admin_refused', { code: 'too_many_requests' });
      reply.header('retry-after', 10);
      done(
        new Problem(429, 'too_many_requests', 'Too many wrong tokens came from this address. Ask again in a while.'),
      );
      return;
    }
    const given = bearerOf(request);
    // Both are compared, always: how long it takes tells nothing.
    const isAdmin = given !== null && timingSafeEqual(given, admin);
    const isSupport = given !== null && support !== null && timingSafeEqual(given, support);
    if (isAdmin) {
      done();
    } else if (isSupport) {
      if (request.method === 'GET' || request.routeOptions.config.readOnly === true) done();
      else refuse('read_only', new Problem(403, 'read_only', 'The support token may look and not act.'));
    } else if (request.headers.authorization === undefined) {
      refuse('no_token', NO_TOKEN);
    } else {
      wrongTokens.answerLater(request.ip, () => {
        refuse('wrong_token', NO_TOKEN);
      });
    }

    function refuse(code: 'no_token' | 'wrong_token' | 'read_only', problem: Problem): void {
      count('admin_refused', { code });
      done(problem);
    }
  });
}

const NO_TOKEN = new Problem(401, 'no_token', 'Send the admin token: Authorization: Bearer ….');

function bearerOf({ headers }: FastifyRequest): Buffer | null {
  const token = /^Bearer ([\x21-\x7e]{1,1000})$/i.exec(headers.authorization ?? '')?.[1];
  return token === undefined ? null : digest(token);
}

/** Of equal length whatever was sent, so that the comparison can be in constant time. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
