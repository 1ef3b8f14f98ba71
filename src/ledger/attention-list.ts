import { EVENTS, eventsThatShow } from '../domain/events.js';
import { RESULTS_KINDS } from '../domain/kinds.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import { COLUMNS, summaryOf, type SubjectRow, type SubjectSummary } from './subjects.js';

/** Where a page ends: those about results come first, of these the oldest, and of those that are as old the first by name. */
export interface AttentionPlace {
  readonly results: boolean;
  /** ms since the epoch */
  readonly since: number;
  readonly subject: string;
}

/** Somebody who needs a human: a kit, an order or the team. */
export interface NeedsAttention extends SubjectSummary {
  readonly place: AttentionPlace;
}

export interface AttentionPage {
  readonly subjects: readonly NeedsAttention[];
  /** How many come before this page, and how many there are in all. */
  readonly before: number;
  readonly all: number;
  /** Whether more come after it. */
  readonly more: boolean;
}

export interface AttentionQuery {
  /** The place of the last one of the page before. */
  readonly after: AttentionPlace | null;
  readonly limit: number;
}

/** A page of all who need a human, the most pressing first. */
export async function listAttention(database: Queryable, { after, limit }: AttentionQuery): Promise<AttentionPage> {
  const rows = await database.query<Row>(attentionPage({ after, limit: limit + 1 }));
  const [counted] = await database.query<Pick<AttentionPage, 'all' | 'before'>>(attentionCount(after));
  const subjects = rows.slice(0, limit).map((row) => ({
    ...summaryOf(row),
    place: { results: !row.is_later, since: row.since.getTime(), subject: row.subject },
  }));
  return { subjects, ...(counted ?? { all: 0, before: 0 }), more: rows.length > limit };
}

type Row = SubjectRow & { readonly since: Date; readonly is_later: boolean };

/** SQL of a page. It reads those who need a human, and nobody else. */
export const attentionPage = ({ after, limit }: AttentionQuery): Sql =>
  sql`select ${COLUMNS}, s.since, ${IS_LATER} as is_later from subjects s
    where s.needs_attention is not null ${after === null ? sql`` : sql`and ${PLACE} > ${placed(after)}`}
    order by ${IS_LATER}, s.since, s.subject limit ${limit}::int`;

/** SQL that counts them: in all, and up to a place. */
export const attentionCount = (after: AttentionPlace | null): Sql =>
  sql`select count(*) as all, ${after === null ? sql`0` : sql`count(*) filter (where ${PLACE} <= ${placed(after)})`} as before
    from subjects s where s.needs_attention is not null`;

/** The states of a kit whose results are there. */
const WITH_RESULTS: readonly string[] = eventsThatShow('results').flatMap((event) => EVENTS[event].kitState ?? []);

/** SQL: whether it is about no results. */
const IS_LATER = sql`not (coalesce(s.state = any(${WITH_RESULTS}::text[]), false)
  or exists (select from jsonb_array_elements(s.attention) as need where need ->> 'kind' = any(${RESULTS_KINDS}::text[])))`;
const PLACE = sql`(${IS_LATER}, s.since, s.subject)`;
const placed = ({ results, since, subject }: AttentionPlace): Sql =>
  sql`(${!results}::boolean, ${new Date(since)}::timestamptz, ${subject}::text)`;
