import type { FastifyReply } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mayDo } from '../access/identity.js';
import { commandsThatApply } from '../admin/ask-command.js';
import { Problem } from '../admin/problems.js';
import type { Action } from '../admin/schemas.js';
import { audienceOf } from '../domain/people.js';
import { nameOf, STAFF, type Subject } from '../domain/subjects.js';
import { greetingName } from '../email/greeting-name.js';
import type { AskedFor, Contact, SubjectAnswer, SubjectAnswers } from '../ledger/ledger.js';
import { maskAddress } from '../ledger/masks.js';
import { html, type Html } from './html.js';
import { notice, page, searchBox, type Viewer } from './page.js';
import { headingOf, pathOf, PLACES, subjectOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import { answerAloud } from './sentence.js';
import { viewerOf } from './session.js';
import { type Address, story } from './story.js';

const NOTHING = new Problem(404, 'not_found', 'Nothing is known under that. Look at how it is spelt.');
const STORY = { needs: 'read', audited: 'told' } as const;
/** Nothing that is known here is longer. */
const LONGEST_TERM = 400;
const searchForm = z.object({
  q: z.string({ error: 'must be one term' }).trim().min(1, 'must be something to look for'),
  _csrf: z.string().optional(),
});

/** Searching, and stories. */
export function lookRoutes(ports: DeskPorts): FastifyPluginCallbackZod {
  const { ledger, zone } = ports;

  async function addressOf(contact: Contact | null): Promise<Address> {
    if (contact === null) return { to: null, stops: new Set() };
    return { to: maskAddress(contact.email), stops: await ledger.scopesOf(contact.email) };
  }

  /** What operators asked for, and to whom a first name may be shown also why: they may have written one. */
  async function askedAbout({ actor }: Viewer, subject: string): Promise<readonly AskedFor[]> {
    const asked = await ledger.askedAbout(subject);
    return mayDo(actor, 'first_name') ? asked : asked.map((one) => ({ ...one, reason: null }));
  }

  /** @param kits an order's */
  async function storyPage(viewer: Viewer, answer: SubjectAnswer, kits: readonly string[]): Promise<Page> {
    const { subject } = answer;
    const contact = subject === STAFF ? null : await ledger.contactFor(subject, audienceOf(subject));
    const told = story(answer, {
      viewer,
      firstName: mayDo(viewer.actor, 'first_name') ? greetingName(contact?.person.firstName ?? null) : null,
      actions: await actionsFor(ports, viewer, subject),
      kits,
      address: await addressOf(contact),
      asked: await askedAbout(viewer, subject),
      zone,
    });
    return {
      html: page(headingOf(subject), viewer, html`${searchBox(viewer)}${awayNotice(ports)}${told}`),
      subjects: [subject],
    };
  }

  /** Of one the story has an address of its own: to go back to, and to load again. */
  async function find(viewer: Viewer, asked: string, reply: FastifyReply): Promise<Page> {
    const found = asked.length > LONGEST_TERM ? null : await ledger.told(asked);
    if (found === null) throw NOTHING;
    const answers = answersIn(found);
    const [only] = answers;
    if (only === undefined || answers.length > 1) return several(viewer, answers, zone);
    reply.code(303).header('location', pathOf(only.subject));
    return { html: '', subjects: [only.subject] };
  }

  /** Of an order alone, too, which is asked about together with its kits. */
  async function show(viewer: Viewer, subject: Subject): Promise<Page> {
    const found = await ledger.told(nameOf(subject));
    const answers = found === null ? [] : answersIn(found);
    const own = answers.find((answer) => answer.subject === subject);
    if (own === undefined) throw NOTHING;
    const kits = answers.map((answer) => answer.subject).filter((other) => other !== subject);
    return await storyPage(viewer, own, kits);
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
            ${awayNotice(ports)}${searchBox(viewer)}${hint}`,
        ),
      };
    });
    app.post(
      '/desk/search',
      {
        config: STORY,
        schema: { hide: true, body: searchForm },
      },
      (request, reply) => find(viewerOf(request), request.body.q, reply),
    );
    for (const [where, params] of PLACES)
      app.get(`/desk/${where}`, { config: STORY, schema: { hide: true, params } }, (request) =>
        show(viewerOf(request), subjectOf(request)),
      );
    app.get('/desk/staff', { config: STORY, schema: { hide: true } }, (request) => show(viewerOf(request), STAFF));
    done();
  };
}

const answersIn = (found: SubjectAnswer | SubjectAnswers): readonly SubjectAnswer[] =>
  'subjects' in found ? found.subjects : [found];

/** What a viewer may do about somebody, and would be taken. */
export const actionsFor = async (ports: DeskPorts, { actor }: Viewer, subject: string): Promise<readonly Action[]> =>
  mayDo(actor, 'command') ? await commandsThatApply(ports, subject as Subject) : [];

function several(viewer: Viewer, answers: readonly SubjectAnswer[], zone: string): Page {
  const cards = answers.map(
    (answer) =>
      html`<li class="card">
        <h2><a href="${pathOf(answer.subject)}">${headingOf(answer.subject)}</a></h2>
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

function awayNotice(ports: DeskPorts): Html | null {
  const away = ports.away();
  return away.length === 0
    ? null
    : html`<div class="card needs" role="status">
        Away just now: ${away.join(', ')}. What stands here is right; what you ask for is kept, and done when it is
        back.
      </div>`;
}

/** What is shown in place of a page that can't be. `sought`: what was looked for, to be looked at and mended. */
export const problemPage = (viewer: Viewer | null, { detail, status }: Problem, sought: string): string =>
  page(
    'That did not work',
    viewer,
    html`${viewer === null ? null : searchBox(viewer, sought.slice(0, LONGEST_TERM))}
    ${notice(status === 404 ? 'Nothing was found' : 'That did not work', detail)}`,
  );
