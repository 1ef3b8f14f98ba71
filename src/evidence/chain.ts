import { createHash } from 'node:crypto';

/** One link of a subject's chain, as it is stored: the text is hashed as it stands. */
export interface ChainLink {
  readonly entry: string;
  /** Of the link before and of this entry; hex. */
  readonly hash: string;
}

interface EntryBase {
  /** From 1 on. */
  readonly n: number;
  readonly subject: string;
  /** The row that it is about. */
  readonly id: number;
  readonly kind: string;
  readonly occurrence: number;
  readonly reason: string | null;
  readonly cause: string;
  readonly rule: string;
  /** ISO 8601 in UTC, by the database's clock. */
  readonly writtenAt: string;
}

/** That something was decided. */
export interface DecisionEntry extends EntryBase {
  readonly what: 'decision';
  readonly verdict: string;
  readonly at: string;
}

/** What became of an email, or of the wish to send one. */
export interface SettlementEntry extends EntryBase {
  readonly what: 'settlement';
  readonly status: string;
  readonly messageId: string | null;
  readonly attempts: number;
  readonly possiblyDuplicate: boolean;
  /** The mail provider's, each by its cause and what it said. */
  readonly reports: readonly string[];
  /** Salted hashes (`wordsProof`), hex: where it went, and what the mail server answered. */
  readonly to: string | null;
  readonly reply: string | null;
  readonly decidedAt: string;
  readonly settledAt: string | null;
}

export type Entry = DecisionEntry | SettlementEntry;

/** SHA-256 over the hash before (nothing for the first) and the entry's text. As the database does it. */
export const linkHash = (before: string, entry: string): string =>
  createHash('sha256').update(Buffer.from(before, 'hex')).update(entry, 'utf8').digest('hex');

/**
 * The entries of a chain, or the first thing that doesn't fit: a link whose hash is another, one that is missing or stands
 * elsewhere, one of another subject, one that was written before its predecessor.
 */
export function readChain(
  subject: string,
  links: readonly ChainLink[],
): { readonly entries: readonly Entry[] } | { readonly fault: string } {
  const entries: Entry[] = [];
  let before = '';
  for (const [place, { entry: text, hash }] of links.entries()) {
    const nth = place + 1;
    const entry = parseEntry(text);
    if (linkHash(before, text) !== hash) return { fault: `Entry ${String(nth)} of ${subject} doesn't fit the chain.` };
    if (entry === null) return { fault: `Entry ${String(nth)} of ${subject} can't be read.` };
    if (entry.n !== nth || entry.subject !== subject)
      return {
        fault: `Entry ${String(nth)} of ${subject} stood elsewhere: it is entry ${String(entry.n)} of ${entry.subject}.`,
      };
    if (entry.writtenAt < (entries.at(-1)?.writtenAt ?? ''))
      return { fault: `Entry ${String(nth)} of ${subject} was written before the one before it.` };
    entries.push(entry);
    before = hash;
  }
  return { entries };
}

function parseEntry(text: string): Entry | null {
  try {
    const entry = JSON.parse(text) as Partial<Entry> | null;
    const isOurs = entry !== null && (entry.what === 'decision' || entry.what === 'settlement');
    return isOurs && typeof entry.n === 'number' && typeof entry.writtenAt === 'string' ? (entry as Entry) : null;
  } catch {
    return null;
  }
}
