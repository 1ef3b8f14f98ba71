import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mayDo } from '../access/identity.js';
import { senderOf } from '../http/senders.js';
import { Problem } from '../admin/problems.js';
import { html, type Html } from './html.js';
import { hidden, page, titledPage, token, type Viewer } from './page.js';
import type { DeskPorts, Page } from './ports.js';
import { checkToken, cookieName, giveCookie, viewerOf } from './session.js';

const signInBody = z.object({
  name: z.string().max(200).default(''),
  secret: z.string().max(400).default(''),
  path: z.string().max(2_000).default(''),
  form: z.string().max(20_000).default(''),
});

/** What was on its way when there was no session. */
export interface Interrupted {
  /** A path of the desk; of a page with what was asked of it. */
  readonly path: string;
  /** The fields of a form that was sent there; null: it was a page. */
  readonly form: Readonly<Record<string, string>> | null;
}

const HOME: Interrupted = { path: '/desk', form: null };

/** Signing in and out, and everywhere. */
export function signInRoutes({ access, clock }: DeskPorts): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get('/desk/sign-in', { config: { open: true }, schema: { hide: true } }, (): Page => ({
      html: signInPage(HOME, null),
    }));
    app.post(
      '/desk/sign-in',
      { config: { open: true }, schema: { hide: true, body: signInBody } },
      async (request, reply): Promise<Page | undefined> => {
        const { name, secret, path, form } = request.body;
        const interrupted = readInterrupted(path, form);
        const signed = await access.signIn({ name: name.trim(), secret, sender: senderOf(request.ip) });
        if (signed.outcome !== 'done') {
          reply.code(signed.outcome === 'locked' ? 429 : 401);
          return { html: signInPage(interrupted, faultOf(signed)) };
        }
        // Whoever had this browser's session before is out: it is another one from now on.
        await access.sessions.end(request.cookies[cookieName(request)] ?? '');
        giveCookie(request, reply, signed.id);
        if (interrupted.form === null) {
          await reply.redirect(interrupted.path, 303);
          return undefined;
        }
        const session = await access.sessions.use(signed.id, clock());
        return { html: session === null ? signInPage(interrupted, null) : goOnPage(interrupted, session) };
      },
    );
    // Whoever is out already wants nothing but that.
    app.post(
      '/desk/sign-out',
      { config: { needs: 'read', open: true }, schema: { hide: true } },
      async (request, reply) => {
        if (request.viewer !== null) checkToken(request, request.viewer);
        await access.sessions.end(request.cookies[cookieName(request)] ?? '');
        await reply.clearCookie(cookieName(request), { path: '/' }).redirect('/desk/sign-in', 303);
      },
    );
    app.get('/desk/me', { config: { needs: 'read' }, schema: { hide: true } }, (request): Page => {
      const viewer = viewerOf(request);
      const { name, role } = viewer.actor;
      const admins = html`<h2>Somebody else’s sessions</h2>
        <form class="card" method="post" action="/desk/end-sessions">
          ${token(viewer)}<label for="name">Name</label>
          <input id="name" type="text" name="name" required maxlength="64" /><button>End all their sessions</button>
        </form>`;
      return {
        html: page(
          'You',
          viewer,
          html`<h1>You are ${name}</h1>
            <div class="card">
              <p>Your role is ${role}. A session ends after 30 minutes without use, and after 12 hours.</p>
              <form method="post" action="/desk/end-sessions">
                ${token(viewer)}${hidden('name', name)}<button>Sign out everywhere</button>
              </form>
            </div>
            ${mayDo(viewer.actor, 'administer') ? admins : null}`,
        ),
      };
    });
    app.post(
      '/desk/end-sessions',
      {
        config: { needs: 'read', audited: 'end_sessions' },
        schema: { hide: true, body: z.object({ name: z.string().max(64), _csrf: z.string() }) },
      },
      async (request): Promise<Page> => {
        const viewer = viewerOf(request);
        const own = request.body.name === viewer.actor.name;
        if (!own && !mayDo(viewer.actor, 'administer'))
          throw new Problem(403, 'not_allowed', 'Only admins end the sessions of others.');
        const ended = await access.sessions.endAllOf(request.body.name);
        const title = `${String(ended)} sessions of ${request.body.name} have ended`;
        return {
          html: titledPage(title, own ? null : viewer, html`<p><a href="/desk">To the desk</a></p>`),
        };
      },
    );
    done();
  };
}

/** The page to sign in; whatever was on its way goes on afterwards. */
export function signInPage({ path, form }: Interrupted, fault: string | null): string {
  const kept = form === null ? null : 'What you sent is kept: sign in, and go on.';
  return titledPage(
    'Sign in',
    null,
    html`<form class="card" method="post" action="/desk/sign-in">
      ${fault === null ? null : html`<p role="alert">${fault}</p>`} ${kept === null ? null : html`<p>${kept}</p>`}
      ${hidden('path', path)} ${hidden('form', form === null ? '' : JSON.stringify(form))}
      <label for="name">Name</label>
      <input id="name" type="text" name="name" required autocomplete="username" autocapitalize="none" />
      <label for="secret">Secret</label>
      <input id="secret" type="password" name="secret" required autocomplete="current-password" />
      <button>Sign in</button>
    </form>`,
  );
}

/** What goes with a form and was typed by nobody. */
const UNSEEN = ['key', 'opened', 'seq'];

/** What was sent under a session that is over, to be sent once more by whoever is signed in now. */
export function goOnPage({ path, form }: Interrupted, viewer: Viewer): string {
  const fields = Object.entries(form ?? {});
  const typed = fields.filter(([name, value]) => !UNSEEN.includes(name) && value !== '');
  return page(
    'Go on',
    viewer,
    html`<h1>You are signed in again</h1>
      <form class="card" method="post" action="${path}">
        <p>Nothing was lost, and nothing was done yet. This is what you sent:</p>
        <dl>
          <dt>Where</dt>
          <dd>${path}</dd>
          ${typed.map(
            ([name, value]) =>
              html`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
        ${fields.map(([name, value]): Html => hidden(name, value))} ${token(viewer)}
        <button>Go on where you were</button>
      </form>`,
  );
}

function faultOf(signed: { readonly outcome: 'wrong_secret' } | { readonly outcome: 'locked'; readonly wait: number }) {
  if (signed.outcome === 'wrong_secret') return 'That name and secret don’t go together.';
  const seconds = Math.ceil(signed.wait / 1_000);
  return `Too many wrong secrets. Try again in ${seconds < 120 ? `${String(seconds)} seconds` : `${String(Math.ceil(seconds / 60))} minutes`}.`;
}

const DESK_PATH = /^(\/desk(?:\/[\w.:%!~*'()-]+)*)(?:\?[\w.:%!~*'()&=+-]*)?$/;

/** Only paths of the desk: nobody is led elsewhere by signing in. */
function readInterrupted(path: string, form: string): Interrupted {
  const [, plain] = DESK_PATH.exec(path) ?? [];
  // A browser takes a path's dots away before it goes there.
  if (plain === undefined || new URL(path, 'http://desk').pathname !== plain) return HOME;
  try {
    const read = z.record(z.string(), z.string()).safeParse(JSON.parse(form));
    return { path, form: read.success ? read.data : null };
  } catch {
    return { path, form: null };
  }
}
