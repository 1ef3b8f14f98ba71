import { addressesThatCount, isRuledOut, namesConflict } from '../../src/domain/persons.js';
import type { Fact, PersonTrace } from '../../src/domain/facts.js';

/** Whether somebody can be written to, and if not, why not. */
export type Addressee =
  | { readonly known: true; readonly address: string | null }
  | { readonly known: false; readonly why: 'no_contact' | 'not_the_patient' | 'contact_conflict' };

type Block = Fact & { readonly person: PersonTrace };

const isCorrection = ({ event }: Fact): boolean => event === 'operator.correct_contact';

const named = (facts: readonly Fact[], role: PersonTrace['role']): Block[] =>
  facts.filter((fact): fact is Block => fact.person?.role === role);

const seenAs = (block: Block) => ({
  seq: block.seq,
  at: block.at,
  name: block.person.name,
  address: block.person.hasContact ? block.person.address : null,
  hasContact: block.person.hasContact,
  byOperator: isCorrection(block),
});

/** The usable address that counts; null where there is none. */
function usable(facts: readonly Fact[], role: PersonTrace['role']): { readonly address: string | null } | null {
  const [found] = addressesThatCount(named(facts, role).map(seenAs)).filter(({ hasContact }) => hasContact);
  return found === undefined ? null : { address: found.address };
}

/** Every usable address that counts as theirs, the one that counts most first. */
export const addressesOf = (facts: readonly Fact[], role: PersonTrace['role']): string[] => [
  ...new Set(addressesThatCount(named(facts, role).map(seenAs)).flatMap(({ address }) => address ?? [])),
];

/** The order's recipient (ship-to: buyer, gift receiver or patient; never assumed to be any of them). */
export function recipientOf(facts: readonly Fact[]): Addressee {
  const found = usable(facts, 'recipient');
  return found === null ? { known: false, why: 'no_contact' } : { known: true, address: found.address };
}

/** The kit's patient: never the recipient in their stead, whatever is known of the recipient. */
export function patientOf(facts: readonly Fact[]): Addressee {
  if (namesConflict(named(facts, 'patient').map(seenAs))) return { known: false, why: 'contact_conflict' };
  const found = usable(facts, 'patient');
  if (found !== null) return { known: true, address: found.address };
  const onlyRecipient = !patientNamed(facts) && recipientOf(facts).known;
  return { known: false, why: onlyRecipient ? 'not_the_patient' : 'no_contact' };
}

/** Whether any webhook or answer has named this kit's patient, with or without an address. */
export const patientNamed = (facts: readonly Fact[]): boolean => facts.some((fact) => fact.person?.role === 'patient');

/** Whether a fact is of a person whom a human has ruled out: it changes nothing. */
export function isOfOneRuledOut(fact: Fact, facts: readonly Fact[]): boolean {
  const seen = named(facts, 'patient').map(seenAs);
  const one = seen.find(({ seq }) => seq === fact.seq);
  return one !== undefined && isRuledOut(one, seen);
}
