import { z } from 'zod';
import { usableAddress } from '../domain/address.js';
import type { Person } from '../domain/arrivals.js';
import { readLocale, readZone, zoneOfAddress } from './places.js';

/** Longer names are cut: nobody's is, and it would go into every email. */
const LONGEST_NAME = 500;

/** A field of no consequence: another type than text counts as missing, because news must not be lost for it. */
export const text = z.string().nullish().catch(null);

/**
 * What is read of a `recipient` or a `patient`, wherever one is named: two spellings of a person in a webhook and in an
 * answer must not make two people. What else is told (birth date, phone) is not read.
 */
export const personFields = {
  first_name: text,
  last_name: text,
  email: text,
  locale: text,
  language: text,
  time_zone: text,
  timezone: text,
};

/** Webhooks tell where somebody lives, and a zone is taken from it. */
export const addressBlock = z.looseObject({ country: text, state: text }).nullish().catch(null);

type PersonBlock = z.output<z.ZodObject<typeof personFields>> & {
  readonly address?: z.output<typeof addressBlock>;
};

/** A person in our terms. What can't be an address is no contact; zone and locale only where they exist. */
export function readPerson(block: PersonBlock): Person {
  return {
    firstName: readName(block.first_name),
    lastName: readName(block.last_name),
    email: usableAddress(block.email),
    locale: readLocale(block.locale) ?? readLocale(block.language),
    zone:
      readZone(block.time_zone) ??
      readZone(block.timezone) ??
      zoneOfAddress(block.address?.country ?? null, block.address?.state ?? null),
  };
}

/** As `readPerson`, for the API's answers: null where a block is missing or names nobody. */
export function readNamedPerson(block: PersonBlock | null): Person | null {
  if (block === null) return null;
  const person = readPerson(block);
  return person.firstName === null && person.lastName === null && person.email === null ? null : person;
}

function readName(value: string | null | undefined): string | null {
  const name = value?.trim() ?? '';
  if (name.length <= LONGEST_NAME) return name === '' ? null : name;
  return Array.from(name.slice(0, 2 * LONGEST_NAME))
    .slice(0, LONGEST_NAME)
    .join('');
}
