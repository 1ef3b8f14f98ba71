import { randomUUID } from 'node:crypto';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { askCommand, type CommandBody, rehearseCommand } from '../admin/ask-command.js';
import { Problem } from '../admin/problems.js';
import type { EmailOutlook } from '../admin/outlook.js';
import { type Action, COMMANDS } from '../admin/schemas.js';
import type { Subject } from '../domain/subjects.js';
import { ACTION_TITLES } from './action-titles.js';
import { html, type Html } from './html.js';
import { doneByOthers, meanwhileNotice } from './meanwhile.js';
import { hidden, page, titledPage, token, type Viewer } from './page.js';
import { headingOf, pathOf, PLACES, subjectOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import { viewerOf } from './session.js';
import { fatesOf } from './what-happens.js';

type Fields = Readonly<Record<string, string>>;

/** What goes with the form and not with the command. */
const OF_THE_FORM = ['_csrf', 'key', 'opened'];

const ALL = Object.keys(COMMANDS) as Action[];

/** Where there are commands, and which: the team is no kit. */
const COMMANDED: readonly (readonly [string, z.ZodType, readonly Action[]])[] = [
  ...PLACES.map(([where, params]) => [where, params, ALL] as const),
  ['staff', z.object({}), ['acknowledge']],
];

/** Each command: a form, then what would happen, then doing it; nothing happens before that is confirmed. */
export function commandRoutes(ports: DeskPorts): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    for (const [where, params, actions] of COMMANDED)
      for (const action of actions) {
        const schema = { hide: true, params };
        const path = `/desk/${where}/${action}`;
        app.get(path, { config: { needs: 'command' }, schema }, (request) =>
          form(viewerOf(request), subjectOf(request), action),
        );
        app.post(`${path}/look`, { config: { needs: 'command', audited: 'look' }, schema }, (request) =>
          look(viewerOf(request), subjectOf(request), action, request.body as Fields),
        );
        app.post(path, { config: { needs: 'command', audited: action }, schema }, (request) =>
          carryOut(viewerOf(request), subjectOf(request), action, request.body as Fields),
        );
      }
    done();
  };

  function form(viewer: Viewer, subject: Subject, action: Action): Page {
    const title = `${ACTION_TITLES[action]}: ${headingOf(subject)}`;
    return {
      html: titledPage(
        title,
        viewer,
        html`<form class="card" method="post" action="${pathOf(subject)}/${action}/look">
            ${token(viewer)} ${hidden('opened', String(ports.clock()))} ${fieldsOf(action)}
            <button>See what would happen</button>
          </form>
          <p><a href="${pathOf(subject)}">Back to the story</a></p>`,
      ),
    };
  }

  async function look(viewer: Viewer, subject: Subject, action: Action, fields: Fields): Promise<Page> {
    const body = bodyOf(viewer, action, fields);
    const emails = await rehearseCommand(ports, subject, action, body);
    const others = await doneByOthers(ports, viewer, { subject, opened: Number(fields['opened']) });
    const kept = Object.entries(fields).filter(([name]) => !OF_THE_FORM.includes(name));
    const title = `${ACTION_TITLES[action]}: ${headingOf(subject)}`;
    return {
      html: titledPage(
        title,
        viewer,
        html`${meanwhileNotice(others)}
          <div class="card">
            <h2>This will happen</h2>
            ${whatHappens(action, body, emails, ports.zone)}
            <form method="post" action="${pathOf(subject)}/${action}">
              ${token(viewer)} ${hidden('key', randomUUID())} ${hidden('opened', String(ports.clock()))}
              ${kept.map(([name, value]) => hidden(name, value))}
              <button>${ACTION_TITLES[action]}</button>
            </form>
          </div>
          <p><a href="${pathOf(subject)}">Back to the story, and do nothing</a></p>`,
      ),
      subjects: [subject],
    };
  }

  async function carryOut(viewer: Viewer, subject: Subject, action: Action, fields: Fields): Promise<Page> {
    const body = bodyOf(viewer, action, fields);
    const others = await doneByOthers(ports, viewer, { subject, opened: Number(fields['opened']) });
    const title = `${ACTION_TITLES[action]}: ${headingOf(subject)}`;
    if (others.length > 0)
      throw new Problem(409, 'done_meanwhile', `${others.join(' ')} Look at the story, then decide anew.`);
    const accepted = await askCommand(ports, subject, action, body, { 'idempotency-key': fields['key'] ?? '' });
    const away = ports.away();
    const sentence = accepted.repeated
      ? 'That was asked before with the same form; it was done once.'
      : away.length === 0
        ? 'It is on its way; the story shows what becomes of it in a moment.'
        : `It is kept, and done when ${away.join(', ')} is back.`;
    return {
      html: page(
        title,
        viewer,
        html`<h1>Asked: ${title}</h1>
          <div class="card" role="status"><p class="answer">${sentence}</p></div>
          <p><a class="button" href="${pathOf(subject)}">To the story</a></p>`,
      ),
      subjects: [subject],
    };
  }
}

/** As the API takes it, by whoever is signed in. @throws Problem 400 */
function bodyOf({ actor }: Viewer, action: Action, fields: Fields): CommandBody {
  const given = Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => !OF_THE_FORM.includes(name) && value !== '')
      .map(([name, value]) => [name, name === 'lift' || name === 'resend' ? value === 'on' : value]),
  );
  const read = COMMANDS[action].safeParse({ ...given, by: actor.name });
  if (read.success) return read.data;
  const faults = read.error.issues.map(
    ({ path, message }) => `${LABELS[path.join('.')] ?? path.join('.')}: ${message}`,
  );
  throw new Problem(400, 'invalid_request', `${faults.join('; ')}. Go back: what you wrote is still there.`);
}

/** What a field is called in its form. */
const LABELS: Readonly<Record<string, string>> = {
  reason: 'Why',
  email: 'The right address',
  firstName: 'First name',
};

function fieldsOf(action: Action): Html {
  const required = action === 'skip' || action === 'acknowledge';
  const reason = html`<label for="reason"
      >Why ${required ? null : html`<span class="hint">may be left out</span>`}</label
    ><input id="reason" type="text" name="reason" maxlength="500" ${required ? html`required minlength="3"` : null} />`;
  if (action === 'retry')
    return html`${reason}<label class="tick"
        ><input type="checkbox" name="lift" /> Also to an address that bounced or whose owner stopped all email</label
      >`;
  if (action !== 'correct-contact') return reason;
  return html`<label for="email">The right address</label
    ><input id="email" type="email" name="email" required maxlength="400" autocomplete="off" />
    <label for="firstName">First name <span class="hint">only where it is not known whose address it is</span></label
    ><input id="firstName" type="text" name="firstName" maxlength="100" autocomplete="off" />
    <label class="tick"><input type="checkbox" name="resend" /> Also send again what went to the former address</label>
    ${reason}`;
}

const ALWAYS: Partial<Record<Action, (body: CommandBody) => string>> = {
  acknowledge: () => 'It is no longer shown as needing a human, until something new comes up.',
  'opt-out': () =>
    'No email at all goes to this patient’s address any more, results included, whatever kit or order it is about.',
  skip: () => 'What waits or has failed is sent no more: the patient is told another way.',
  'correct-contact': ({ email = '', firstName }) =>
    `From now on emails go to ${email}${firstName === undefined ? '' : `, and greet ${firstName}`}. Compare it letter by letter.`,
};

const whatHappens = (action: Action, body: CommandBody, emails: readonly EmailOutlook[], zone: string): Html => {
  const always = ALWAYS[action]?.(body);
  if (always === undefined) return fatesOf(emails, zone);
  return html`<p>${always}</p>
    ${emails.length === 0 && action !== 'correct-contact' ? null : fatesOf(emails, zone)}`;
};
