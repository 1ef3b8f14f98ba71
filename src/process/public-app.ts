import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config.js';
import type { Database } from '../database/database.js';
import type { WebhookSource } from '../domain/webhook-source.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Intake } from '../inbox/intake.js';
import { createReceiverApp } from '../receiver/app.js';
import type { Count } from '../receiver/ports.js';
import { mailEvents } from '../receiver/mail-events.js';
import { stopPage } from '../receiver/stop-page.js';
import type { Logger } from 'pino';
import type { Stopping } from './emailing.js';
import { createMailProviders } from './mail-providers.js';
import { createStopChoices } from './stop-choices.js';

export interface PublicAppParts {
  readonly settings: Settings;
  readonly sources: readonly WebhookSource[];
  readonly database: Database;
  readonly intake: Intake;
  readonly ledger: Ledger;
  readonly stopping: Stopping;
  /** What is away though webhooks can be committed. */
  readonly away: () => readonly string[];
  readonly count: Count;
  readonly logger: Logger;
}

/** The app that the world reaches, not listening. */
export function createPublicApp(parts: PublicAppParts): FastifyInstance {
  const { settings, database, intake, ledger, stopping, logger } = parts;
  return createReceiverApp({
    sources: parts.sources,
    keep: (arrival) => intake.keep(arrival),
    figures: () => intake.figures(),
    ready: () => databaseMissing(database),
    degraded: parts.away,
    clock: Date.now,
    allowedIps: settings.c4hxpAllowedIps,
    trustProxy: settings.trustProxy,
    requireHttps: settings.requireHttps,
    pages: [
      async (app: FastifyInstance) => {
        await app.register(stopPage, {
          tokens: stopping.tokens,
          choices: createStopChoices(ledger),
          page: stopping.page,
        });
      },
      async (app: FastifyInstance) => {
        await app.register(mailEvents, {
          providers: createMailProviders(settings),
          ledger,
          keep: (arrival) => intake.keep(arrival),
          clock: Date.now,
          count: (outcome, provider) => {
            parts.count('email_reports', { outcome, provider });
          },
        });
      },
    ],
    count: parts.count,
    log: logger,
  });
}

export async function databaseMissing(database: Database): Promise<string[]> {
  try {
    await database.query('select 1');
    return [];
  } catch {
    return ['database'];
  }
}
