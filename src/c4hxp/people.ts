import { z } from 'zod';
import { usableAddress } from '../domain/address.js';
import type { Person } from '../domain/arrivals.js';
import { readLocale, readZone } from './places.js';
import { zoneOfAddress } from './webhook/regions.js';

/** Longer names are cut: nobody's is, and it would go into every email. */
const LONGEST_NAME = 500;

/** A field of no consequence: another type than text counts as missing, because news must not be lost for it. */
export const text = z.string().nullish().catch(null);

/** `recipient` and `patient`: an object, whose fields are taken as far as they can be understood. */
export const personSchema = z.looseObject({
  first_name: text,
  last_name: text,
  email: text,
  locale: text,
  language: text,
  time_zone: text,
  timezone: text,
  address: z.looseObject({ country: text, state: text }).nullish().catch(null),
});

/** A person in our terms. What can't be an address is no contact; zone and locale only where they exist. */
export function readPerson(block: z.output<typeof personSchema>): Person {
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

function readName(value: string | null | undefined): string | null {
  const name = value?.trim() ?? '';
  if (name.length <= LONGEST_NAME) return name === '' ? null : name;
  return Array.from(name.slice(0, 2 * LONGEST_NAME))
    .slice(0, LONGEST_NAME)
    .join('');
}
