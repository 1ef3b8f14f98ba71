/**
 * Breaks words into lines of at most `width` characters; a word that is longer is cut. What a mail server said may hold
 * anything: nothing that steers a terminal gets through.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .split(/[\s\p{Cc}\p{Cf}]+/u)
    .filter(Boolean)
    .flatMap((one) => cut(one, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

const cut = (word: string, width: number): string[] =>
  word.length <= width ? [word] : [word.slice(0, width), ...cut(word.slice(width), width)];

export interface Column {
  readonly width: number;
  readonly paint?: (text: string) => string;
}

/** One row of a table without lines: every cell is wrapped inside its column. */
export function rowOf(columns: readonly Column[], cells: readonly string[], indent = 2): string[] {
  const wrapped = columns.map(({ width }, at) => wrap(cells[at] ?? '', width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from(
    { length: height },
    (_, line) =>
      ' '.repeat(indent) +
      columns
        .map(({ width, paint = (text) => text }, at) => paint((wrapped[at]?.[line] ?? '').padEnd(width)))
        .join('  ')
        .trimEnd(),
  );
}

/** To the minute, in UTC: support agents and logs then speak of the same time. */
export const minute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
