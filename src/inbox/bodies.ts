import type { Queryable } from '../database/sql.js';

/** So many at a time, so that no commit waits long behind it. */
const AT_ONCE = 500;

/**
 * Deletes the bodies of what came in before `before` (ms; RETENTION_BODIES ago). Facts and dedup keys stay for ever.
 * @returns how many; as many as there can be at once means that there may be more.
 */
export async function expireBodies(database: Queryable, before: number): Promise<{ expired: number; more: boolean }> {
  const rows = await database.query(
    `with old as (
      select dedup from inbox where body_state = 'kept' and received_at < $1 order by received_at limit $2),
    gone as (delete from inbox_bodies b using old where b.dedup = old.dedup)
    update inbox i set body_state = 'expired' from old where i.dedup = old.dedup returning i.seq`,
    [new Date(before), AT_ONCE],
  );
  return { expired: rows.length, more: rows.length === AT_ONCE };
}

/**
 * A webhook may be on its way into the database in the moment in which its subject is erased: its commit doesn't see
 * the tombstone yet. So bodies and contacts of what was erased within the last hour are looked for once more.
 */
export async function sweepErased(database: Queryable): Promise<void> {
  await database.query(
    `with erased as (
      select subject from subjects where erased_at > now() - interval '1 hour'),
    left_behind as (
      select i.seq, i.dedup from erased e join deliveries d using (subject) join inbox i using (seq)
      where i.body_state = 'kept'),
    bodies as (delete from inbox_bodies b using left_behind l where b.dedup = l.dedup),
    people as (delete from contacts c using erased e where c.subject = e.subject)
    update inbox i set body_state = 'erased' from left_behind l where i.seq = l.seq`,
  );
}
