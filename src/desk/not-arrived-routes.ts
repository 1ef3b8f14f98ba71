import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { KINDS } from '../domain/kinds.js';
import { REASON_WORDS } from '../domain/words.js';
import type { NotArrived } from '../ledger/ledger.js';
import { FATES, type Fate } from '../ledger/not-arrived.js';
import { beginOf, day, left } from './days.js';
import { html, type Html } from './html.js';
import { titledPage } from './page.js';
import { headingOf, pathOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import { at } from './sentence.js';
import { viewerOf } from './session.js';

const AT_ONCE = 50;
/** Without a day the list begins so many days ago. */
const USUAL_DAYS = 7;

const FATE_WORDS: Readonly<Record<Fate, string>> = {
  bounced: 'came back',
  complained: 'reported as spam',
  failed: 'refused at once',
};

const asked = z.object({
  fate: z.preprocess(left, z.enum(FATES, 'must be one of the list').optional()),
  since: day,
  until: day,
  after: z
    .string()
    .regex(/^\d{1,14}\.[in]\d{1,18}$/, 'must be what the page before leads to')
    .optional(),
});
type Asked = z.output<typeof asked>;

/** What came back, was reported as spam or refused: which emails, when, and whether somebody still has to look. */
export function notArrivedRoutes({ ledger, clock, zone }: DeskPorts): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/desk/came-back',
      { config: { needs: 'read', audited: 'list' }, schema: { hide: true, querystring: asked } },
      async (request): Promise<Page> => {
        const { fate, until, after } = request.query;
        const today = DateTime.fromMillis(clock(), { zone });
        const since = request.query.since ?? today.minus({ days: USUAL_DAYS }).toISODate() ?? '';
        const query = { ...request.query, since };
        const { emails, more } = await ledger.listNotArrived({
          fate: fate ?? null,
          since: beginOf(since, zone).toMillis(),
          until: (until === undefined ? today : beginOf(until, zone)).plus({ days: 1 }).startOf('day').toMillis(),
          after: after === undefined ? null : placeOf(after),
          limit: AT_ONCE,
        });
        const last = emails.at(-1);
        return {
          html: titledPage(
            'What came back',
            viewerOf(request),
            html`${filters(query)}
              ${
                emails.length === 0
                  ? html`<div class="card">
                      <p class="answer">No email did${after === undefined ? '' : ' before that'}.</p>
                    </div>`
                  : html`<div class="card">
                      <ol class="time">
                        ${emails.map((email) => line(email, zone))}
                      </ol>
                    </div>`
              }
              ${more && last !== undefined ? html`<a class="button quiet" href="${pageOf({ ...query, after: `${String(last.at)}.${last.key}` })}">Earlier</a>` : null}
              <p class="muted">Times are those of ${zone}: when we heard of it.</p>`,
          ),
        };
      },
    );
    done();
  };
}

function line({ subject, kind, fate, reason, at: when, needsHuman }: NotArrived, zone: string): Html {
  const iso = new Date(when).toISOString();
  return html`<li class="out">
    <time datetime="${iso}">${at(iso, zone)}</time>
    <a href="${pathOf(subject)}">${headingOf(subject)}</a>: ${KINDS[kind].title}
    <div class="muted">
      ${FATE_WORDS[fate]}${fate === 'complained' ? null : `: ${REASON_WORDS[reason]}`}.
      ${needsHuman ? html`<strong>Needs a human.</strong>` : 'Nobody needs to look any more.'}
    </div>
  </li>`;
}

const filters = ({ fate, since = '', until = '' }: Asked): Html =>
  html`<form class="card filters" method="get" action="/desk/came-back">
    <div>
      <label for="fate">What became of it</label>
      <select id="fate" name="fate">
        <option value="">all of these</option>
        ${FATES.map((one) =>
          one === fate
            ? html`<option value="${one}" selected>${FATE_WORDS[one]}</option>`
            : html`<option value="${one}">${FATE_WORDS[one]}</option>`,
        )}
      </select>
    </div>
    <div>
      <label for="since">Since</label>
      <input id="since" type="date" name="since" value="${since}" />
    </div>
    <div>
      <label for="until">Until, if not today</label>
      <input id="until" type="date" name="until" value="${until}" />
    </div>
    <button>Show</button>
  </form>`;

function pageOf(query: Asked): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
  return `/desk/came-back?${new URLSearchParams(given).toString()}`;
}

function placeOf(cursor: string): Pick<NotArrived, 'at' | 'key'> {
  const [ms = '', key = ''] = cursor.split('.');
  return { at: Number(ms), key };
}
