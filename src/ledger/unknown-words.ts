import type { UnknownWord, WordPlace } from '../domain/unknown-words.js';
import { sql, tableOf, type Queryable } from '../database/sql.js';

/** A word that the partner used and no table has, and how often. */
export interface CountedWord extends UnknownWord {
  /** In how many answers. */
  readonly answers: number;
  /** ISO 8601 in UTC */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** However the partner makes up words, so many are kept; what is kept goes on being counted. */
const MOST_WORDS = 500;

/** Counts words of one answer that no table has. `at`: ms. */
export async function countUnknownWords(database: Queryable, words: readonly UnknownWord[], at: number): Promise<void> {
  const met = [...new Map(words.map((one) => [`${one.place} ${one.word ?? ''}`, one])).values()];
  const rows = tableOf('t', met, { place: ['text', ({ place }) => place], word: ['text', ({ word }) => word ?? ''] });
  await database.query(
    sql`insert into unknown_words as w (place, word, answers, first_at, last_at)
      select t.place, t.word, 1, ${new Date(at)}::timestamptz, ${new Date(at)}::timestamptz from ${rows}
      where (select count(*) from unknown_words) < ${MOST_WORDS}::int
        or exists (select from unknown_words k where k.place = t.place and k.word = t.word)
      order by t.place, t.word
      on conflict (place, word) do update set answers = w.answers + 1, last_at = greatest(w.last_at, excluded.last_at)`,
  );
}

/** The words that no table has and that came then or later, those first that came last. */
export async function listUnknownWords(database: Queryable, since = new Date(0)): Promise<CountedWord[]> {
  const rows = await database.query<{ place: WordPlace; word: string; answers: number; firstAt: Date; lastAt: Date }>(
    sql`select place, word, answers, first_at as "firstAt", last_at as "lastAt" from unknown_words
      where last_at >= ${since}::timestamptz order by last_at desc, place, word limit ${MOST_WORDS}::int`,
  );
  return rows.map(({ word, firstAt, lastAt, ...row }) => ({
    ...row,
    word: word === '' ? null : word,
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
  }));
}
