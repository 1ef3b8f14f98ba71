import { randomUUID } from 'node:crypto';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readKey } from './ask-command.js';
import { askSelected, type BulkCommand, type BulkPorts, rehearseSelected } from './bulk.js';
import { BULK_ACTIONS, type BulkAction, bulkBody } from './schemas.js';
import { askerOf } from './tokens.js';

const SUMMARIES: Readonly<Record<BulkAction, string>> = {
  retry: 'Try again what failed or came back, of all that are selected',
  skip: 'Send this no more, of all that are selected: they are told another way',
  release: 'Send what is held for review or too late, of all that are selected',
  acknowledge: 'A human has dealt with all that these are shown to need',
};

interface BulkRoutesOptions extends BulkPorts {
  /** How many may be asked in one request. */
  readonly atOnce: () => number;
}

/** Commands over a selection of kits or of orders, a page at a time, and what each would come to. */
export function bulkRoutes(ports: BulkRoutesOptions): FastifyPluginCallbackZod {
  const commandOf = (
    of: 'kit' | 'order',
    action: BulkAction,
    request: FastifyRequest<{ Body: z.output<ReturnType<typeof bulkBody>> }>,
  ): BulkCommand => {
    const { by: named, reason, limit, ...selection } = request.body;
    return {
      of,
      action,
      by: askerOf(request, named),
      reason,
      selection: { ...selection, limit: Math.min(limit, ports.atOnce()) },
    };
  };

  return (app, _options, done) => {
    for (const what of ['kit', 'order'] as const)
      for (const action of BULK_ACTIONS) {
        const body = bulkBody(what, action);
        app.post(
          `/admin/${what}s/${action}`,
          { config: { needs: 'command', audited: action }, schema: { body, summary: SUMMARIES[action] } },
          (request) => {
            const run = readKey(request.headers) ?? `op_${randomUUID()}`;
            return askSelected(ports, commandOf(what, action, request), run);
          },
        );
        app.post(
          `/admin/${what}s/rehearse-${action}`,
          {
            config: { needs: 'read', audited: 'rehearse' },
            schema: { body, summary: `Which emails would go, wait or not be sent by it (${action}). Nothing is sent` },
          },
          (request) => rehearseSelected(ports, commandOf(what, action, request)),
        );
      }
    done();
  };
}
