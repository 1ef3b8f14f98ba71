import type { Logger } from 'pino';
import { createC4hxpClient } from '../c4hxp/api/client.js';
import { createC4hxpQuestions } from '../c4hxp/api/questions.js';
import { createC4hxpWebhooks } from '../c4hxp/webhook/source.js';
import { revealFlags, type Settings } from '../config.js';
import type { PartnerQuestions } from '../domain/partner-questions.js';
import type { WebhookSource } from '../domain/webhook-source.js';
import type { Sealing } from '../sealing/sealing.js';

const API_TIMEOUT_MS = 30_000;

/**
 * Whose webhooks are taken: one line for each lab.
 * @param secrets what C4HXP signs with; none where webhooks are only read again.
 */
export function webhookSources(
  settings: Settings,
  { hash }: Sealing,
  secrets: readonly string[],
): readonly WebhookSource[] {
  const reading = { hash, defaultZone: settings.defaultTimeZone, revealFlags: revealFlags(settings) };
  return [createC4hxpWebhooks({ secrets, ...reading })];
}

/** Whom journeys ask; null where no API is configured. */
export function partnerQuestions(settings: Settings, { hash }: Sealing, logger: Logger): PartnerQuestions | null {
  const { partnerApiUrl: origin, partnerApiKey: apiKey, defaultTimeZone: defaultZone } = settings;
  if (origin === null || apiKey === null) return null;
  const clock = Date.now;
  const client = createC4hxpClient({ origin, apiKey, timeoutMs: API_TIMEOUT_MS, clock, defaultZone });
  return createC4hxpQuestions({ client, hash, revealFlags: revealFlags(settings), clock, logger });
}
