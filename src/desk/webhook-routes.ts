import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mayDo } from '../access/identity.js';
import { ifReplayed, isWorthReplaying, replayOne, webhooksOfId } from '../admin/replays.js';
import { Problem } from '../admin/problems.js';
import { webhookParams } from '../admin/schemas.js';
import type { WebhookSummary } from '../inbox/webhooks.js';
import { whyUnread } from '../inbox/why-unread.js';
import { html, type Html } from './html.js';
import { doneByOneself, doneByOthers } from './meanwhile.js';
import { hidden, titledPage, token, type Viewer } from './page.js';
import { headingOf, pathOf, webhookPathOf } from './places.js';
import type { DeskPorts, Page } from './ports.js';
import { at, spoken } from './sentence.js';
import { viewerOf } from './session.js';
import { fatesOf } from './what-happens.js';

const replayForm = z.object({
  seq: z.coerce.number().int().min(1),
  /** ms since the epoch */
  opened: z.coerce.number().catch(Number.NaN).default(Number.NaN),
  _csrf: z.string().optional(),
});

/** A webhook that can't be read: why, what replaying it would come to, and replaying it. */
export function webhookRoutes(ports: DeskPorts): FastifyPluginCallbackZod {
  const { clock, webhooks, zone } = ports;

  return (app, _options, done) => {
    app.get(
      '/desk/webhooks/:id',
      { config: { needs: 'read', audited: 'webhook' }, schema: { hide: true, params: webhookParams } },
      async (request): Promise<Page> => {
        const viewer = viewerOf(request);
        const found = await webhooksOfId(webhooks, request.params.id);
        const cards: Html[] = [];
        for (const one of found) cards.push(await card(viewer, one));
        return {
          html: titledPage('A webhook', viewer, html`${cards}`),
          subjects: subjectsOf(found),
        };
      },
    );
    app.post(
      '/desk/webhooks/:id/replay',
      {
        config: { needs: 'command', audited: 'replay' },
        schema: { hide: true, params: webhookParams, body: replayForm },
      },
      async (request): Promise<Page> => {
        const [viewer, { id }, { seq, opened }] = [viewerOf(request), request.params, request.body];
        const before = await webhooksOfId(webhooks, id);
        const isLeft = before.some((one) => one.seq === seq && one.status === 'quarantined');
        if (!isLeft) return await replayedBefore(viewer, subjectsOf(before), opened);
        const replayed = await replayOne(webhooks, id, seq);
        const now = await webhooksOfId(webhooks, id);
        const subjects = now.find((one) => 'seq' in replayed && one.seq === replayed.seq)?.subjects ?? [];
        const sentence =
          replayed.outcome === 'known_already'
            ? 'It had been read before, in a repetition: nothing more is to be done.'
            : 'It could be read, and is on its way like one that has just come in.';
        return replayedPage(viewer, subjects, sentence);
      },
    );
    done();
  };

  /** @throws Problem 409 where it was somebody else, or the sender */
  async function replayedBefore(viewer: Viewer, subjects: readonly string[], opened: number): Promise<Page> {
    const others: string[] = [];
    for (const subject of subjects) {
      const meanwhile = { subject, opened, act: 'replay' } as const;
      if (await doneByOneself(ports, viewer, meanwhile))
        return replayedPage(viewer, subjects, 'That was asked before with the same form; it was done once.');
      others.push(...(await doneByOthers(ports, viewer, meanwhile)));
    }
    const sentences = others.length === 0 ? ['It was read meanwhile.'] : [...new Set(others)];
    throw new Problem(409, 'done_meanwhile', `${sentences.join(' ')} There is nothing left to replay.`);
  }

  async function card(viewer: Viewer, webhook: WebhookSummary): Promise<Html> {
    const { id, event, receivedAt, status, reason, subjects, duplicates } = webhook;
    return html`<div class="card">
      <dl>
        <dt>Says</dt>
        <dd>${event === null ? 'not known' : spoken(event)}</dd>
        <dt>Came in</dt>
        <dd>${at(receivedAt.toISOString(), zone)}${duplicates === 0 ? null : html`, ${duplicates + 1} times`}</dd>
        <dt>State</dt>
        <dd>${status === 'quarantined' ? 'in quarantine' : status}</dd>
        ${
          reason === null
            ? null
            : html`<dt>Why it couldn’t be read</dt>
                <dd>${whyUnread(reason)}</dd>`
        }
        <dt>Id</dt>
        <dd>${id}</dd>
      </dl>
      ${aboutWhom(subjects)} ${status === 'quarantined' ? await replay(viewer, webhook) : null}
    </div>`;
  }

  async function replay(viewer: Viewer, webhook: WebhookSummary): Promise<Html> {
    const would = await ifReplayed(ports, webhook);
    if (would === null) return html`<p>A replay changes nothing: it was read meanwhile.</p>`;
    if (!isWorthReplaying(would))
      return html`<h2>If it were replayed now</h2>
        <p>
          ${would.outcome === 'body_expired' ? 'It can’t be: what it said isn’t kept any more.' : 'It still couldn’t be read. The fault is to be mended first, at the lab or here.'}
        </p>`;
    return html`<h2>If it were replayed now</h2>
      <p>
        ${would.outcome === 'known_already' ? 'It would be put away: a repetition of it was read meanwhile.' : html`It would be read as ${spoken(would.event ?? 'something')}${would.why === null ? null : html`, except for a part: ${would.why}`}`}
      </p>
      ${aboutWhom(would.subjects)} ${fatesOf(would.emails, zone)}
      ${
        mayDo(viewer.actor, 'command')
          ? html`<form method="post" action="${webhookPathOf(webhook.id)}/replay">
              ${token(viewer)} ${hidden('seq', String(webhook.seq))} ${hidden('opened', String(clock()))}
              <button>Replay</button>
            </form>`
          : null
      }`;
  }
}

const subjectsOf = (found: readonly WebhookSummary[]): string[] => [
  ...new Set(found.flatMap(({ subjects }) => subjects)),
];

const replayedPage = (viewer: Viewer, subjects: readonly string[], sentence: string): Page => ({
  html: titledPage(
    'Replayed',
    viewer,
    html`<div class="card" role="status"><p class="answer">${sentence}</p></div>
      ${aboutWhom(subjects)}
      <p><a href="/desk/attention">To what needs a human</a></p>`,
  ),
  subjects,
});

const aboutWhom = (subjects: readonly string[]): Html | null =>
  subjects.length === 0
    ? null
    : html`<p>About ${subjects.map((subject) => html`<a href="${pathOf(subject)}">${headingOf(subject)}</a> `)}</p>`;
