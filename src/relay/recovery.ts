import type { Database } from '../database/database.js';
import { createMeta } from '../database/meta.js';
import { sql, type Queryable } from '../database/sql.js';
import { STAFF, type Subject } from '../domain/subjects.js';
import { staffWaits } from '../ledger/alerts.js';
import { wakeOpenSubjects, wakeSubjects } from '../ledger/subjects.js';
import { stoppedOwners } from '../ledger/heartbeat.js';
import type { Journeys } from './journeys.js';

const NAMESPACE = 'temporal-namespace';

/**
 * A journey that is asleep in a lost store wakes only if somebody starts it: when Temporal's namespace is another one
 * than last time, all are. The new one is remembered when all are woken: until then whoever looks begins again, and finds
 * only those that are left.
 * @returns how many journeys are woken because of that.
 */
export async function noticeLostStore(database: Database, journeys: Journeys): Promise<number> {
  const id = await journeys.namespaceId();
  const meta = createMeta(database);
  if ((await meta.remember(NAMESPACE, id)) === id) return 0;
  const woken = await wakeOpenSubjects(database);
  await meta.replace(NAMESPACE, id);
  return woken;
}

/** How many subjects are looked at in one pass. */
const AT_ONCE = 20;
/** A journey that ends again at once is not started again and again. */
const NOT_AGAIN_FOR_MS = 60 * 60 * 1000;

/**
 * Journeys whose notifications are waiting for somebody, a page of these at a time. `reminder.register` is kept under the
 * order and sent by a kit of it; for the team wait the webhooks that name nobody.
 */
async function findOrphans(database: Queryable, after: string): Promise<{ page: string; subject: Subject }[]> {
  return await database.query(sql`
    with page as (
      select n.subject from notifications n
      where n.status in ('sending', 'deferred') and (n.lease_until is null or n.lease_until < now() or n.owner = any(${stoppedOwners}))
        and n.subject > ${after} and (n.subject like 'kit:%' or n.subject like 'order:%')
      union
      select ${STAFF}::text where ${STAFF}::text > ${after} and ${staffWaits}
      order by 1 limit ${AT_ONCE})
    select distinct p.subject as page, coalesce('kit:' || l.barcode, p.subject) as subject
    from page p
    left join notifications n on n.subject = p.subject and n.status in ('sending', 'deferred')
    left join links l on n.kind = 'reminder.register' and l.order_number = substr(n.subject, 7)
    order by 1, 2`);
}

/** A sweep for emails that wait for a run which is gone, say because it was terminated: each call looks at some. */
export function createOrphanSweep({
  database,
  journeys,
  clock = Date.now,
}: {
  database: Database;
  journeys: Journeys;
  clock?: () => number;
}): () => Promise<number> {
  let cursor = '';
  const wokenAt = new Map<Subject, number>();

  return async () => {
    const rows = await findOrphans(database, cursor);
    const pages = new Set(rows.map(({ page }) => page));
    cursor = pages.size < AT_ONCE ? '' : (rows.at(-1)?.page ?? '');
    for (const [subject, at] of wokenAt) if (clock() - at > NOT_AGAIN_FOR_MS) wokenAt.delete(subject);

    const orphaned: Subject[] = [];
    for (const subject of new Set(rows.map((row) => row.subject)))
      if (!wokenAt.has(subject) && !(await journeys.isRunning(subject))) orphaned.push(subject);
    if (orphaned.length === 0) return 0;
    for (const subject of orphaned) wokenAt.set(subject, clock());
    await wakeSubjects(database, orphaned);
    return orphaned.length;
  };
}
