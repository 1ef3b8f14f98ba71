import { sql, type Queryable } from '../database/sql.js';

/** Deletes rows of the audit from before `at`, the oldest first. @returns how many. */
export async function deleteOldAudit(database: Queryable, at: Date, limit: number): Promise<number> {
  const rows = await database.query(
    sql`delete from audit where id = any(array(select id from audit where at < ${at} order by at limit ${limit}::int)) returning 1`,
  );
  return rows.length;
}

/** How many rows of the audit are from before `at`; at most `limit` are counted. */
export async function countOldAudit(database: Queryable, at: Date, limit: number): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    sql`select count(*) as n from (select 1 from audit where at < ${at} limit ${limit}::int) as old`,
  );
  return row?.n ?? 0;
}
