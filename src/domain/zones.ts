import type { Fact, PersonTrace } from './facts.js';
import { isOperators } from './notifications.js';
import { addressesThatCount, type Seen } from './persons.js';
import { nameOf } from './subjects.js';

interface SeenZone extends Seen {
  /** IANA; null where its fact tells none. */
  readonly zone: string | null;
}

/** Whether it is an IANA time zone that this Node knows. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * The zone whose wall clock an email keeps to; null: nobody told one. That of the address that counts; where its fact
 * doesn't tell it, of the newest one that does. Else that of the order's recipient: the kit was sent to where its order
 * went, which is a better guess than none.
 * @param own the addresses of the one the email is for.
 * @param recipients for a kit's patient, those of its orders' recipients.
 */
export const zoneThatCounts = (own: readonly SeenZone[], recipients: readonly SeenZone[] = []): string | null =>
  newestZone(own) ?? newestZone(recipients);

const newestZone = (seen: readonly SeenZone[]): string | null =>
  addressesThatCount(seen).find(({ address, zone }) => address !== null && zone !== null)?.zone ?? null;

/** The zone that the sender would keep to, from the facts of the journey that decides about the email. */
export function zoneOfFacts(
  { subject, audience }: { readonly subject: string; readonly audience: PersonTrace['role'] },
  facts: readonly Fact[],
): string | null {
  const seenAs = (role: PersonTrace['role'], among = facts): SeenZone[] => among.flatMap((fact) => seenIn(fact, role));
  if (audience === 'recipient') return zoneThatCounts(seenAs('recipient', ofOrder(subject, facts)));
  return zoneThatCounts(seenAs('patient'), seenAs('recipient'));
}

/** A kit may have been in several orders. */
const ofOrder = (subject: string, facts: readonly Fact[]): Fact[] =>
  facts.filter(({ order, command }) => order === nameOf(subject) || command?.subject === subject);

function seenIn({ person, seq, at, cause }: Fact, role: PersonTrace['role']): SeenZone[] {
  if (person?.role !== role) return [];
  const { name, address, zone = null } = person;
  return [{ seq, at, byOperator: isOperators(cause), name, address, zone }];
}
