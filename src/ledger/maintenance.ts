import { sql, type Queryable } from '../database/sql.js';

/** The partner's maintenance window that is open at a moment. */
export interface MaintenanceWindow {
  /** When to look again: its announced end, or the longest that one without an end is believed. */
  readonly until: Date;
}

/** A window whose completion never comes, and that named no end, ends by itself. */
const LONGEST_HOURS = 12;

/**
 * The window that is open at `now` (ms); null when the partner can be called. An announcement opens a window from its
 * start (or, without one, from its own time) to its end; a completion ends every window that began before it. Whatever
 * the order in which they came.
 */
export async function maintenanceAt(database: Queryable, now: number): Promise<MaintenanceWindow | null> {
  const at = sql`${new Date(now)}::timestamptz`;
  const [row] = await database.query<{ until: Date | null }>(sql`
    with windows as (
      select coalesce(m.starts_at, m.at) as starts,
        coalesce(m.ends_at, coalesce(m.starts_at, m.at) + make_interval(hours => ${LONGEST_HOURS})) as ends
      from maintenance m where not m.over)
    select max(w.ends) as until from windows w
    where w.starts <= ${at} and w.ends > ${at}
      and not exists (select from maintenance c where c.over and c.at >= w.starts and c.at <= ${at})`);
  return row?.until == null ? null : { until: row.until };
}
