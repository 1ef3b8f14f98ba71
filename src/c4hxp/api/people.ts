import type { z } from 'zod';
import { usableAddress } from '../../domain/address.js';
import type { Person } from '../../domain/arrivals.js';
import { block, text } from './loose.js';

/** A person block: `patient`, `registered_to` or `recipient`. What else it holds (birth date, phone) is not read. */
export const personBlock = block({
  first_name: text,
  last_name: text,
  email: text,
  locale: text,
  language: text,
  timezone: text,
  time_zone: text,
});

/** A person in our words; null where the block names nobody. */
export function readPerson(read: z.infer<typeof personBlock>): Person | null {
  if (read === null) return null;
  const email = usableAddress(read.email);
  if (read.first_name === null && read.last_name === null && email === null) return null;
  return {
    firstName: read.first_name,
    lastName: read.last_name,
    email,
    locale: localeOf(read.locale ?? read.language),
    zone: zoneOf(read.timezone ?? read.time_zone),
  };
}

function localeOf(value: string | null): string | null {
  if (value === null) return null;
  try {
    return Intl.getCanonicalLocales(value.replaceAll('_', '-'))[0] ?? null;
  } catch {
    return null;
  }
}

function zoneOf(value: string | null): string | null {
  if (value === null) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
