import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mayDo } from '../access/identity.js';
import { Problem } from '../admin/problems.js';
import { EVENTS, eventsThatShow } from '../domain/events.js';
import { isOfResults } from '../domain/kinds.js';
import { audienceOf } from '../domain/people.js';
import { nameOf } from '../domain/subjects.js';
import { greetingName } from '../email/greeting-name.js';
import type { SubjectAnswer, SubjectAnswers, SubjectSummary } from '../ledger/ledger.js';
import { html } from './html.js';
import { notice, page, searchBox, titledPage, type Viewer } from './page.js';
import type { DeskPorts, Page } from './ports.js';
import { answerAloud, at } from './sentence.js';
import { viewerOf } from './session.js';
import { pathOf, story } from './story.js';

const byName = z.object({ name: z.string().trim().max(90) });
const LIST_PAGE = 100;

/** Searching, stories, the list of what needs a human, and who looked. */
export function lookRoutes(ports: DeskPorts): FastifyPluginCallbackZod {
  const { ledger, zone, access } = ports;

  async function firstNameFor(viewer: Viewer, subject: string): Promise<string | null> {
    if (!mayDo(viewer.actor, 'first_name')) return null;
    const contact = await ledger.contactFor(subject, audienceOf(subject));
    return greetingName(contact?.person.firstName ?? null);
  }

  async function tell(viewer: Viewer, found: SubjectAnswer | SubjectAnswers): Promise<Page> {
    const answers = 'subjects' in found ? found.subjects : [found];
    const [only] = answers;
    if (only !== undefined && answers.length === 1) {
      const firstName = await firstNameFor(viewer, only.subject);
      const content = html`${searchBox(viewer)}${awayNotice()}${story(only, { viewer, firstName, zone })}`;
      return { html: page(nameOf(only.subject), viewer, content), subjects: [only.subject] };
    }
    const cards = answers.map(
      (answer) =>
        html`<li class="card">
          <h2><a href="${pathOf(answer.subject)}">${answer.subject.replace(':', ' ')}</a></h2>
          <p>${answerAloud(answer, null, zone)}</p>
        </li>`,
    );
    return {
      html: page(
        'Several were found',
        viewer,
        html`${searchBox(viewer)}
          <h1>${answers.length} were found</h1>
          <ul class="plain">
            ${cards}
          </ul>`,
      ),
      subjects: answers.map(({ subject }) => subject),
    };
  }

  function awayNotice() {
    const away = ports.away();
    return away.length === 0
      ? null
      : html`<div class="card needs" role="status">
          Away just now: ${away.join(', ')}. What stands here is right; what you ask for is kept, and done when it is
          back.
        </div>`;
  }

  async function find(viewer: Viewer, asked: string): Promise<Page> {
    const found = await ledger.told(asked);
    if (found === null) throw new Problem(404, 'not_found', 'Nothing is known under that. Look at how it is spelt.');
    return tell(viewer, found);
  }

  return (app, _options, done) => {
    app.get('/desk', { config: { needs: 'read' }, schema: { hide: true } }, (request): Page => {
      const viewer = viewerOf(request);
      const hint = html`<p class="muted">
        Type or scan what you were given. You see what the patient was told, and why.
      </p>`;
      return {
        html: page(
          'Find',
          viewer,
          html`<h1>Was this patient told?</h1>
            ${awayNotice()}${searchBox(viewer)}${hint}`,
        ),
      };
    });
    app.post(
      '/desk/search',
      {
        config: { needs: 'read', audited: 'told' },
        schema: { hide: true, body: z.object({ q: z.string().trim().min(1).max(400), _csrf: z.string().optional() }) },
      },
      (request) => find(viewerOf(request), request.body.q),
    );
    for (const what of ['kits', 'orders'])
      app.get(
        `/desk/${what}/:name`,
        { config: { needs: 'read', audited: 'told' }, schema: { hide: true, params: byName } },
        (request) => find(viewerOf(request), request.params.name),
      );
    app.get(
      '/desk/attention',
      { config: { needs: 'read', audited: 'list' }, schema: { hide: true } },
      async (request): Promise<Page> => {
        const viewer = viewerOf(request);
        const ask = { attention: true, open: false, after: null, limit: LIST_PAGE };
        const found = [
          ...(await ledger.listSubjects({ of: 'kit', ...ask })),
          ...(await ledger.listSubjects({ of: 'order', ...ask })),
        ].sort(byUrgency);
        const rows = found.map(
          ({ subject, attention }) =>
            html`<li class="card needs">
              <h2><a href="${pathOf(subject)}">${subject.replace(':', ' ')}</a></h2>
              ${attention.map(({ sentence, since }) => html`<p>${sentence} <span class="muted">${at(since, zone)}</span></p>`)}
            </li>`,
        );
        const content =
          found.length === 0
            ? html`<div class="card"><p class="answer">Nobody is waiting for a human. All is well.</p></div>`
            : html`<ul class="plain">
                ${rows}
              </ul>`;
        return {
          html: titledPage('Needs a human', viewer, content),
        };
      },
    );
    app.get(
      '/desk/audit',
      {
        config: { needs: 'audit', audited: 'audit' },
        schema: { hide: true, querystring: z.object({ before: z.coerce.number().int().min(1).optional() }) },
      },
      async (request): Promise<Page> => {
        const viewer = viewerOf(request);
        const before = request.query.before ?? null;
        const { entries, next } = await access.audit.page({ subject: null, who: null, since: null, before, limit: 50 });
        const rows = entries.map(
          (row) =>
            html`<tr>
              <td>${at(row.at, zone)}</td>
              <td>${row.who}</td>
              <td>${row.act}</td>
              <td>${row.outcome}</td>
              <td>${row.from}</td>
            </tr>`,
        );
        return {
          html: page(
            'Who looked',
            viewer,
            html`<h1>Who looked, and who did</h1>
              <div class="card wide" tabindex="0" role="region" aria-label="The audit">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">When</th>
                      <th scope="col">Who</th>
                      <th scope="col">What</th>
                      <th scope="col">Outcome</th>
                      <th scope="col">From</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${rows}
                  </tbody>
                </table>
              </div>
              ${next === null ? null : html`<a class="button quiet" href="/desk/audit?before=${next}">Earlier</a>`}`,
          ),
        };
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

/** What is shown in place of a page that can't be. */
export const problemPage = (viewer: Viewer | null, { detail, status }: Problem): string =>
  page(
    'That did not work',
    viewer,
    html`${viewer === null ? null : searchBox(viewer)}
    ${notice(status === 404 ? 'Nothing was found' : 'That did not work', detail)}`,
  );
