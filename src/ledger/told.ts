import { isOrder, kitSubject, nameOf, orderSubject, STAFF } from '../domain/subjects.js';
import type { LedgerDatabase, LedgerSealing } from './ports.js';
import { storyOf } from './stories.js';
import type { SubjectAnswers, SubjectAnswer } from './story.js';

/** Of an address that stands at more subjects than this only the latest are told. */
const MOST_SUBJECTS = 100;

/**
 * Was this patient told, what, when, and if not, why not? Answered from the database alone, so also while Temporal is
 * away. `query`: a barcode, an order number, an email address or a Message-ID; `now`: ms. Null where nothing is known.
 */
export async function tell(
  database: LedgerDatabase,
  sealing: LedgerSealing,
  query: string,
  now: number,
): Promise<SubjectAnswer | SubjectAnswers | null> {
  const asked = query.trim();
  if (asked.includes('@')) {
    const written = await subjectOfMessage(database, asked);
    if (written !== null) return answer(written);
    const subjects = await subjectsOfAddress(database, sealing, asked);
    return subjects.length === 0 ? null : { subjects: await stories(subjects) };
  }
  const known = await knownSubject(database, asked);
  return known === null ? null : answer(known);

  async function answer(subject: string): Promise<SubjectAnswer | SubjectAnswers> {
    if (!isOrder(subject)) return storyOf(database, sealing, subject, now);
    const kits = await database.query<{ barcode: string }>(
      'select barcode from links where order_number = $1 order by barcode',
      [nameOf(subject)],
    );
    return { subjects: await stories([subject, ...kits.map(({ barcode }) => kitSubject(barcode))]) };
  }

  async function stories(subjects: readonly string[]): Promise<SubjectAnswer[]> {
    const told: SubjectAnswer[] = [];
    for (const subject of subjects) told.push(await storyOf(database, sealing, subject, now));
    return told;
  }
}

/** A kit or an order of that name; also one of which only the other half of a link is known. */
async function knownSubject(database: LedgerDatabase, asked: string): Promise<string | null> {
  const name = asked.toUpperCase();
  const candidates = asked === STAFF ? [STAFF] : [kitSubject(name), orderSubject(name)];
  const [row] = await database.query<{ subject: string }>(
    `select subject from unnest($1::text[]) as c(subject)
     where exists (select from subjects s where s.subject = c.subject)
       or exists (select from notifications n where n.subject = c.subject)
       or exists (select from links l where 'kit:' || l.barcode = c.subject and l.barcode = $2)
       or exists (select from links l where 'order:' || l.order_number = c.subject and l.order_number = $2)
     limit 1`,
    [candidates, name],
  );
  return row?.subject ?? null;
}

async function subjectOfMessage(database: LedgerDatabase, asked: string): Promise<string | null> {
  const [row] = await database.query<{ subject: string }>(
    'select subject from notifications where message_id = any($1::text[])',
    [[asked, `<${asked}>`]],
  );
  return row?.subject ?? null;
}

/** Whoever is known under the address, and whoever was written to there. */
async function subjectsOfAddress(
  database: LedgerDatabase,
  sealing: LedgerSealing,
  address: string,
): Promise<readonly string[]> {
  const rows = await database.query<{ subject: string }>(
    `select subject, max(at) as latest from (
       select subject, at from contacts where email_hash = any($1::bytea[])
       union all
       select subject, decided_at as at from notifications where recipient_hash = any($1::bytea[])) as found
     group by subject order by latest desc, subject limit $2`,
    [sealing.hashes('email', address), MOST_SUBJECTS],
  );
  return rows.map(({ subject }) => subject);
}
