/** The place that a page keeps for what a run wrote, between two comments. */
export interface Place {
  readonly begin: string;
  readonly end: string;
}

/** `text` with `written` in its place. @throws where the page keeps none. */
export function putInto(text: string, { begin, end }: Place, written: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error('there is no place for what was measured');
  return `${text.slice(0, from + begin.length)}\n\n${written}\n\n${text.slice(to)}`;
}
