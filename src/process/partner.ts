import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { createC4hxpClient } from '../c4hxp/api/client.js';
import { createC4hxpQuestions } from '../c4hxp/api/questions.js';
import { createC4hxpWebhooks } from '../c4hxp/webhook/source.js';
import { revealFlags, type Settings } from '../config.js';
import type { Database } from '../database/database.js';
import type { PartnerQuestions } from '../domain/partner-questions.js';
import type { WebhookSource } from '../domain/arrivals.js';
import type { UnknownWord, WordPlace } from '../domain/unknown-words.js';
import { createPartnerCalls } from '../ledger/partner-calls.js';
import { countUnknownWords } from '../ledger/unknown-words.js';
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

export interface PartnerQuestionsParts {
  readonly settings: Settings;
  readonly sealing: Sealing;
  readonly database: Database;
  readonly logger: Logger;
  readonly count: PartnerCount;
}

/** Counts one more of something; labels come from closed sets. */
export type PartnerCount = (name: 'partner_unknown_words', labels: { readonly place: WordPlace }) => void;

/** Whom journeys ask; null where no API is configured. */
export function partnerQuestions(parts: PartnerQuestionsParts): PartnerQuestions | null {
  const { settings, database, logger, count } = parts;
  const { hash } = parts.sealing;
  const { partnerApiUrl: origin, partnerApiKey: apiKey, defaultTimeZone: defaultZone } = settings;
  if (origin === null || apiKey === null) return null;
  const clock = Date.now;
  const calls = createPartnerCalls({ database, account: accountOf(apiKey), longestCallMs: API_TIMEOUT_MS });
  const client = createC4hxpClient({ origin, apiKey, timeoutMs: API_TIMEOUT_MS, clock, defaultZone, calls });
  const onUnknownWords = (words: readonly UnknownWord[]): void => {
    for (const { place } of words) count('partner_unknown_words', { place });
    // The answer counts all the same; a human is asked by its fact.
    countUnknownWords(database, words, clock()).catch(() => {
      logger.warn({}, 'words that are not known could not be counted');
    });
  };
  return createC4hxpQuestions({ client, hash, revealFlags: revealFlags(settings), clock, logger, onUnknownWords });
}

/** The key's id, which is no secret, without its secret: a rotated one is asked with the limits of its own. */
const accountOf = (apiKey: string): Buffer =>
  createHash('sha256')
    .update(apiKey.split(':', 1)[0] ?? '')
    .digest();
