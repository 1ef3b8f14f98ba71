import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from '../admin/problems.js';
import { audienceOf } from '../domain/people.js';
import { KINDS } from '../domain/kinds.js';
import { isKit, nameOf, type Subject } from '../domain/subjects.js';
import type { SentEmail } from '../ledger/ledger.js';
import { html, type Html } from './html.js';
import { titledPage, token, type Viewer } from './page.js';
import { byMessageId, emailPathOf, headingOf, pathOf, PLACES, subjectOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import { viewerOf } from './session.js';

/** Why somebody looks behind the mask: a closed set, for it stands in the audit, which holds nothing of a patient. */
export const REASONS = {
  asked_by_patient: 'The patient asks what is known of them',
  identity_check: 'To see whether somebody is who they say',
  wrong_address: 'An email may have gone to somebody else',
  complaint: 'A complaint',
  authority: 'A court or an authority asks',
  fault: 'To mend a fault in our systems',
} as const;

/** What may be seen of the person that a kit or an order is about. */
const OF_PERSON = { name: 'The name', address: 'The email address' } as const;

/** All that may be seen, one at a time, by what the audit calls it. */
export const VALUES = { ...OF_PERSON, recipient: 'Where an email went' } as const;

/** Seconds that a value is shown. */
const SHOWN_FOR = 60;

const why = {
  reason: z.enum(Object.keys(REASONS) as (keyof typeof REASONS)[], 'choose a reason'),
  case: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^([A-Z]{0,12}[-#/]?\d[\d/-]{0,20})?$/, 'must be a number such as DSR-1234, or empty')
    .default(''),
  _csrf: z.string().optional(),
};
const emailForm = z.object(why);
const personForm = z.object({
  value: z.enum(Object.keys(OF_PERSON) as (keyof typeof OF_PERSON)[], 'choose what to show'),
  ...why,
});
type Why = z.output<typeof emailForm>;

/** One value of a patient, for a reason, for a minute. It is in no URL, and shown only once it is written who saw it. */
export function unmaskRoutes({ ledger }: DeskPorts): FastifyPluginCallbackZod {
  async function ofPerson(subject: Subject, value: keyof typeof OF_PERSON): Promise<string> {
    const contact = await ledger.contactFor(subject, audienceOf(subject));
    if (contact === null) throw new Problem(409, 'no_contact', 'No address is known here, and nobody by it.');
    if (value === 'address') return contact.email;
    const name = [contact.person.firstName, contact.person.lastName].filter((part) => part !== null).join(' ');
    if (name === '') throw new Problem(409, 'no_name', 'No name is known here.');
    return name;
  }

  async function emailOf(messageId: string): Promise<SentEmail> {
    const found = await ledger.sentEmail(messageId);
    if (found === null) throw new Problem(404, 'not_found', 'No email of ours has this Message-ID.');
    return found;
  }

  return (app, _options, done) => {
    for (const [where, params] of PLACES) {
      const path = `/desk/${where}/unmask`;
      app.get(path, { config: { needs: 'unmask' }, schema: { hide: true, params } }, (request) => {
        const subject = subjectOf(request);
        const choice = html`<label for="value">What</label>
          <select id="value" name="value">
            ${Object.entries(OF_PERSON).map(([value, words]) => html`<option value="${value}">${words}</option>`)}
          </select>`;
        return form(viewerOf(request), {
          title: `Unmask: ${headingOf(subject)}`,
          path: pathOf(subject),
          subject,
          choice,
        });
      });
      app.post(
        path,
        { config: AUDITED, schema: { hide: true, params, body: personForm } },
        async (request, reply): Promise<Page> => {
          const { value } = request.body;
          const subject = subjectOf(request);
          const shown = await ofPerson(subject, value);
          const whose = isKit(subject) ? `kit ${nameOf(subject)}’s patient` : `order ${nameOf(subject)}’s recipient`;
          reply.header('refresh', `${String(SHOWN_FOR)};url=${pathOf(subject)}`);
          const title = `${VALUES[value]} of ${whose}`;
          return unmasked(viewerOf(request), { title, shown, subject, because: because(value, request.body) });
        },
      );
    }

    const path = '/desk/emails/:messageId/unmask';
    app.get(
      path,
      { config: { needs: 'unmask' }, schema: { hide: true, params: byMessageId } },
      async (request): Promise<Page> => {
        const { subject, kind, messageId } = await emailOf(request.params.messageId);
        const title = `Unmask: where “${KINDS[kind].title}” went`;
        return form(viewerOf(request), { title, path: emailPathOf(messageId), subject, choice: null });
      },
    );
    app.post(
      path,
      { config: AUDITED, schema: { hide: true, params: byMessageId, body: emailForm } },
      async (request, reply): Promise<Page> => {
        const { subject, kind, to } = await emailOf(request.params.messageId);
        if (to === null) throw new Problem(409, 'no_address', 'Where this email went isn’t kept, or it never went.');
        reply.header('refresh', `${String(SHOWN_FOR)};url=${pathOf(subject)}`);
        return unmasked(viewerOf(request), {
          title: `Where “${KINDS[kind].title}” of ${headingOf(subject)} went`,
          shown: to,
          subject,
          because: because('recipient', request.body),
        });
      },
    );
    done();
  };
}

const AUDITED = { needs: 'unmask', audited: 'unmask' } as const;

/** As it stands in the audit. */
const because = (value: keyof typeof VALUES, { reason, case: number }: Why): string =>
  [`${value}:${reason}`, number].join(' ').trim();

interface Form {
  readonly title: string;
  /** Of what is unmasked: its form is sent below it. */
  readonly path: string;
  readonly subject: string;
  /** Where more than one value may be asked for. */
  readonly choice: Html | null;
}

const form = (viewer: Viewer, { title, path, subject, choice }: Form): Page => ({
  html: titledPage(
    title,
    viewer,
    html`<form class="card" method="post" action="${path}/unmask">
        ${token(viewer)}
        <p>One value is shown for ${SHOWN_FOR} seconds. That you saw it, and why, is written down.</p>
        ${choice}
        <label for="reason">Why</label>
        <select id="reason" name="reason" required>
          <option value="">Choose a reason</option>
          ${Object.entries(REASONS).map(([reason, words]) => html`<option value="${reason}">${words}</option>`)}
        </select>
        <label for="case">Number of the case <span class="hint">such as DSR-1234; may be left out</span></label>
        <input id="case" type="text" name="case" maxlength="40" autocomplete="off" />
        <button>Show for ${SHOWN_FOR} seconds</button>
      </form>
      <p><a href="${pathOf(subject)}">Back to the story</a></p>`,
  ),
});

interface Unmasked {
  readonly title: string;
  readonly shown: string;
  readonly subject: string;
  readonly because: string;
}

const unmasked = (viewer: Viewer, { title, shown, subject, because: lookedBecause }: Unmasked): Page => ({
  html: titledPage(
    title,
    viewer,
    html`<div class="card"><p class="answer">${shown}</p></div>
      <p role="status">It goes away by itself after ${SHOWN_FOR} seconds. That you saw it is written down.</p>
      <p><a class="button" href="${pathOf(subject)}">Put it away</a></p>`,
  ),
  subjects: [subject],
  lookedBecause,
});
