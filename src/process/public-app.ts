import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config.js';
import { TOPICS } from '../domain/kinds.js';
import type { WebhookSource } from '../domain/arrivals.js';
import { createPostmark } from '../email/providers/postmark.js';
import type { MailProvider } from '../email/providers/provider.js';
import { createFetchText, createSes } from '../email/providers/ses.js';
import type { PublishedKey } from '../evidence/roots.js';
import type { Intake } from '../inbox/intake.js';
import type { Ledger } from '../ledger/ledger.js';
import { createReceiverApp } from '../receiver/app.js';
import type { Bodies } from '../receiver/bodies.js';
import { mailEvents } from '../receiver/mail-events.js';
import type { Count, ReceiverLog, Shortcomings } from '../receiver/ports.js';
import { publishedKeys } from '../receiver/published-keys.js';
import { type StopChoices, stopPage } from '../receiver/stop-page.js';
import type { StopLinks } from './emailing.js';

export interface PublicAppParts {
  readonly settings: Settings;
  readonly sources: readonly WebhookSource[];
  readonly intake: Intake;
  readonly bodies: Bodies;
  readonly ledger: Ledger;
  readonly stopLinks: StopLinks;
  /** The public keys that evidence is signed with. */
  readonly evidenceKeys: () => Promise<readonly PublishedKey[]>;
  /** What is missing before webhooks can be committed. */
  readonly ready: Shortcomings;
  /** What is away though they can. */
  readonly away: Shortcomings;
  readonly count: Count;
  readonly log: ReceiverLog;
}

/** The app that the world reaches, not listening. */
export function createPublicApp(parts: PublicAppParts): FastifyInstance {
  const { settings, intake, bodies, ledger, stopLinks } = parts;
  return createReceiverApp({
    sources: parts.sources,
    keep: (arrival) => intake.keep(arrival),
    figures: () => intake.figures(),
    ready: parts.ready,
    degraded: parts.away,
    limits: () => intake.limits(),
    bodies,
    clock: Date.now,
    allowedIps: settings.c4hxpAllowedIps,
    trustProxy: settings.trustProxy,
    requireHttps: settings.requireHttps,
    pages: [
      async (app: FastifyInstance) => {
        await app.register(publishedKeys, { keys: parts.evidenceKeys });
      },
      async (app: FastifyInstance) => {
        await app.register(stopPage, {
          bodies,
          tokens: stopLinks.tokens,
          choices: createStopChoices(ledger),
          page: stopLinks.page,
        });
      },
      async (app: FastifyInstance) => {
        await app.register(mailEvents, {
          bodies,
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
    log: parts.log,
  });
}

/** The mail providers whose reports are believed: those that settings name. */
function createMailProviders({
  emailEventsSesTopics: topics,
  emailEventsPostmark: postmark,
}: Pick<Settings, 'emailEventsSesTopics' | 'emailEventsPostmark'>): MailProvider[] {
  const providers: MailProvider[] = [];
  if (topics.length > 0) providers.push(createSes({ topics, fetchText: createFetchText(), clock: Date.now }));
  if (postmark !== null) providers.push(createPostmark(postmark));
  return providers;
}

/** The stop page's choices, kept as suppressions in the ledger. */
function createStopChoices(ledger: Pick<Ledger, 'scopesOfHash' | 'suppress' | 'lift'>): StopChoices {
  return {
    async stoppedBy(address) {
      const scopes = await ledger.scopesOfHash(address);
      return new Set(TOPICS.filter((topic) => scopes.has(topic)));
    },
    stop: (address, topic) => ledger.suppress(address, topic, 'link', Date.now()),
    undo: (address, topic) => ledger.lift(address, topic),
  };
}
