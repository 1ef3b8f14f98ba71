/**
 * Who is who, and whose address counts: one set of rules, by which the journey (which knows keyed hashes) and the ledger
 * (which opens what is sealed) must choose alike.
 */

/** The parts of a name in a form in which equal parts are equal: text, or keyed hashes of it. */
export interface NameParts {
  /** All its words, whichever field they came in. */
  readonly full: string;
  /** All first names, and the first of them; equal where there is one. */
  readonly given: string;
  readonly first: string;
  /** Empty where it is missing, or one letter. */
  readonly last: string;
}

/** A person as somebody named one. */
export interface Named {
  /** The order of arrival. */
  readonly seq: number;
  /** Null where no name came. */
  readonly name: NameParts | null;
  /** In any form in which equal addresses are equal; null where there is none. */
  readonly address: string | null;
  readonly byOperator: boolean;
}

/**
 * The same name, as far as both tell it: a missing or single-letter last or middle name agrees with any (policy, "Whose
 * address").
 */
export function namesAgree(one: NameParts, other: NameParts): boolean {
  if (one.full === other.full) return true;
  const last = one.last === '' || other.last === '' || one.last === other.last;
  const given =
    one.given === other.given ||
    (one.first === other.first && (one.given === one.first || other.given === other.first));
  return last && given;
}

/** … and when. */
export interface Seen extends Named {
  /** The fact's own time (ms). */
  readonly at: number;
}

type NamedPerson = Named & { readonly name: NameParts };
const hasName = <T extends Named>(one: T): one is T & NamedPerson => one.name !== null;

const isSameAddress = (one: Named, other: Named): boolean => one.address !== null && one.address === other.address;

/**
 * How many people these are. The same address is the same person, however the name is spelled; the same name at another
 * address is one who has moved; another name and another address are another person. Whatever the order in which they came.
 */
function peopleAmong(seen: readonly Named[]): number {
  const all = seen.filter(hasName);
  const isWhole = ({ name }: NamedPerson): boolean => name.last !== '';
  const people: NamedPerson[][] = [];
  for (const one of [...all.filter(isWhole), ...all.filter((each) => !isWhole(each))]) {
    const isTheirs = (person: readonly NamedPerson[]): boolean =>
      person.some((other) => isSameAddress(one, other) || namesAgree(one.name, other.name));
    const theirs = people.filter(isTheirs);
    // A name that is told in part fits several, and makes no one of them.
    if (!isWhole(one) && theirs.length > 0) continue;
    for (const person of theirs) people.splice(people.indexOf(person), 1);
    people.push([...theirs.flat(), one]);
  }
  return people.length;
}

/** The operator's word, of which the last counts, and whom it ruled in and out. */
function rulingAmong<T extends Named>(seen: readonly T[]) {
  const by = seen.filter(({ byOperator }) => byOperator).sort((one, other) => other.seq - one.seq)[0];
  if (by === undefined) return null;
  const before = seen.filter(({ seq, byOperator }) => seq < by.seq && !byOperator);
  const named = before.filter(hasName);
  const chosen = by.name !== null ? [by.name] : chosenBy(by, before, named);
  const isChosen = (name: NameParts): boolean => chosen.some((one) => namesAgree(one, name));
  const out = named.map(({ name }) => name).filter((name) => !isChosen(name));
  return { by, before, chosen, isChosen, isOut: (name: NameParts) => out.some((one) => namesAgree(one, name)) };
}

/** An address alone says who is meant where it was seen before, or where only one person had been named. */
function chosenBy(by: Named, before: readonly Named[], named: readonly NamedPerson[]): NameParts[] {
  const atIt = named.filter((one) => isSameAddress(one, by));
  if (atIt.length > 0) return atIt.map(({ name }) => name);
  return peopleAmong(before) === 1 ? named.map(({ name }) => name) : [];
}

/** What a block changes after a human has ruled: that of somebody who was ruled out, nothing. */
type Bearing = 'counts' | 'ruled_out' | 'stranger';

function bearingOf(one: Named, ruling: NonNullable<ReturnType<typeof rulingAmong>>): Bearing {
  const { by, chosen, isChosen, isOut } = ruling;
  if (one.name === null || one.byOperator || isSameAddress(one, by) || isChosen(one.name)) return 'counts';
  if (isOut(one.name)) return 'ruled_out';
  const nobodyWasNamed = chosen.length === 0 && !ruling.before.some(hasName);
  return nobodyWasNamed ? 'counts' : 'stranger';
}

/** Whether several people were named for one kit, so that nobody but an operator knows whose an address is. */
export function namesConflict(seen: readonly Named[]): boolean {
  const ruling = rulingAmong(seen);
  if (ruling === null) return peopleAmong(seen) > 1;
  const since = seen.filter(({ seq }) => seq > ruling.by.seq);
  const nobodyWasNamed = ruling.chosen.length === 0 && !ruling.before.some(hasName);
  if (nobodyWasNamed) return peopleAmong(since) > 1;
  return since.some((one) => bearingOf(one, ruling) === 'stranger');
}

/** Whether this block is of a person whom a human has ruled out: it changes nothing. */
export function isRuledOut(one: Named, seen: readonly Named[]): boolean {
  const ruling = rulingAmong(seen);
  return ruling !== null && one.seq > ruling.by.seq && bearingOf(one, ruling) === 'ruled_out';
}

/**
 * The addresses that count, the one that counts most first: the newest by the fact's own time, where arrival decides only
 * between equals; but an operator's beats every one that was seen before it, also when the partner goes on telling that
 * one, and every one of a person whom it ruled out.
 */
export function addressesThatCount<T extends Seen>(seen: readonly T[]): T[] {
  const ruling = rulingAmong(seen);
  const before = ruling === null ? [] : seen.filter(({ seq }) => seq < ruling.by.seq);
  const beaten = new Set(before.map(({ address }) => address));
  return seen
    .filter((one) => one === ruling?.by || !beaten.has(one.address))
    .filter((one) => ruling === null || bearingOf(one, ruling) !== 'ruled_out')
    .sort((one, other) => other.at - one.at || other.seq - one.seq);
}
