import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayDo } from '../access/identity.js';
import { Problem } from '../admin/problems.js';
import type { Viewer } from './page.js';
import type { DeskPorts } from './ports.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What is shown to whoever isn't signed in. */
    readonly open?: boolean;
  }
  interface FastifyRequest {
    viewer: Viewer | null;
  }
}

/** Nobody is signed in, or not any more: the page to do so is shown, and what was sent is kept in it. */
export class NotSignedIn extends Error {
  override readonly name = 'NotSignedIn';
}

/** A form of ours that was opened under a session before this one: what was sent is shown, to be sent once more. */
export class OfAnotherSession extends Problem {
  constructor() {
    super(409, 'other_session', 'This form was opened under another session.');
  }
}

/** With HTTPS no other host and no plain HTTP can set it. */
export const cookieName = ({ protocol }: FastifyRequest): string =>
  protocol === 'https' ? '__Host-kit-herald' : 'kit-herald';

export function giveCookie(request: FastifyRequest, reply: FastifyReply, id: string): void {
  const secure = request.protocol === 'https';
  reply.setCookie(cookieName(request), id, { httpOnly: true, sameSite: 'strict', path: '/', secure });
}

/** Knows who asks by their session or by the proxy, and lets each do only what their role may. */
export function requireSession(app: FastifyInstance, ports: DeskPorts): void {
  const { access, clock, count, log, proxyHeader } = ports;
  app.decorateRequest('viewer', null);

  app.addHook('onRequest', async (request, reply) => {
    const { open = false, needs = 'administer' } = request.routeOptions.config;
    const named = proxyHeader === null ? undefined : request.headers[proxyHeader.toLowerCase()];
    if (named !== undefined && !ports.isProxy(request.socket.remoteAddress)) {
      count('admin_refused', { code: 'proxy_header_from_stranger' });
      log('a stranger sent the header of the authenticating proxy', { from: request.ip });
      throw new Problem(403, 'proxy_header_from_stranger', 'That header is taken from the proxy of TRUST_PROXY only.');
    }
    const viewer = typeof named === 'string' ? await byProxy(request, reply, named) : await bySession(request);
    request.viewer = viewer;
    request.actor = viewer?.actor ?? null;
    if (open) return;
    if (viewer !== null && !mayDo(viewer.actor, needs)) {
      count('admin_refused', { code: 'not_allowed' });
      throw new Problem(
        403,
        'not_allowed',
        `Your role, ${viewer.actor.role}, may not do this. Ask somebody whose may.`,
      );
    }
    // What was posted is read first, so that it isn't lost.
    if (viewer === null && request.method !== 'POST') throw new NotSignedIn();
  });

  // A form of another site carries no token of ours; browsers that say where a form comes from are believed too. Before
  // it is looked at what was sent: of a session that has ended all of it is kept, as it was sent.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.method === 'POST') checkForm(request);
    done();
  });

  function checkForm(request: FastifyRequest): void {
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw FORGED;
    if (request.routeOptions.config.open === true) return;
    if (request.viewer === null) throw new NotSignedIn();
    checkToken(request, request.viewer);
  }

  async function bySession(request: FastifyRequest): Promise<Viewer | null> {
    const session = await access.sessions.use(request.cookies[cookieName(request)] ?? '', clock());
    return session === null || session.actor.via === 'proxy' ? null : session;
  }

  /** Signed in by the proxy, with a session all the same: for the forms' token and for ending it everywhere. */
  async function byProxy(request: FastifyRequest, reply: FastifyReply, name: string): Promise<Viewer> {
    const user = access.userOf(name);
    if (user === null) {
      count('admin_refused', { code: 'unknown_user' });
      throw new Problem(403, 'unknown_user', 'The proxy knows you, and USERS doesn’t. Ask whoever runs kit-herald.');
    }
    const known = await access.sessions.use(request.cookies[cookieName(request)] ?? '', clock());
    if (known !== null && known.actor.name === name && known.actor.via === 'proxy') return known;
    const id = await access.sessions.begin(user, 'proxy', clock());
    giveCookie(request, reply, id);
    const begun = await access.sessions.use(id, clock());
    if (begun === null) throw new NotSignedIn();
    return begun;
  }
}

/** @throws Problem 403; 409 where a browser says that our own page sent it: it was opened under another session. */
export function checkToken(request: FastifyRequest, { csrf }: Viewer): void {
  const token = (request.body as Record<string, unknown> | null)?.['_csrf'];
  const given = Buffer.from(typeof token === 'string' ? token : '');
  const wanted = Buffer.from(csrf);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw request.headers['sec-fetch-site'] === 'same-origin' ? new OfAnotherSession() : FORGED;
}

const FORGED = new Problem(
  403,
  'forged',
  'This form was not made for your session. Go back, load the page again and send it once more.',
);

/** Who sees the page; never null behind `requireSession`. */
export function viewerOf({ viewer }: FastifyRequest): Viewer {
  if (viewer === null) throw new NotSignedIn();
  return viewer;
}
