import type { Database } from '../database/database.js';
import type { Journeys } from './journeys.js';
import type { Subject } from '../domain/subjects.js';

const NAMESPACE = 'temporal-namespace';

/**
 * Asks for every open journey to be started again (or, if it runs after all, only signalled); the relay does so, a
 * round at a time, and a crash in between forgets none.
 * @returns how many.
 */
export async function rebuild(database: Pick<Database, 'query'>): Promise<number> {
  const [row] = await database.query<{ woken: number }>(
    `with woken as (
      update subjects s set wake_at = now() where s.subject in (
        select o.subject from subjects o where o.closed_at is null
          and exists (select from deliveries d where d.subject = o.subject and d.relayed_at is not null)
        order by o.subject for update)
      returning 1)
    select count(*) as woken from woken`,
  );
  return row?.woken ?? 0;
}

/**
 * A journey that is asleep in a lost store wakes only if somebody starts it: when Temporal's namespace is another one
 * than last time, all are. Of several relays one sees it first.
 * @returns how many journeys are woken because of that.
 */
export async function noticeLostStore(database: Database, journeys: Journeys): Promise<number> {
  const id = await journeys.namespaceId();
  return await database.transaction(async (tx) => {
    await tx.query('insert into meta (key, value) values ($1, $2) on conflict (key) do nothing', [NAMESPACE, id]);
    const changed = await tx.query('update meta set value = $2 where key = $1 and value <> $2 returning key', [
      NAMESPACE,
      id,
    ]);
    return changed.length === 0 ? 0 : await rebuild({ query: tx.query.bind(tx) });
  });
}

/** How many subjects are looked at in one pass. */
const AT_ONCE = 20;
/** A journey that ends again at once is not started again and again. */
const NOT_AGAIN_FOR_MS = 60 * 60 * 1000;

/**
 * Notifications that are waiting for somebody, a page at a time in order of subject. `reminder.register` is kept under
 * the order and sent by a kit of it.
 */
const ORPHANS = `
with page as (
  select distinct n.subject from notifications n
  where n.status in ('sending', 'deferred') and (n.lease_until is null or n.lease_until < now()) and n.subject > $1
    and (n.subject like 'kit:%' or n.subject like 'order:%')
  order by n.subject limit $2)
select distinct p.subject as page, coalesce('kit:' || l.barcode, n.subject) as subject
from page p
join notifications n on n.subject = p.subject and n.status in ('sending', 'deferred')
left join links l on n.kind = 'reminder.register' and n.subject = 'order:' || l.order_number
order by 1, 2`;

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
    const rows = await database.query<{ page: string; subject: Subject }>(ORPHANS, [cursor, AT_ONCE]);
    const pages = new Set(rows.map(({ page }) => page));
    cursor = pages.size < AT_ONCE ? '' : (rows.at(-1)?.page ?? '');
    for (const [subject, at] of wokenAt) if (clock() - at > NOT_AGAIN_FOR_MS) wokenAt.delete(subject);

    const orphaned: Subject[] = [];
    for (const subject of new Set(rows.map((row) => row.subject)))
      if (!wokenAt.has(subject) && !(await journeys.isRunning(subject))) orphaned.push(subject);
    if (orphaned.length === 0) return 0;
    for (const subject of orphaned) wokenAt.set(subject, clock());
    await database.query('update subjects set wake_at = now() where subject = any($1) and erased_at is null', [
      orphaned.sort(),
    ]);
    return orphaned.length;
  };
}
