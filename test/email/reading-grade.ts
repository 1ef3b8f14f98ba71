/**
 * Flesch-Kincaid grade of the sentences of a text; lines that are no sentence (a name, a link, a heading, an address)
 * don't count. Syllables by rule, which is right to some per cent in plain English.
 */
export function readingGrade(text: string): number {
  const sentences = text
    .replace(/https?:\S+|\S+@\S+/g, '')
    .split(/(?<=[.?!])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[.?!]$/.test(sentence) && sentence.includes(' '));
  const words = sentences.flatMap((sentence) => sentence.match(/[a-z’']+/gi) ?? []);
  if (words.length < 20) throw new Error('too little text to measure');
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  return 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59;
}

function syllablesOf(word: string): number {
  const plain = word.toLowerCase().replace(/[^a-z]/g, '');
  if (plain.length <= 3) return 1;
  const spoken = plain.replace(/(?:[^laeiouy]es|[^td]ed|[^laeiouy]e)$/, '').replace(/^y/, '');
  return Math.max(1, spoken.match(/[aeiouy]{1,2}/g)?.length ?? 1);
}
