import type { KeyedHash, Person } from './arrivals.js';
import type { PersonTrace } from './facts.js';
import type { NameParts } from './persons.js';
import { isKit } from './subjects.js';

/** Whom a subject's emails are for: a kit's patient, an order's recipient. */
export const audienceOf = (subject: string): PersonTrace['role'] => (isKit(subject) ? 'patient' : 'recipient');

/**
 * A person as Temporal may know one. Whoever names a person (a webhook, the partner's answer, an operator) makes the
 * trace here, because "same name, other address" compares traces of different origins.
 */
export function traceOf(person: Person, role: PersonTrace['role'], hash: KeyedHash): PersonTrace {
  const name = namePartsOf(person);
  const keyed = (part: string): string =>
    part === '' ? '' : hash('name', part).subarray(0, NAME_HASH_BYTES).toString('base64url');
  return {
    role,
    hasContact: person.email !== null,
    name:
      name === null
        ? null
        : { full: keyed(name.full), given: keyed(name.given), first: keyed(name.first), last: keyed(name.last) },
    address: person.email === null ? null : hash('email', plainAddress(person.email)).toString('base64url'),
    ...(person.zone === null ? {} : { zone: person.zone }),
  };
}

/** Enough to tell the names around one kit apart, and too little to find a person by. */
const NAME_HASH_BYTES = 9;

/** An address (as `usableAddress` gives it) in the form that is hashed: addresses differ by more than case. */
const plainAddress = (address: string): string => address.trim().normalize('NFC').toLowerCase();

/**
 * A name's parts as they are compared (policy, "Whose address"): HTML entities decoded, without accents, invisible signs,
 * punctuation, blanks, titles, suffixes and case; a single letter is no middle or last name. Null where no name is left.
 */
export function namePartsOf({ firstName, lastName }: Pick<Person, 'firstName' | 'lastName'>): NameParts | null {
  const firsts = wordsOf(firstName ?? '');
  const lasts = wordsOf(lastName ?? '').filter((word) => !SUFFIXES.has(word));
  const [first = '', ...middles] = firsts.filter((word) => !TITLES.has(word) && !SUFFIXES.has(word));
  const names = middles.filter((word) => !isInitial(word));
  const given = [first, ...names].join('');
  const last = lasts.join('');
  const full = [first, ...names, ...lasts].filter((word) => word !== '').join(' ');
  return full === '' ? null : { full, given, first, last: isInitial(last) ? '' : last };
}

/** One letter of an alphabet; one sign of another script is a whole name. */
const isInitial = (word: string): boolean => /^\p{Ll}$/u.test(word);

const TITLES: ReadonlySet<string> = new Set([
  ...['dr', 'prof', 'mr', 'mrs', 'ms', 'miss', 'mx', 'sir'],
  ...['herr', 'frau', 'mme', 'mlle', 'monsieur', 'madame', 'senor', 'senora', 'sr', 'sra', 'don', 'dona'],
]);
const SUFFIXES: ReadonlySet<string> = new Set(['jr', 'sr', 'ii', 'iii', 'iv', 'phd', 'md', 'dds', 'esq']);

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', apos: "'", quot: '"', lt: '<', gt: '>', nbsp: ' ' };

const decoded = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g,
    (all, decimal?: string, hex?: string, named?: string) => {
      if (named !== undefined) return ENTITIES[named] ?? all;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );

/** Letters that no normalisation takes apart. */
const LETTERS: Readonly<Record<string, string>> = { ø: 'o', đ: 'd', ð: 'd', ł: 'l', æ: 'ae', œ: 'oe', þ: 'th', ı: 'i' };

/** The words of a name, each of letters and digits alone. Upper case first: it knows that ß is ss. */
const wordsOf = (text: string): string[] =>
  decoded(text)
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[øđðłæœþı]/g, (letter) => LETTERS[letter] ?? letter)
    .split(/\s+/u)
    .map((word) => word.replace(/[^\p{L}\p{N}]/gu, ''))
    .filter((word) => word !== '');
