import type { z } from 'zod';
import type { Person } from '../terms/arrivals.js';
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

/** One mailbox and nothing else: no comment, quote, list, space or control character. */
const ADDRESS = /^[^\s@"(),:;<>[\]\\\p{C}]{1,64}@[^\s@"(),:;<>[\]\\\p{C}]{1,253}$/u;
const LONGEST_ADDRESS = 254;

/** A person in our words; null where the block names nobody. */
export function readPerson(read: z.infer<typeof personBlock>): Person | null {
  if (read === null) return null;
  const email =
    read.email !== null && read.email.length <= LONGEST_ADDRESS && ADDRESS.test(read.email) ? read.email : null;
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
