import type { Queryable } from '../database/sql.js';
import type { Fact } from '../domain/facts.js';
import { priorsOf } from './prior.js';

/** A page of journeys in the order of their subjects. */
export interface PastQuery {
  /** Journeys that were open at this moment or later. */
  readonly since: Date;
  /** The last subject of the page before; null: the first page. */
  readonly after: string | null;
  readonly limit: number;
}

const OPEN_SINCE = `
select subject from subjects
where (closed_at is null or closed_at >= $1) and erased_at is null and subject > $2 order by subject limit $3`;

/** All that each of these journeys was told, as it was delivered. What was erased is not among them. */
export async function pastJourneys(
  database: Queryable,
  { since, after, limit }: PastQuery,
): Promise<{ readonly subject: string; readonly facts: readonly Fact[] }[]> {
  const rows = await database.query<{ subject: string }>(OPEN_SINCE, [since, after ?? '', limit]);
  const subjects = rows.map(({ subject }) => subject);
  const priors = await priorsOf(database, subjects);
  return subjects.map((subject) => ({ subject, facts: priors.get(subject)?.facts ?? [] }));
}
