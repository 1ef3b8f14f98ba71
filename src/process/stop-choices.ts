import { TOPICS } from '../domain/kinds.js';
import type { Ledger } from '../ledger/ledger.js';
import type { StopChoices } from '../receiver/stop-page.js';

/** The stop page's choices, kept as suppressions in the ledger. */
export function createStopChoices(ledger: Pick<Ledger, 'scopesOfHash' | 'suppress' | 'lift'>): StopChoices {
  return {
    async stoppedBy(address) {
      const scopes = await ledger.scopesOfHash(address);
      return new Set(TOPICS.filter((topic) => scopes.has(topic)));
    },
    stop: (address, topic) => ledger.suppress(address, topic, 'link', Date.now()),
    undo: (address, topic) => ledger.lift(address, topic),
  };
}
