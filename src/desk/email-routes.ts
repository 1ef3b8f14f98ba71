import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { Problem } from '../admin/problems.js';
import { KINDS } from '../domain/kinds.js';
import { STATUS_WORDS } from '../domain/words.js';
import { maskAddress } from '../ledger/masks.js';
import { html } from './html.js';
import { titledPage, type Viewer } from './page.js';
import { DOCUMENT_POLICY, FRAMING_POLICY } from './policies.js';
import { byMessageId, emailPathOf, headingOf, pathOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import type { Reconstruction } from './reconstruction.js';
import { at } from './sentence.js';
import { viewerOf } from './session.js';
import { unmaskLink } from './unmask-link.js';

/** What the patient saw: an email of the past, made again and marked as that. */
export function emailRoutes({ reconstruct, zone }: DeskPorts): FastifyPluginCallbackZod {
  async function made(messageId: string): Promise<Reconstruction> {
    const found = await reconstruct(messageId);
    if (found === null) throw new Problem(404, 'not_found', 'No email of ours has this Message-ID.');
    return found;
  }

  return (app, _options, done) => {
    const route = { config: { needs: 'read', audited: 'email' }, schema: { hide: true, params: byMessageId } } as const;
    app.get('/desk/emails/:messageId', route, async (request, reply): Promise<Page> => {
      const found = await made(request.params.messageId);
      if (found.email !== null) reply.header('content-security-policy', FRAMING_POLICY);
      return { html: emailPage(viewerOf(request), found, zone), subjects: [found.sent.subject] };
    });
    app.get('/desk/emails/:messageId/html', route, async (request, reply): Promise<Page> => {
      const { email, sent } = await made(request.params.messageId);
      if (email === null) throw new Problem(404, 'not_found', 'There was no email that a patient could have seen.');
      reply.header('content-security-policy', DOCUMENT_POLICY);
      return { html: email.html, subjects: [sent.subject] };
    });
    done();
  };
}

function emailPage(viewer: Viewer, { sent, email, differs }: Reconstruction, zone: string): string {
  const { title } = KINDS[sent.kind];
  const back = html`<p><a href="${pathOf(sent.subject)}">To the story of ${headingOf(sent.subject)}</a></p>`;
  if (email === null)
    return titledPage(
      `No email to show: ${title}`,
      viewer,
      html`<div class="card"><p class="answer">${whyNone(sent)}</p></div>
        ${back}`,
    );
  return titledPage(
    `What they saw: ${title}`,
    viewer,
    html`<div class="card needs" role="note">
        <h2>A reconstruction</h2>
        <p>
          Made just now from what is stored, with today’s templates and settings. The email itself isn’t kept, so its
          words may have been others. Links lead nowhere and pictures are not loaded here.
        </p>
        ${differs.map((sentence) => html`<p>${sentence}</p>`)}
      </div>
      <dl class="card">
        <dt>Subject</dt>
        <dd>${email.subject}</dd>
        <dt>From</dt>
        <dd>${email.from.name} &lt;${email.from.address}&gt;</dd>
        <dt>To</dt>
        <dd>
          ${sent.to === null ? 'not kept any more' : html`${maskAddress(sent.to)} ${unmaskLink(viewer.actor, sent.messageId, title)}`}
        </dd>
        <dt>Made</dt>
        <dd>${at(new Date(sent.madeAt).toISOString(), zone)}</dd>
        <dt>What became of it</dt>
        <dd>${STATUS_WORDS[sent.status]}</dd>
        <dt>Message-ID</dt>
        <dd>${sent.messageId}</dd>
      </dl>
      <h2>As mail programs show it</h2>
      <iframe sandbox src="${emailPathOf(sent.messageId)}/html" title="The email, reconstructed"></iframe>
      <h2>As plain text</h2>
      <pre class="card" tabindex="0" role="region" aria-label="The email as plain text">${email.text}</pre>
      ${back}`,
  );
}

const whyNone = ({ kind }: Reconstruction['sent']): string =>
  KINDS[kind].decidedBy === null
    ? 'This went to the team, not to a patient.'
    : 'It was never handed to a mail server, so nobody has seen it. The story says what became of it.';
