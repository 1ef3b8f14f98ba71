import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AuditRow } from '../access/audit.js';
import { USER_NAME } from '../domain/roles.js';
import { kitSubject, orderSubject, shownHash } from '../domain/subjects.js';
import { beginOf, day, left } from './days.js';
import { html, type Html } from './html.js';
import { titledPage } from './page.js';
import type { DeskPorts, Page } from './ports.js';
import { at } from './sentence.js';
import { viewerOf } from './session.js';
import { REASONS, VALUES } from './unmask-routes.js';

const AT_ONCE = 50;

const asked = z.object({
  whose: z.preprocess(left, z.string().trim().toUpperCase().max(90).optional()),
  who: z.preprocess(left, z.string().trim().regex(USER_NAME, 'must be the name of a user').optional()),
  since: day,
  before: z.preprocess(left, z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional()),
});
type Asked = z.output<typeof asked>;

/** Who looked and who did: about whom, by whom, since when. */
export function auditRoutes({ ledger, audit, zone }: DeskPorts): FastifyPluginCallbackZod {
  /** A kit or an order: what people are given has either. */
  async function subjectOf(name: string): Promise<string> {
    return (await ledger.summaryOf(orderSubject(name))) === null ? kitSubject(name) : orderSubject(name);
  }

  return (app, _options, done) => {
    app.get(
      '/desk/audit',
      { config: { needs: 'audit', audited: 'audit' }, schema: { hide: true, querystring: asked } },
      async (request): Promise<Page> => {
        const { whose, who, since, before } = request.query;
        const { entries, next } = await audit.page({
          subject: whose === undefined ? null : await subjectOf(whose),
          who: who ?? null,
          since: since === undefined ? null : beginOf(since, zone).toMillis(),
          before: before ?? null,
          limit: AT_ONCE,
        });
        return {
          html: titledPage(
            'Who looked, and who did',
            viewerOf(request),
            html`${filters(request.query)}
            ${entries.length === 0 ? html`<p>Nothing is written about that.</p>` : table(entries, zone)}
            ${next === null ? null : html`<a class="button quiet" href="${pageOf({ ...request.query, before: next })}">Earlier</a>`}`,
          ),
        };
      },
    );
    done();
  };
}

function pageOf(query: Asked): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return `/desk/audit?${new URLSearchParams(given).toString()}`;
}

const filters = ({ whose = '', who = '', since = '' }: Asked): Html =>
  html`<form class="card filters" method="get" action="/desk/audit">
    <div>
      <label for="whose">About this kit or order</label>
      <input id="whose" type="text" name="whose" value="${whose}" maxlength="90" autocomplete="off" />
    </div>
    <div>
      <label for="who">By this user</label>
      <input id="who" type="text" name="who" value="${who}" maxlength="64" autocomplete="off" autocapitalize="none" />
    </div>
    <div>
      <label for="since">Since</label>
      <input id="since" type="date" name="since" value="${since}" />
    </div>
    <button>Show</button>
  </form>`;

const table = (entries: readonly AuditRow[], zone: string): Html =>
  html`<div class="card wide" tabindex="0" role="region" aria-label="The audit">
    <table>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">About</th>
          <th scope="col">Outcome</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        ${entries.map((row) => line(row, zone))}
      </tbody>
    </table>
  </div>`;

function line({ at: when, who, role, via, act, about, outcome, from, reason }: AuditRow, zone: string): Html {
  const how = [role, via === null ? null : `by ${via}`].filter((part) => part !== null).join(', ');
  return html`<tr>
    <td>${at(when, zone)}</td>
    <td>${who} <span class="muted">${how}</span></td>
    <td>${act}${reason === null ? null : html` <span class="muted">${reasonAloud(reason)}</span>`}</td>
    <td>${about === null ? null : shownHash(about)}</td>
    <td>${outcome}</td>
    <td>${from}</td>
  </tr>`;
}

/** `address:complaint DSR-1234`, in words. */
function reasonAloud(written: string): string {
  const [codes = '', number] = written.split(' ');
  const words = codes.split(':').map((code) => WORDS[code] ?? code);
  return [...words, ...(number === undefined ? [] : [number])].join('; ');
}

const WORDS: Readonly<Record<string, string>> = { ...VALUES, ...REASONS };
