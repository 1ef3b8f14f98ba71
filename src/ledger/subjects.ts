import type { LedgerDatabase } from './ports.js';
import { SUBJECT_COLUMNS, summaryOf, type SubjectRow } from './stories.js';
import type { SubjectSummary } from './story.js';

export interface SubjectsQuery {
  readonly of: 'kit' | 'order';
  /** Only those for whom a human is asked. */
  readonly attention: boolean;
  readonly open: boolean;
  /** The last subject of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** A page of kits or orders in the order of their names. */
export async function listSubjects(database: LedgerDatabase, query: SubjectsQuery): Promise<SubjectSummary[]> {
  const rows = await database.query<SubjectRow>(
    `select ${SUBJECT_COLUMNS} from subjects s
     where s.subject > $1 and s.subject < $2 ${query.attention ? 'and s.needs_attention is not null' : ''}
       ${query.open ? 'and s.closed_at is null' : ''}
     order by s.subject limit $3`,
    [query.after ?? `${query.of}:`, `${query.of};`, query.limit],
  );
  return rows.map(summaryOf);
}

/** The journeys that have not ended: those that a lost Temporal must be given again. */
export async function openSubjects(database: LedgerDatabase): Promise<string[]> {
  const rows = await database.query<{ subject: string }>(
    `select subject from subjects where closed_at is null order by subject`,
  );
  return rows.map(({ subject }) => subject);
}

export async function oneSubject(
  database: LedgerDatabase,
  subject: string,
): Promise<(SubjectSummary & { readonly erased: boolean }) | null> {
  const [row] = await database.query<SubjectRow & { erased: boolean }>(
    `select ${SUBJECT_COLUMNS}, s.erased_at is not null as erased from subjects s where s.subject = $1`,
    [subject],
  );
  return row === undefined ? null : { ...summaryOf(row), erased: row.erased };
}
