import type { Database } from './database.js';

/** What keeps a database from committing: it doesn't answer, or it answers and takes no writes. */
export type DatabaseFault = 'database' | 'database_read_only';

const FRESH_FOR_MS = 1_000;
const PATIENCE_MS = 3_000;

/**
 * Looks whether webhooks can be committed: at most once a second, once for all who ask at the same moment, and with an
 * answer after 3 s in any case. Empty when they can.
 */
export function createDatabaseCheck(
  database: Pick<Database, 'takesWrites'>,
  clock: () => number = Date.now,
): () => Promise<readonly DatabaseFault[]> {
  let looking: Promise<readonly DatabaseFault[]> | null = null;
  let last: { readonly at: number; readonly faults: readonly DatabaseFault[] } | null = null;

  async function look(): Promise<readonly DatabaseFault[]> {
    const faults = await database.takesWrites().then(
      (takesWrites): DatabaseFault[] => (takesWrites ? [] : ['database_read_only']),
      (): DatabaseFault[] => ['database'],
    );
    last = { at: clock(), faults };
    looking = null;
    return faults;
  }

  return async () => {
    if (last !== null && clock() - last.at < FRESH_FOR_MS) return last.faults;
    looking ??= look();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<readonly DatabaseFault[]>((resolve) => {
      timer = setTimeout(() => {
        resolve(['database']);
      }, PATIENCE_MS);
    });
    return await Promise.race([looking, late]).finally(() => {
      clearTimeout(timer);
    });
  };
}
