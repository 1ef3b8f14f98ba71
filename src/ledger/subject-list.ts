import type { AttentionCode } from '../domain/attention.js';
import type { Kind } from '../domain/kinds.js';
import { type KitState, type OrderState, STATES } from '../domain/subjects.js';
import { OUTSTANDING } from '../database/outstanding.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import { COLUMNS, summaryOf, type SubjectRow, type SubjectSummary } from './subjects.js';

/** One line of a list. */
export interface ListedSubject extends SubjectSummary {
  /** ISO 8601 in UTC: since when a human has been asked to look; where none is, since when it has been in its state. */
  readonly since: string;
}

/** Which kits or orders; what is said together must all be so. */
export interface SubjectFilter {
  /** Only those for whom a human is asked; a code: only those who need that, whatever else they need. */
  readonly attention: boolean | AttentionCode;
  /** Only those whose journey has not ended. */
  readonly open: boolean;
  readonly state?: KitState | OrderState | undefined;
  /** Only those whose latest email of this kind waits, failed, came back or got no answer. */
  readonly kind?: Kind | undefined;
  /** Only those that have stood as they do since then, or longer. */
  readonly until?: Date | undefined;
}

/** Where a page ends: the oldest come first, and of those that are as old, the first by name. */
export interface Place {
  /** ms since the epoch */
  readonly since: number;
  readonly subject: string;
}

export interface SubjectsQuery extends SubjectFilter {
  readonly of: 'kit' | 'order';
  /** The last one of the page before. */
  readonly after: Place | null;
  readonly limit: number;
}

/** A page of kits or orders, those first that have stood longest as they do. */
export async function listSubjects(database: Queryable, query: SubjectsQuery): Promise<ListedSubject[]> {
  const rows = await database.query<SubjectRow & { readonly since: Date }>(subjectsPage(query));
  return rows.map((row) => ({ ...summaryOf(row), since: row.since.toISOString() }));
}

const WHAT = sql`split_part(s.subject, ':', 1)`;
const OLDEST_FIRST = sql`order by since, subject`;

/**
 * SQL of a page. Whatever is asked, it begins at an index and reads on from there, so that a page of a table with millions
 * of rows holds up no commit: what needs a human or is open has an index of its own, and so has each state. All of them
 * together are the first of each state, merged.
 */
export function subjectsPage({ of, attention, open, state, kind, until, after, limit }: SubjectsQuery): Sql {
  const conditions = [
    sql`${WHAT} = ${of}::text`,
    ...(attention === false ? [] : [sql`s.needs_attention is not null`]),
    ...(typeof attention === 'string' ? [sql`s.attention @> ${JSON.stringify([{ code: attention }])}::jsonb`] : []),
    ...(open ? [sql`s.closed_at is null`] : []),
    ...(until === undefined ? [] : [sql`s.since <= ${until}::timestamptz`]),
    ...(after === null
      ? []
      : [sql`(s.since, s.subject) > (${new Date(after.since)}::timestamptz, ${after.subject}::text)`]),
    ...(kind === undefined ? [] : [sql`s.subject = any(${withOutstanding(of, kind)})`]),
  ];
  const page = (more: readonly Sql[]): Sql =>
    sql`select ${COLUMNS}, s.since from subjects s where ${sql.join([...conditions, ...more], sql` and `)}
      ${OLDEST_FIRST} limit ${limit}::int`;
  if (state !== undefined) return page([sql`s.state = ${state}::text`]);
  if (attention !== false || open || kind !== undefined) return page([]);
  return sql`select s.* from unnest(${STATES[of]}::text[]) as one(state)
    cross join lateral (${page([sql`s.state = one.state`])}) as s ${OLDEST_FIRST} limit ${limit}::int`;
}

/** SQL: the subjects whose latest email of a kind is outstanding, as an array. An old one that a newer one replaced isn't. */
const withOutstanding = (of: 'kit' | 'order', kind: Kind): Sql =>
  sql`array(select n.subject from notifications n
    where n.kind = ${kind}::text and starts_with(n.subject, ${`${of}:`}) and n.${sql.raw(OUTSTANDING)}
      and not exists (select from notifications later
        where later.subject = n.subject and later.kind = n.kind and later.occurrence > n.occurrence))`;
