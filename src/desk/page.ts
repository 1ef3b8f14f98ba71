import { type Actor, mayDo } from '../access/identity.js';
import { html, type Html } from './html.js';

/** Who sees a page. */
export interface Viewer {
  readonly actor: Actor;
  /** What each of their forms carries. */
  readonly csrf: string;
}

/** A whole page. `viewer`: null where nobody is signed in. */
export function page(title: string, viewer: Viewer | null, content: Html): string {
  return `<!doctype html>${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Kit Herald desk</title>
        <link rel="stylesheet" href="/desk/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header class="top">
          <a class="brand" href="/desk">Kit Herald desk</a>
          ${viewer === null ? null : menu(viewer)}
        </header>
        <main id="main">${content}</main>
      </body>
    </html>`.html
  }`;
}

/** A whole page under a heading that is also its title. */
export const titledPage = (title: string, viewer: Viewer | null, content: Html): string =>
  page(
    title,
    viewer,
    html`<h1>${title}</h1>
      ${content}`,
  );

const menu = (viewer: Viewer): Html =>
  html`<nav aria-label="Desk">
      <a href="/desk">Find</a> · <a href="/desk/attention">Needs a human</a> · <a href="/desk/came-back">Came back</a>
      ${mayDo(viewer.actor, 'audit') ? html` · <a href="/desk/audit">Who looked</a>` : null} ·
      <a href="/desk/me">${viewer.actor.name}</a>
    </nav>
    <form method="post" action="/desk/sign-out">${token(viewer)}<button class="quiet">Sign out</button></form>`;

/** What makes a form ours. */
export const token = ({ csrf }: Viewer): Html => hidden('_csrf', csrf);

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}" />`;

/** The one box. An address doesn't belong in a URL: it is posted. */
export const searchBox = (viewer: Viewer, value = ''): Html =>
  html`<form class="card search" role="search" method="post" action="/desk/search">
    ${token(viewer)}
    <div>
      <label for="q">Barcode, order number, email address or Message-ID</label>
      <input id="q" type="text" name="q" value="${value}" maxlength="400" required autocomplete="off" />
    </div>
    <button>Find</button>
  </form>`;

/** What went wrong, and what to do. */
export const notice = (title: string, sentence: string, more: Html | null = null): Html =>
  html`<h1>${title}</h1>
    <div class="card" role="alert">
      <p>${sentence}</p>
      ${more}
    </div>`;
