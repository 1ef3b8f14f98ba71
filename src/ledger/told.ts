import { isOrder, kitSubject, nameOf, orderSubject, STAFF } from '../domain/subjects.js';
import { sql, type Queryable } from '../database/sql.js';
import type { Sealing } from '../sealing/sealing.js';
import { answerAbout, type SubjectAnswer, type SubjectAnswers } from './answer.js';

/** Of an address that stands at more subjects than this only the latest are told. */
const MOST_SUBJECTS = 100;

/**
 * Was this patient told, what, when, and if not, why not? Answered from the database alone, so also while Temporal is
 * away. `query`: a barcode, an order number, an email address or a Message-ID; `now`: ms. Null where nothing is known.
 */
export async function tell(
  database: Queryable,
  sealing: Sealing,
  query: string,
  now: number,
): Promise<SubjectAnswer | SubjectAnswers | null> {
  const asked = query.trim();
  if (asked.includes('@')) {
    const written = await subjectOfMessage(database, asked);
    if (written !== null) return answer(written);
    const subjects = await subjectsOfAddress(database, sealing, asked);
    return subjects.length === 0 ? null : { subjects: await answersAbout(subjects) };
  }
  const known = await knownSubject(database, asked);
  return known === null ? null : answer(known);

  async function answer(subject: string): Promise<SubjectAnswer | SubjectAnswers> {
    if (!isOrder(subject)) return answerAbout(database, sealing, subject, now);
    const kits = await database.query<{ barcode: string }>(
      sql`select barcode from links where order_number = ${nameOf(subject)} order by barcode`,
    );
    return { subjects: await answersAbout([subject, ...kits.map(({ barcode }) => kitSubject(barcode))]) };
  }

  async function answersAbout(subjects: readonly string[]): Promise<SubjectAnswer[]> {
    const answers: SubjectAnswer[] = [];
    for (const subject of subjects) answers.push(await answerAbout(database, sealing, subject, now));
    return answers;
  }
}

/** A kit or an order of that name; also one of which only the other half of a link is known. */
async function knownSubject(database: Queryable, asked: string): Promise<string | null> {
  const name = asked.toUpperCase();
  const candidates = asked === STAFF ? [STAFF] : [kitSubject(name), orderSubject(name)];
  const [row] = await database.query<{ subject: string }>(
    sql`select subject from unnest(${candidates}::text[]) as c(subject)
      where exists (select from subjects s where s.subject = c.subject)
        or exists (select from notifications n where n.subject = c.subject)
        or exists (select from links l where 'kit:' || l.barcode = c.subject and l.barcode = ${name})
        or exists (select from links l where 'order:' || l.order_number = c.subject and l.order_number = ${name})
      limit 1`,
  );
  return row?.subject ?? null;
}

async function subjectOfMessage(database: Queryable, asked: string): Promise<string | null> {
  const [row] = await database.query<{ subject: string }>(
    sql`select subject from notifications where message_id = any(${[asked, `<${asked}>`]}::text[])`,
  );
  return row?.subject ?? null;
}

/** Whoever is known under the address, and whoever was written to there. */
async function subjectsOfAddress(database: Queryable, sealing: Sealing, address: string): Promise<readonly string[]> {
  const hashes = sealing.hashes('email', address);
  const rows = await database.query<{ subject: string }>(
    sql`select subject, max(at) as latest from (
        select subject, at from contacts where email_hash = any(${hashes}::bytea[])
        union all
        select subject, decided_at as at from notifications where recipient_hash = any(${hashes}::bytea[])) as found
      group by subject order by latest desc, subject limit ${MOST_SUBJECTS}`,
  );
  return rows.map(({ subject }) => subject);
}
