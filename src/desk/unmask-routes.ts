import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from '../admin/problems.js';
import { audienceOf } from '../domain/people.js';
import { isKit, nameOf, type Subject } from '../domain/subjects.js';
import { html } from './html.js';
import { titledPage, token, type Viewer } from './page.js';
import { headingOf, pathOf, PLACES, subjectOf } from './places.js';
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

export const VALUES = { name: 'The name', address: 'The email address' } as const;

/** Seconds that a value is shown. */
const SHOWN_FOR = 60;

const unmaskForm = z.object({
  value: z.enum(Object.keys(VALUES) as (keyof typeof VALUES)[], 'choose what to show'),
  reason: z.enum(Object.keys(REASONS) as (keyof typeof REASONS)[], 'choose a reason'),
  case: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^([A-Z]{0,12}[-#/]?\d[\d/-]{0,20})?$/, 'must be a number such as DSR-1234, or empty')
    .default(''),
  _csrf: z.string().optional(),
});

/** One value of a patient, for a reason, for a minute. It is in no URL, and shown only once it is written who saw it. */
export function unmaskRoutes({ ledger }: DeskPorts): FastifyPluginCallbackZod {
  const form = (viewer: Viewer, subject: Subject): Page => ({
    html: titledPage(
      `Unmask: ${headingOf(subject)}`,
      viewer,
      html`<form class="card" method="post" action="${pathOf(subject)}/unmask">
          ${token(viewer)}
          <p>One value is shown for ${SHOWN_FOR} seconds. That you saw it, and why, is written down.</p>
          <label for="value">What</label>
          <select id="value" name="value">
            ${Object.entries(VALUES).map(([value, words]) => html`<option value="${value}">${words}</option>`)}
          </select>
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

  async function unmasked(subject: Subject, value: keyof typeof VALUES): Promise<string> {
    const contact = await ledger.contactFor(subject, audienceOf(subject));
    if (contact === null) throw new Problem(409, 'no_contact', 'No address is known here, and nobody by it.');
    if (value === 'address') return contact.email;
    const name = [contact.person.firstName, contact.person.lastName].filter((part) => part !== null).join(' ');
    if (name === '') throw new Problem(409, 'no_name', 'No name is known here.');
    return name;
  }

  return (app, _options, done) => {
    for (const [where, params] of PLACES) {
      const path = `/desk/${where}/unmask`;
      app.get(path, { config: { needs: 'unmask' }, schema: { hide: true, params } }, (request) =>
        form(viewerOf(request), subjectOf(request)),
      );
      app.post(
        path,
        { config: { needs: 'unmask', audited: 'unmask' }, schema: { hide: true, params, body: unmaskForm } },
        async (request, reply): Promise<Page> => {
          const { value, reason, case: number } = request.body;
          const subject = subjectOf(request);
          const shown = await unmasked(subject, value);
          const whose = isKit(subject) ? `kit ${nameOf(subject)}’s patient` : `order ${nameOf(subject)}’s recipient`;
          reply.header('refresh', `${String(SHOWN_FOR)};url=${pathOf(subject)}`);
          return {
            html: titledPage(
              `${VALUES[value]} of ${whose}`,
              viewerOf(request),
              html`<div class="card"><p class="answer">${shown}</p></div>
                <p role="status">It goes away by itself after ${SHOWN_FOR} seconds. That you saw it is written down.</p>
                <p><a class="button" href="${pathOf(subject)}">Put it away</a></p>`,
            ),
            subjects: [subject],
            lookedBecause: [`${value}:${reason}`, number].join(' ').trim(),
          };
        },
      );
    }
    done();
  };
}
