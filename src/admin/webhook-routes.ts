import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Selection } from '../inbox/webhooks.js';
import { whyUnread } from '../inbox/why-unread.js';
import type { AdminPorts } from './ports.js';
import { ifReplayed, rehearseReplays, replayAll, replayOne, webhooksOfId } from './replays.js';
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
        const [newest, ...older] = await webhooksOfId(webhooks, params.id);
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
        return reply.code(202).send(await replayOne(webhooks, params.id, query.seq));
      },
    );
    done();
  };
}

const selectionOf = ({ since, ...body }: z.output<typeof replaysBody>): Selection => ({
  ...present(body),
  ...(since === undefined ? {} : { since: new Date(since) }),
});

/** Without the filters that were not given. */
const present = <T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
