import type { UnknownWord } from '../domain/unknown-words.js';

/** A word that no table has, in how many answers it stood, and when last (ISO 8601). */
interface Met extends UnknownWord {
  readonly answers: number;
  readonly lastAt: string;
}

const MOST_SAID = 10;

/** Words that no table has, where they stood, in how many answers, and when last: the first ones, and how many more. */
export function saidWords(words: readonly Met[]): string {
  const said = words
    .slice(0, MOST_SAID)
    .map(
      ({ place, word, answers, lastAt }) =>
        `${word ?? 'something that is no plain word'} in ${place} (${String(answers)}×, last ${lastAt.slice(0, 10)})`,
    );
  const more = words.length - said.length;
  return `${said.join(', ')}${more > 0 ? `, and ${String(more)} more` : ''}`;
}
