import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { attentionSentence, BY_BUTTONS } from '../domain/attention.js';
import type { AttentionPage, AttentionPlace, NeedsAttention } from '../ledger/ledger.js';
import { html, type Html } from './html.js';
import { actionsFor } from './look-routes.js';
import { titledPage, type Viewer } from './page.js';
import { headingOf, pathOf, webhookPathOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import { at } from './sentence.js';
import { viewerOf } from './session.js';
import { buttons } from './story.js';

const AT_ONCE = 50;
/** Of the webhooks that somebody can't be told of for. */
const WEBHOOKS_SHOWN = 5;

const asked = z.object({
  after: z
    .string()
    .regex(/^[01]\.\d{1,14}\.(staff|(kit|order):[A-Z0-9._:-]{1,90})$/, 'must be what the page before leads to')
    .optional(),
});

/** What needs a human: the most pressing first, each with what to do and the buttons that apply. */
export function attentionRoutes(ports: DeskPorts): FastifyPluginCallbackZod {
  const { ledger, webhooks, zone } = ports;

  async function card(viewer: Viewer, { subject, attention }: NeedsAttention): Promise<Html> {
    const isUnread = attention.some(({ code }) => code === 'unreadable_webhook');
    return html`<li class="card needs">
      <h2><a href="${pathOf(subject)}">${headingOf(subject)}</a></h2>
      ${attention.map(({ code, kind, since }) => html`<p>${attentionSentence(code, kind, BY_BUTTONS)} <span class="muted">${at(since, zone)}</span></p>`)}
      ${isUnread ? await unread(subject) : null}
      ${buttons(subject, await actionsFor(ports, viewer, subject), viewer.actor, false)}
    </li>`;
  }

  async function unread(subject: string): Promise<Html> {
    const found = await webhooks.list({ status: 'quarantined', subject, limit: WEBHOOKS_SHOWN });
    return html`<ul>
      ${found.webhooks.map(
        ({ id, receivedAt }) =>
          html`<li>
            <a href="${webhookPathOf(id)}"
              >The webhook that came ${at(receivedAt.toISOString(), zone)}: look at it, and replay it</a
            >
          </li>`,
      )}
    </ul>`;
  }

  return (app, _options, done) => {
    app.get(
      '/desk/attention',
      { config: { needs: 'read', audited: 'list' }, schema: { hide: true, querystring: asked } },
      async (request): Promise<Page> => {
        const viewer = viewerOf(request);
        const { after } = request.query;
        const found = await ledger.listAttention({
          after: after === undefined ? null : placeOf(after),
          limit: AT_ONCE,
        });
        const cards: Html[] = [];
        for (const one of found.subjects) cards.push(await card(viewer, one));
        const content =
          found.all === 0
            ? html`<div class="card"><p class="answer">Nobody is waiting for a human. All is well.</p></div>`
            : html`<p>${countOf(found)}</p>
                <ul class="plain">
                  ${cards}
                </ul>
                ${pager(found)}`;
        return { html: titledPage('Needs a human', viewer, content) };
      },
    );
    done();
  };
}

/** Where in the whole list a page stands. */
function countOf({ subjects, before, all }: AttentionPage): string {
  if (subjects.length === 0) return `None comes after these any more; ${String(all)} in all.`;
  const shown = `${String(before + 1)} to ${String(before + subjects.length)}`;
  return subjects.length === all ? `${String(all)} in all.` : `${shown} of ${String(all)}, the most pressing first.`;
}

function pager({ subjects, before, more }: AttentionPage): Html | null {
  const last = subjects.at(-1);
  const isFirst = before === 0 && last !== undefined;
  const next = more && last !== undefined ? last.place : null;
  if (isFirst && next === null) return null;
  return html`<nav class="row" aria-label="Pages">
    ${isFirst ? null : html`<a class="button quiet" href="/desk/attention">The most pressing</a>`}
    ${next === null ? null : html`<a class="button quiet" href="/desk/attention?after=${encodeURIComponent(cursorOf(next))}">Less pressing</a>`}
  </nav>`;
}

const cursorOf = ({ results, since, subject }: AttentionPlace): string =>
  `${results ? '1' : '0'}.${String(since)}.${subject}`;

function placeOf(cursor: string): AttentionPlace {
  const [results, since = '', ...subject] = cursor.split('.');
  return { results: results === '1', since: Number(since), subject: subject.join('.') };
}
