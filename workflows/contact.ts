import type { Fact, PersonTrace } from '../src/terms/facts.js';

/** Whether somebody can be written to, and if not, why not. */
export type Contact =
  | { readonly known: true; readonly address: string | null }
  | { readonly known: false; readonly why: 'no_contact' | 'not_the_patient' | 'contact_conflict' };

type Block = Fact & { readonly person: PersonTrace };

const blocksOf = (facts: readonly Fact[], role: PersonTrace['role']): Block[] =>
  facts.filter((fact): fact is Block => fact.person?.role === role && fact.event !== 'operator.correct_contact');

/** The newest by the fact's own time: arrival decides only between equals. */
const newest = (blocks: readonly Block[]): Block | undefined =>
  [...blocks].sort((a, b) => a.at - b.at || a.seq - b.seq).at(-1);

const corrections = (facts: readonly Fact[], role: PersonTrace['role']): Fact[] =>
  facts
    .filter((fact) => fact.event === 'operator.correct_contact' && (fact.person?.role ?? role) === role)
    .sort((a, b) => a.seq - b.seq);

/** The newest usable address; an operator's beats every address that was seen before it. */
function usable(facts: readonly Fact[], role: PersonTrace['role']): { readonly address: string | null } | null {
  const blocks = blocksOf(facts, role);
  const correction = corrections(facts, role).at(-1);
  const seen = new Set(
    blocks.filter((block) => block.seq < (correction?.seq ?? 0)).map(({ person }) => person.address),
  );
  const found = newest(blocks.filter(({ person }) => person.hasContact && !seen.has(person.address)));
  if (found !== undefined) return { address: found.person.address };
  return correction === undefined ? null : { address: correction.person?.address ?? null };
}

/** Two names for one kit are two people, until an operator has decided; a name that was decided about is no news. */
function namesConflict(facts: readonly Fact[]): boolean {
  const named = blocksOf(facts, 'patient').filter(({ person }) => person.name !== null);
  const decidedAt = corrections(facts, 'patient').at(-1)?.seq ?? 0;
  const before = new Set(named.filter((block) => block.seq < decidedAt).map(({ person }) => person.name));
  const since = new Set(named.filter((block) => block.seq > decidedAt).map(({ person }) => person.name));
  const strangers = [...since].filter((name) => !before.has(name)).length;
  return before.size > 0 ? strangers > 0 : strangers > 1;
}

/** The order's recipient (ship-to: buyer, gift receiver or patient; never assumed to be any of them). */
export function recipientOf(facts: readonly Fact[]): Contact {
  const found = usable(facts, 'recipient');
  return found === null ? { known: false, why: 'no_contact' } : { known: true, address: found.address };
}

/** The kit's patient: never the recipient in their stead, whatever is known of the recipient. */
export function patientOf(facts: readonly Fact[]): Contact {
  if (namesConflict(facts)) return { known: false, why: 'contact_conflict' };
  const found = usable(facts, 'patient');
  if (found !== null) return { known: true, address: found.address };
  const onlyRecipient = blocksOf(facts, 'patient').length === 0 && recipientOf(facts).known;
  return { known: false, why: onlyRecipient ? 'not_the_patient' : 'no_contact' };
}

/** Whether any webhook or answer has named this kit's patient, with or without an address. */
export const patientNamed = (facts: readonly Fact[]): boolean => facts.some((fact) => fact.person?.role === 'patient');
