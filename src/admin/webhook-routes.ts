import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Selection, WebhookSummary } from '../inbox/webhooks.js';
import { whyUnread } from '../inbox/why-unread.js';
import type { AdminPorts, Webhooks } from './ports.js';
import { Problem } from './problems.js';
import { ifReplayed, rehearseReplays, replayAll } from './replays.js';
import { replaysBody, replayQuery, scorecardQuery, webhookParams, webhooksQuery } from './schemas.js';

/** What came in, and again through the way. */
export function webhookRoutes(ports: Pick<AdminPorts, 'webhooks' | 'outlook' | 'ledger'>): FastifyPluginCallbackZod {
  const { webhooks, ledger } = ports;
  return (app, _options, done) => {
    app.get(
      '/admin/webhooks',
      {
        config: { needs: 'read', audited: 'list' },
        schema: { querystring: webhooksQuery, summary: 'What came in, newest first' },
      },
      ({ query }) => webhooks.list(present(query)),
    );
    app.get(
      '/admin/webhooks/:id',
      {
        config: { needs: 'read', audited: 'webhook' },
        schema: {
          params: webhookParams,
          summary: 'One webhook: why it could not be read, and what a replay would come to. Nothing is sent',
        },
      },
      async ({ params }) => {
        const [newest, ...older] = await found(webhooks, params.id);
        const { reason, subjects, id, receivedAt } = newest;
        const called = await ledger.alerts.firstCall('unreadable_webhook', [...subjects, id], receivedAt.getTime());
        return {
          ...newest,
          why: whyUnread(reason),
          staffCalledAt: called,
          ifReplayed: await ifReplayed(ports, newest),
          older,
        };
      },
    );
    app.get(
      '/admin/scorecard',
      {
        config: { needs: 'read' },
        schema: { querystring: scorecardQuery, summary: 'What the partner’s webhooks were like' },
      },
      ({ query: { since } }) => webhooks.scorecard(since === undefined ? null : new Date(since)),
    );
    app.post(
      '/admin/webhooks/rehearse-replay',
      {
        config: { needs: 'read', audited: 'rehearse' },
        schema: {
          body: replaysBody,
          summary: 'Which emails would go, wait or not be sent if these in quarantine were replayed. Nothing is sent',
        },
      },
      ({ body }) => rehearseReplays(ports, selectionOf(body)),
    );
    app.post(
      '/admin/webhooks/replay',
      {
        config: { needs: 'command', audited: 'replay' },
        schema: { body: replaysBody, summary: 'These in quarantine through the way again; again finds what is left' },
      },
      ({ body }) => replayAll(ports, selectionOf(body)),
    );
    app.post(
      '/admin/webhooks/:id/replay',
      {
        config: { needs: 'command', audited: 'replay' },
        schema: { params: webhookParams, querystring: replayQuery, summary: 'Through the way again' },
      },
      async ({ params, query }, reply) => {
        const all = await found(webhooks, params.id);
        const meant = query.seq === undefined ? all[0] : all.find(({ seq }) => seq === query.seq);
        if (meant === undefined) throw new Problem(404, 'not_found', 'There is no such webhook under that id.');
        return reply.code(202).send({ id: meant.id, ...(await replay(webhooks, meant.seq)) });
      },
    );
    done();
  };
}

const selectionOf = ({ since, ...body }: z.output<typeof replaysBody>): Selection => ({
  ...present(body),
  ...(since === undefined ? {} : { since: new Date(since) }),
});

async function found(webhooks: Webhooks, id: string): Promise<[WebhookSummary, ...WebhookSummary[]]> {
  const [newest, ...older] = await webhooks.show(id);
  if (newest === undefined) throw new Problem(404, 'not_found', 'There is no webhook with that id.');
  return [newest, ...older];
}

async function replay(webhooks: Webhooks, seq: number): Promise<object> {
  const replayed = await webhooks.replay(seq);
  switch (replayed.outcome) {
    case 'accepted':
    case 'known_already':
      return replayed;
    case 'still_quarantined':
      throw new Problem(409, 'still_quarantined', `It still can’t be read: ${replayed.reason ?? 'unknown'}.`);
    case 'body_expired':
      throw new Problem(410, 'body_expired', 'Its body is not kept any more.');
    case 'not_found':
      throw new Problem(404, 'not_found', 'There is no such webhook.');
  }
}

/** Without the filters that were not given. */
const present = <T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
