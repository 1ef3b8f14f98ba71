import type { Logger } from 'pino';
import type { Database } from '../database/database.js';
import { SECOND } from '../domain/durations.js';
import { keepHouse } from '../inbox/housekeeping.js';
import type { Erasing } from '../privacy/erase.js';
import { errorLabel } from './logger.js';
import { repeatedly, type Repeated } from './repeatedly.js';

const LOOK_EVERY_MS = 2 * SECOND;

/** Does what PGlite needs from time to time; null: PostgreSQL looks after itself. */
export const startHousekeeping = (database: Database, load: () => number): Repeated | null =>
  database.kind === 'pglite' ? repeatedly(LOOK_EVERY_MS, () => keepHouse(database, load)) : null;

/** Goes on with erasures that wait: an email was leaving, or a process died in between. */
export function startErasureSweep(erasing: Pick<Erasing, 'resume'>, logger: Pick<Logger, 'info'>): Repeated {
  return repeatedly(LOOK_EVERY_MS, async () => {
    try {
      const subjects = await erasing.resume();
      if (subjects > 0) logger.info({ subjects }, 'an erasure that waited is done');
    } catch (error) {
      logger.info({ error: errorLabel(error) }, 'an erasure waits');
    }
  });
}
