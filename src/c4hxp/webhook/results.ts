import type { KeyedHash } from '../../domain/arrivals.js';
import { canonicalJson } from './canonical.js';

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
