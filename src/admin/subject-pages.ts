import type { Kind } from '../domain/kinds.js';
import { nameOf, type KitState, type OrderState } from '../domain/subjects.js';
import type { AttentionCode } from '../domain/attention.js';
import type { Ledger, ListedSubject, Place } from '../ledger/ledger.js';

/** Which kits or orders, as a request says it. */
export interface SubjectSelection {
  readonly attention: boolean | AttentionCode;
  readonly open: boolean;
  readonly state?: KitState | OrderState | undefined;
  readonly kind?: Kind | undefined;
  /** ISO 8601 */
  readonly until?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface SubjectPage {
  readonly subjects: readonly ListedSubject[];
  /** `after` of the next page; null when this is the last. */
  readonly next: string | null;
}

/** A page of those that are meant, the oldest first. */
export async function pageOf(
  ledger: Pick<Ledger, 'listSubjects'>,
  of: 'kit' | 'order',
  { until, after, limit, ...filter }: SubjectSelection,
): Promise<SubjectPage> {
  const found = await ledger.listSubjects({
    ...filter,
    of,
    until: until === undefined ? undefined : new Date(until),
    after: after === undefined ? null : placeOf(of, after),
    limit: limit + 1,
  });
  const subjects = found.slice(0, limit);
  const last = subjects.at(-1);
  return { subjects, next: found.length > limit && last !== undefined ? cursorOf(last) : null };
}

const cursorOf = ({ since, subject }: ListedSubject): string => `${String(Date.parse(since))}.${nameOf(subject)}`;

function placeOf(of: 'kit' | 'order', cursor: string): Place {
  const at = cursor.indexOf('.');
  return { since: Number(cursor.slice(0, at)), subject: `${of}:${cursor.slice(at + 1)}` };
}
