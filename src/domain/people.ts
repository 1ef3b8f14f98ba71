import type { KeyedHash, Person } from './arrivals.js';
import type { PersonTrace } from './facts.js';
import { isKit } from './subjects.js';

/** Whom a subject's emails are for: a kit's patient, an order's recipient. */
export const audienceOf = (subject: string): PersonTrace['role'] => (isKit(subject) ? 'patient' : 'recipient');

/**
 * A person as Temporal may know one. Whoever names a person (a webhook, the partner's answer, an operator) makes the
 * trace here, because "same name, other address" compares traces of different origins.
 */
export function traceOf(person: Person, role: PersonTrace['role'], hash: KeyedHash): PersonTrace {
  const name = plainName(person);
  return {
    role,
    hasContact: person.email !== null,
    name: name === null ? null : hash('name', name).toString('base64url'),
    address: person.email === null ? null : hash('email', plainAddress(person.email)).toString('base64url'),
    ...(person.zone === null ? {} : { zone: person.zone }),
  };
}

/** An address (as `usableAddress` gives it) in the form that is hashed: addresses differ by more than case. */
const plainAddress = (address: string): string => address.trim().normalize('NFC').toLowerCase();

/** The full name in the form that is hashed: case, spacing and Unicode composition make no other person. */
export function plainName({ firstName, lastName }: Pick<Person, 'firstName' | 'lastName'>): string | null {
  const name = `${firstName ?? ''} ${lastName ?? ''}`.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
  return name === '' ? null : name;
}
