import type { KeyedHash } from '../../domain/arrivals.js';

/**
 * Notices a corrected result without knowing it: equal for equal summaries of one kit, whatever the order of their
 * keys; null where no summary came. The barcode is hashed along, so that two kits' hashes never say that their results
 * are alike.
 */
export function summaryHash(barcode: string, summary: unknown, hash: KeyedHash): string | null {
  if (summary === undefined || summary === null) return null;
  return hash('summary', `${barcode}\n${canonicalJson(summary)}`).toString('base64url');
}

/** policy.md, "Flagged": flags not empty, abnormal_count not 0, or either missing or odd. */
export function needsReview(summary: unknown): boolean {
  if (typeof summary !== 'object' || summary === null || Array.isArray(summary)) return true;
  const { flags, abnormal_count: abnormal } = summary as Readonly<Record<string, unknown>>;
  return !(Array.isArray(flags) && flags.length === 0 && abnormal === 0);
}

type Open = { readonly close: string; readonly entries: [key: string | null, value: unknown][]; next: number };

/**
 * JSON with sorted keys: the same text for the same content, however the partner ordered or spaced it. Takes what
 * JSON.parse gives; without recursion, because a webhook may be nested deeper than the stack.
 */
export function canonicalJson(value: unknown): string {
  const parts: string[] = [];
  const open: Open[] = [];
  const write = (item: unknown): void => {
    if (Array.isArray(item)) {
      parts.push('[');
      open.push({ close: ']', entries: item.map((element: unknown) => [null, element]), next: 0 });
    } else if (typeof item === 'object' && item !== null) {
      parts.push('{');
      const entries = Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
      open.push({ close: '}', entries, next: 0 });
    } else {
      // 1e400 parses to Infinity, which JSON.stringify calls null: another content than null.
      parts.push(typeof item === 'number' ? String(item) : JSON.stringify(item));
    }
  };
  write(value);
  for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
    const entry = current.entries[current.next];
    if (entry === undefined) {
      parts.push(current.close);
      open.pop();
      continue;
    }
    if (current.next > 0) parts.push(',');
    current.next += 1;
    if (entry[0] !== null) parts.push(JSON.stringify(entry[0]), ':');
    write(entry[1]);
  }
  return parts.join('');
}
