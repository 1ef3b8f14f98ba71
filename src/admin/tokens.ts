import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AdminLog, Problem } from './problems.js';
import { senderOf } from '../http/senders.js';
import { type Actor, askedBy, mayDo } from '../access/identity.js';

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

const ADMIN_MACHINE: Actor = { name: 'admin-token', role: 'admin', via: 'token' };
const SUPPORT_MACHINE: Actor = { name: 'support-token', role: 'reader', via: 'token' };

/**
 * Lets nobody in without a token, and each only where its role may do what the route needs. Wrong tokens are counted,
 * logged (never as they were sent) and answered ever more slowly.
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
    if (isAdmin || isSupport) {
      request.actor = isAdmin ? ADMIN_MACHINE : SUPPORT_MACHINE;
      if (mayDo(request.actor, request.routeOptions.config.needs ?? 'administer')) done();
      else refuse('not_allowed', notAllowed(request.actor));
    } else if (request.headers.authorization === undefined) {
      refuse('no_token', NO_TOKEN);
    } else {
      wrongTokens.answerLater(request.ip, () => {
        refuse('wrong_token', NO_TOKEN);
      });
    }

    function refuse(code: 'no_token' | 'wrong_token' | 'not_allowed', problem: Problem): void {
      count('admin_refused', { code });
      done(problem);
    }
  });
}

/** Who is written down as having asked for it, in a handler of a guarded route. @param named whom a machine asks for */
export function askerOf({ actor }: FastifyRequest, named: string | undefined): string {
  if (actor === null) throw new Error('a guarded route that knows nobody');
  return askedBy(actor, named);
}

const notAllowed = ({ name, role }: Actor): Problem =>
  new Problem(403, 'not_allowed', `${name} has the role ${role}, which may not do this.`);

const NO_TOKEN = new Problem(401, 'no_token', 'Send the admin token: Authorization: Bearer ….');

function bearerOf({ headers }: FastifyRequest): Buffer | null {
  const token = /^Bearer ([\x21-\x7e]{1,1000})$/i.exec(headers.authorization ?? '')?.[1];
  return token === undefined ? null : digest(token);
}

/** Of equal length whatever was sent, so that the comparison can be in constant time. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Times in ms. */
export interface WrongTokensOptions {
  /** Before the first wrong token of a sender is answered; each further one waits twice as long. */
  readonly first?: number;
  readonly longest?: number;
  /** Without a wrong token for so long, a sender begins anew. */
  readonly forgetAfter?: number;
  /** Senders that are remembered. */
  readonly mostSenders?: number;
  /** Answers of one sender that wait; beyond them nothing of it is looked at. */
  readonly mostWaiting?: number;
  /** Answers that wait in all; beyond them they are given at once. */
  readonly mostWaitingInAll?: number;
  /** Between two lines in the log, whoever guesses. */
  readonly logEvery?: number;
  readonly clock?: () => number;
}

interface Guesser {
  wrong: number;
  waiting: number;
  at: number;
}

/**
 * Slows down and logs who guesses tokens (never what was guessed): an answer that waits ever longer, per sender. Whoever has the right token isn't held up,
 * unless wrong ones from the same address are waiting by the dozen. However many senders there are, memory is bounded.
 */
export function createWrongTokens(log: AdminLog, options: WrongTokensOptions = {}) {
  const {
    first = 50,
    longest = 10_000,
    forgetAfter = 15 * 60_000,
    mostSenders = 10_000,
    mostWaiting = 50,
    mostWaitingInAll = 1_000,
    logEvery = 10_000,
    clock = () => performance.now(),
  } = options;
  /** Who guessed longest ago comes first. */
  const guessers = new Map<string, Guesser>();
  const waiting = new Map<NodeJS.Timeout, () => void>();
  let lastLine = { at: -Infinity, leftOut: 0 };

  function say(from: string | undefined): void {
    const now = clock();
    if (now - lastLine.at < logEvery) {
      lastLine.leftOut += 1;
      return;
    }
    const { leftOut } = lastLine;
    lastLine = { at: now, leftOut: 0 };
    log('a wrong token came to the admin app', { from, ...(leftOut === 0 ? {} : { leftOut }) });
  }

  function remember(address: string | undefined): Guesser {
    const name = senderOf(address);
    const known = guessers.get(name);
    const now = clock();
    const guesser = known !== undefined && now - known.at < forgetAfter ? known : { wrong: 0, waiting: 0, at: now };
    guesser.wrong += 1;
    guesser.at = now;
    guessers.delete(name);
    guessers.set(name, guesser);
    for (const [oldest] of guessers) {
      if (guessers.size <= mostSenders) break;
      guessers.delete(oldest);
    }
    return guesser;
  }

  return {
    /** Whether so many wrong tokens of this sender wait for their answer that nothing more of it is looked at. */
    isFlooding: (address: string | undefined): boolean =>
      (guessers.get(senderOf(address))?.waiting ?? 0) >= mostWaiting,

    answerLater(address: string | undefined, answer: () => void): void {
      say(address);
      const guesser = remember(address);
      if (waiting.size >= mostWaitingInAll) {
        answer();
        return;
      }
      guesser.waiting += 1;
      const timer = setTimeout(
        () => {
          waiting.delete(timer);
          guesser.waiting -= 1;
          answer();
        },
        Math.min(first * 2 ** Math.min(guesser.wrong - 1, 30), longest),
      );
      waiting.set(timer, answer);
    },

    /** Answers all who wait. */
    close(): void {
      for (const [timer, answer] of waiting) {
        clearTimeout(timer);
        answer();
      }
      waiting.clear();
    },
  };
}
