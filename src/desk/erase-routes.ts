import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { Problem } from '../admin/problems.js';
import { erasureParams } from '../admin/schemas.js';
import { isKit, nameOf, type Subject } from '../domain/subjects.js';
import { certificatePage } from '../privacy/certificate-page.js';
import { STAYS, type Certificate } from '../privacy/certificate.js';
import type { WouldErase } from '../privacy/erase.js';
import { html, type Html } from './html.js';
import { titledPage, token, type Viewer } from './page.js';
import { DOCUMENT_POLICY, FRAMING_POLICY } from './policies.js';
import { headingOf, pathOf, PLACES, subjectOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import { at } from './sentence.js';
import { viewerOf } from './session.js';
import { fatesOf } from './what-happens.js';

const NOBODY = new Problem(404, 'not_found', 'Nobody is known under that.');

/** Forgetting a patient: what that would come to, doing it, and the certificate of it. */
export function eraseRoutes({ erasing, outlook, zone }: DeskPorts): FastifyPluginCallbackZod {
  async function confirmation(viewer: Viewer, subject: Subject): Promise<Page> {
    const foreseen = await erasing.foresee({ subject });
    if (foreseen === null) throw NOBODY;
    if ('certificate' in foreseen) return certified(viewer, subject, foreseen.certificate, zone);
    const title = `Forget ${isKit(subject) ? 'the patient of kit' : 'the recipient of order'} ${nameOf(subject)}`;
    return {
      html: titledPage(
        title,
        viewer,
        html`<div class="card needs" role="note"><p>Nobody can undo it.</p></div>
          ${whatGoes(foreseen)}
          <div class="card">
            <h2>What becomes of emails</h2>
            ${fatesOf(await outlook(foreseen.arrivals), zone)}
          </div>
          ${STAYING} ${others(foreseen.stillKnown)}
          <form class="card" method="post" action="${pathOf(subject)}/erase">
            ${token(viewer)}
            <p>You, ${viewer.actor.name}, stand in the certificate as who asked for it.</p>
            <button>Forget for good</button>
          </form>
          <p><a href="${pathOf(subject)}">Back to the story, and do nothing</a></p>`,
      ),
      subjects: [subject],
    };
  }

  return (app, _options, done) => {
    for (const [where, params] of PLACES) {
      const schema = { hide: true, params };
      const path = `/desk/${where}/erase`;
      app.get(path, { config: { needs: 'erase', audited: 'look' }, schema }, (request, reply) => {
        reply.header('content-security-policy', FRAMING_POLICY);
        return confirmation(viewerOf(request), subjectOf(request));
      });
      app.post(path, { config: { needs: 'erase', audited: 'erase' }, schema }, async (request, reply) => {
        const [viewer, subject] = [viewerOf(request), subjectOf(request)];
        const certificate = await erasing.erase({ subject }, viewer.actor.name);
        if (certificate === null) throw NOBODY;
        reply.header('content-security-policy', FRAMING_POLICY);
        return certified(viewer, subject, certificate, zone);
      });
    }
    app.get(
      '/desk/erasures/:id',
      { config: { needs: 'audit', audited: 'certificate' }, schema: { hide: true, params: erasureParams } },
      async (request, reply): Promise<Page> => {
        const certificate = await erasing.certificate(request.params.id);
        if (certificate === null) throw new Problem(404, 'not_found', 'There is no such certificate.');
        reply.header('content-security-policy', DOCUMENT_POLICY);
        return { html: certificatePage(certificate) };
      },
    );
    done();
  };
}

const whatGoes = ({ erased, beingSent }: WouldErase): Html => {
  const some = erased.filter(({ count }) => count > 0);
  return html`<div class="card">
    <h2>This goes for good</h2>
    ${
      some.length === 0
        ? html`<p>
            ${beingSent.length === 0 ? 'Nothing is kept of anybody. From now on nothing will be, either.' : 'How much it is shows when the email is through.'}
          </p>`
        : html`<ul>
            ${some.map(({ what, count }) => html`<li>${count} ${what}</li>`)}
          </ul>`
    }
    ${
      beingSent.length === 0
        ? null
        : html`<p role="status">
            An email is leaving at this moment. It can’t be called back, and is waited for: nothing new is kept or sent
            from the click on, and the rest goes by itself as soon as that email has an answer, in two minutes at the
            latest.
          </p>`
    }
  </div>`;
};

const STAYING: Html = html`<div class="card">
  <h2>This stays, and why</h2>
  <dl>
    ${STAYS.map(
      ({ what, why }) =>
        html`<dt>${what}</dt>
          <dd>${why}</dd>`,
    )}
  </dl>
</div>`;

const others = (stillKnown: Certificate['stillKnown']): Html | null =>
  stillKnown.length === 0
    ? null
    : html`<div class="card">
        <h2>Not part of this</h2>
        <p>
          Of the same story somebody stays known, another person or the same one:
          ${stillKnown.map((subject) => html`<a href="${pathOf(subject)}">${headingOf(subject)}</a> `)} Forget them by
          their own page.
        </p>
      </div>`;

function certified(viewer: Viewer, subject: Subject, certificate: Certificate, zone: string): Page {
  const { id, state, askedAt, doneAt, by, repeated, stillKnown } = certificate;
  const who = by === null ? '' : ` by ${by}`;
  const answer =
    state === 'done'
      ? `${repeated ? 'Already forgotten' : 'Forgotten'} ${at(doneAt ?? askedAt, zone)}, asked for${who} ${at(askedAt, zone)}.`
      : `Asked for${who} ${at(askedAt, zone)}. An email was leaving at that moment and is waited for; nothing new is kept or sent. Load this page again to see the end.`;
  return {
    html: titledPage(
      `${headingOf(subject)}: ${state === 'done' ? 'forgotten' : 'being forgotten'}`,
      viewer,
      html`<div class="card" role="status"><p class="answer">${answer}</p></div>
        ${others(stillKnown)}
        <div class="row">
          <a class="button" href="/desk/erasures/${id}">The certificate, to print</a>
          <a class="button quiet" href="${pathOf(subject)}/erase">Look again</a>
          <a class="button quiet" href="${pathOf(subject)}">To the story</a>
        </div>
        <h2>The certificate</h2>
        <iframe sandbox src="/desk/erasures/${id}" title="The certificate of erasure"></iframe>`,
    ),
    subjects: [subject],
  };
}
