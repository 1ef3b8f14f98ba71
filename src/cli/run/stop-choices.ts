import type { Queryable } from '../../database/sessions.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { StopChoices } from '../../receiver/stop-page.js';
import { TOPICS, type Topic } from '../../terms/vocabulary.js';

/** The stop page's choices, kept as suppressions in the ledger. */
export function createStopChoices(database: Queryable, ledger: Pick<Ledger, 'suppress' | 'lift'>): StopChoices {
  return {
    async stoppedBy(address) {
      const rows = await database.query<{ scope: string }>('select scope from suppressions where email_hash = $1', [
        Buffer.from(address, 'base64url'),
      ]);
      return new Set(TOPICS.filter((topic) => rows.some(({ scope }) => scope === topic)));
    },
    stop: (address, topic: Topic) => ledger.suppress(address, topic, 'link', Date.now()),
    undo: (address, topic: Topic) => ledger.lift(address, topic),
  };
}
