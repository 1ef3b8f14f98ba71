import { addressesThatCount } from '../../src/domain/addresses-that-count.js';
import type { Fact, PersonTrace } from '../../src/domain/facts.js';

/** Whether somebody can be written to, and if not, why not. */
export type Addressee =
  | { readonly known: true; readonly address: string | null }
  | { readonly known: false; readonly why: 'no_contact' | 'not_the_patient' | 'contact_conflict' };

type Block = Fact & { readonly person: PersonTrace };

const isCorrection = ({ event }: Fact): boolean => event === 'operator.correct_contact';

const named = (facts: readonly Fact[], role: PersonTrace['role']): Block[] =>
  facts.filter((fact): fact is Block => fact.person?.role === role).sort((a, b) => a.seq - b.seq);

/** The operator's word, of which the last counts. */
const correctionOf = (blocks: readonly Block[]): Block | undefined => blocks.findLast(isCorrection);

/** The usable address that counts; null where there is none. */
function usable(facts: readonly Fact[], role: PersonTrace['role']): { readonly address: string | null } | null {
  const seen = named(facts, role).filter(({ person }) => person.hasContact);
  const [found] = addressesThatCount(
    seen.map((block) => ({ ...block, byOperator: isCorrection(block), address: block.person.address })),
  );
  return found === undefined ? null : { address: found.address };
}

/** Two names for one kit are two people, until an operator has decided; a name that was decided about is no news. */
function namesConflict(facts: readonly Fact[]): boolean {
  const blocks = named(facts, 'patient');
  const decidedAt = correctionOf(blocks)?.seq ?? 0;
  const told = blocks.filter((block) => block.person.name !== null && !isCorrection(block));
  const before = new Set(told.filter(({ seq }) => seq < decidedAt).map(({ person }) => person.name));
  const strangers = new Set(told.map(({ person }) => person.name).filter((name) => !before.has(name)));
  return before.size > 0 ? strangers.size > 0 : strangers.size > 1;
}

/** The order's recipient (ship-to: buyer, gift receiver or patient; never assumed to be any of them). */
export function recipientOf(facts: readonly Fact[]): Addressee {
  const found = usable(facts, 'recipient');
  return found === null ? { known: false, why: 'no_contact' } : { known: true, address: found.address };
}

/** The kit's patient: never the recipient in their stead, whatever is known of the recipient. */
export function patientOf(facts: readonly Fact[]): Addressee {
  if (namesConflict(facts)) return { known: false, why: 'contact_conflict' };
  const found = usable(facts, 'patient');
  if (found !== null) return { known: true, address: found.address };
  const onlyRecipient = !patientNamed(facts) && recipientOf(facts).known;
  return { known: false, why: onlyRecipient ? 'not_the_patient' : 'no_contact' };
}

/** Whether any webhook or answer has named this kit's patient, with or without an address. */
export const patientNamed = (facts: readonly Fact[]): boolean => facts.some((fact) => fact.person?.role === 'patient');
