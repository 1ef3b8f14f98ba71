import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { EVENTS, eventsThatShow } from '../domain/events.js';
import { attentionSentence, BY_BUTTONS } from '../domain/attention.js';
import { isOfResults } from '../domain/kinds.js';
import { STAFF } from '../domain/subjects.js';
import type { ListedSubject, SubjectSummary } from '../ledger/ledger.js';
import { html, type Html } from './html.js';
import { actionsFor } from './look-routes.js';
import { titledPage, type Viewer } from './page.js';
import { headingOf, pathOf, webhookPathOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import { at } from './sentence.js';
import { viewerOf } from './session.js';
import { buttons } from './story.js';

const READ_AT_ONCE = 200;
/** More is no list that a person works through. */
const SHOWN = 50;
/** Of the webhooks that somebody can't be told of for. */
const WEBHOOKS_SHOWN = 5;

/** What needs a human: the most pressing first, each with what to do and the buttons that apply. */
export function attentionRoutes(ports: DeskPorts): FastifyPluginCallbackZod {
  const { ledger, webhooks, zone } = ports;

  async function needing(of: 'kit' | 'order'): Promise<SubjectSummary[]> {
    const found: SubjectSummary[] = [];
    for (let last: ListedSubject | undefined; ;) {
      const after = last === undefined ? null : { since: Date.parse(last.since), subject: last.subject };
      const query = { of, attention: true, open: false, after, limit: READ_AT_ONCE };
      const some: readonly ListedSubject[] = await ledger.listSubjects(query);
      found.push(...some);
      if (some.length < READ_AT_ONCE) return found;
      last = some.at(-1);
    }
  }

  async function card(viewer: Viewer, { subject, attention }: SubjectSummary): Promise<Html> {
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
      { config: { needs: 'read', audited: 'list' }, schema: { hide: true } },
      async (request): Promise<Page> => {
        const viewer = viewerOf(request);
        const team = await ledger.summaryOf(STAFF);
        const found = [
          ...(team === null || team.attention.length === 0 ? [] : [team]),
          ...(await needing('kit')),
          ...(await needing('order')),
        ].sort(byUrgency);
        const cards: Html[] = [];
        for (const one of found.slice(0, SHOWN)) cards.push(await card(viewer, one));
        const more = found.length - cards.length;
        const content =
          found.length === 0
            ? html`<div class="card"><p class="answer">Nobody is waiting for a human. All is well.</p></div>`
            : html`<ul class="plain">
                  ${cards}
                </ul>
                ${more === 0 ? null : html`<p>${more} more, less pressing than these: they follow as these are dealt with.</p>`}`;
        return { html: titledPage('Needs a human', viewer, content) };
      },
    );
    done();
  };
}

const WITH_RESULTS: readonly string[] = eventsThatShow('results').flatMap((event) => EVENTS[event].kitState ?? []);

const isAboutResults = ({ state, attention }: SubjectSummary): boolean =>
  WITH_RESULTS.includes(state) || attention.some(({ kind }) => kind !== null && isOfResults(kind));

/** Results first, and of these what waits longest. */
const byUrgency = (one: SubjectSummary, other: SubjectSummary): number =>
  Number(isAboutResults(other)) - Number(isAboutResults(one)) ||
  (one.attention[0]?.since ?? '').localeCompare(other.attention[0]?.since ?? '');
