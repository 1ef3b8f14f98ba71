import type { Fact, Prior } from '../domain/facts.js';
import { STAFF } from '../domain/subjects.js';
import { sql, type Queryable } from '../database/sql.js';
import { deliveredFacts } from './deliveries.js';
import { statesConcerning } from './notifications.js';

/** What a new run of each subject is told: what was delivered before, and what became of every notification. */
export async function priorsOf(database: Queryable, subjects: readonly string[]): Promise<Map<string, Prior>> {
  if (subjects.length === 0) return new Map();
  // The notifications second: a fact that is missing comes again, an email that is missing would be sent again.
  const delivered = await deliveredFacts(database, subjects);
  const states = await statesConcerning(database, subjects);
  return new Map(delivered.map(({ subject, facts }) => [subject, { facts, notifications: states.get(subject) ?? [] }]));
}

/** The same for one subject; empty when nothing is known of it. */
export async function priorOf(database: Queryable, subject: string): Promise<Prior> {
  return (await priorsOf(database, [subject])).get(subject) ?? { facts: [], notifications: [] };
}

/** A page of journeys in the order of their subjects. */
export interface HistoryQuery {
  /** Journeys that were open at this moment or later. */
  readonly since: Date;
  /** The last subject of the page before; null: the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** All that each of these journeys was told, as it was delivered. What was erased, and the team's, is not among them. */
export async function journeyHistories(
  database: Queryable,
  { since, after, limit }: HistoryQuery,
): Promise<readonly { readonly subject: string; readonly facts: readonly Fact[] }[]> {
  const rows = await database.query<{ subject: string }>(
    sql`select subject from subjects
      where (closed_at is null or closed_at >= ${since}) and erased_at is null and subject > ${after ?? ''}
        and subject <> ${STAFF}
      order by subject limit ${limit}`,
  );
  return await deliveredFacts(
    database,
    rows.map(({ subject }) => subject),
  );
}
