import type { Logger } from 'pino';
import type { Settings } from '../config.js';
import type { Database } from '../database/database.js';
import { publishedKeys, sealHeads, type PublishedKey } from '../evidence/roots.js';
import { signingKey } from '../evidence/signing.js';
import { errorLabel } from './logger.js';

/** Whether a root is due is asked so often; it is made once a day. */
const LOOK_EVERY_MS = 10 * 60_000;

export interface Evidence {
  /** What whoever checks evidence may be told. Asked of the database at most once a minute. */
  keys(): Promise<readonly PublishedKey[]>;
  stop(): Promise<void>;
}

const KEYS_FRESH_MS = 60_000;

/** Signs a root over all chains once a day, where EVIDENCE_KEY is set, until it is stopped. */
export function startEvidence(
  { evidenceKey }: Pick<Settings, 'evidenceKey'>,
  database: Database,
  logger: Logger,
): Evidence {
  const key = evidenceKey === null ? null : signingKey(evidenceKey);
  let busy: Promise<void> | null = null;
  let known: { readonly at: number; readonly keys: Promise<readonly PublishedKey[]> } | null = null;

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
  const lookNow = (): void => {
    busy ??= look().finally(() => {
      busy = null;
    });
  };
  // At once too: of a process that is restarted often none would ever come to its first look.
  lookNow();
  const timer = setInterval(lookNow, LOOK_EVERY_MS).unref();

  return {
    keys() {
      if (known === null || Date.now() - known.at > KEYS_FRESH_MS)
        known = { at: Date.now(), keys: publishedKeys(database, key) };
      known.keys.catch(() => {
        known = null;
      });
      return known.keys;
    },
    async stop() {
      clearInterval(timer);
      await busy;
    },
  };
}
