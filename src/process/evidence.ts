import type { Logger } from 'pino';
import type { Settings } from '../config.js';
import type { Database } from '../database/database.js';
import { MINUTE } from '../domain/durations.js';
import { publishedKeys, sealHeads, type PublishedKey } from '../evidence/roots.js';
import { signingKey } from '../evidence/signing.js';
import { freshFor } from './fresh.js';
import { errorLabel } from './logger.js';
import { repeatedly } from './repeatedly.js';

/** Whether a root is due is asked so often; it is made once a day. */
const LOOK_EVERY_MS = 10 * MINUTE;

export interface Evidence {
  /** What whoever checks evidence may be told. Asked of the database at most once a minute. */
  keys(): Promise<readonly PublishedKey[]>;
  stop(): Promise<void>;
}

const KEYS_FRESH_MS = MINUTE;

/** Signs a root over all chains once a day, where EVIDENCE_KEY is set, until it is stopped. */
export function startEvidence(
  { evidenceKey }: Pick<Settings, 'evidenceKey'>,
  database: Database,
  logger: Logger,
): Evidence {
  const key = evidenceKey === null ? null : signingKey(evidenceKey);

  async function look(): Promise<void> {
    if (key === null) return;
    try {
      const heads = await sealHeads(database, key, { now: Date.now() });
      if (heads !== null) logger.info({ heads }, 'a root of evidence was signed');
    } catch (error) {
      // Tried again at the next look.
      logger.warn({ error: errorLabel(error) }, 'no root of evidence could be signed');
    }
  }
  const looking = repeatedly(LOOK_EVERY_MS, look, { atOnce: true });
  return {
    keys: freshFor(KEYS_FRESH_MS, () => publishedKeys(database, key)),
    stop: () => looking.stop(),
  };
}
