/**
 * One spelling for `In Lab`, `in-lab`, `inLab` and `kit.in_lab`: what is left of a word for comparing it. Case, accents,
 * blanks, dashes, dots and whatever else stands between letters don't count.
 */
export const lettersOf = (value: string): string =>
  value
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');

/** A word as it is shown to whoever keeps the tables: small letters and underscores. */
export const wordOf = (value: string): string => tokensOf(value).join('_');

/** The parts of a word or a sentence, in small letters. Capitals inside a word begin a new part (`shippedToLab`). */
export const tokensOf = (value: string): string[] =>
  value
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu}\p{Ll})/gu, ' ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '');

/**
 * Where a word is from: the partner's reference and webhook pages; its OpenAPI; or what labs and carriers elsewhere say,
 * which is expected here and was not seen yet.
 */
export type Source = 'page' | 'openapi' | 'general';

/** A row of a table of words: what they mean, where they are from, and the words, separated by commas. */
export type Row<Meaning> = readonly [means: Meaning, from: Source, words: string];

/** A closed list of words. */
export interface Words<Meaning> {
  /** What a word means, however it is spelled; undefined when the list doesn't know it. */
  readonly of: (value: string) => Meaning | undefined;
  /** Every word as the table has it. */
  readonly all: ReadonlyMap<string, Meaning>;
}

/** @throws at the start, where a table gives one word two meanings. */
export function words<const Meaning>(rows: readonly Row<Meaning>[]): Words<Meaning> {
  const all = new Map<string, Meaning>();
  const meanings = new Map<string, Meaning>();
  for (const [means, , list] of rows)
    for (const word of list.split(',').map((one) => one.trim())) {
      const letters = lettersOf(word);
      if (meanings.has(letters) && meanings.get(letters) !== means) throw new Error(`${word} has two meanings`);
      meanings.set(letters, means);
      all.set(word, means);
    }
  return { of: (value) => meanings.get(lettersOf(value)), all };
}
