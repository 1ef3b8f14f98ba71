import type { Person } from '../../src/domain/arrivals.js';
import type { PersonTrace } from '../../src/domain/facts.js';
import { traceOf } from '../../src/domain/people.js';
import type { Sealing } from '../../src/sealing/sealing.js';

export const OMAR: Person = {
  firstName: 'Omar-Vvxq',
  lastName: 'Okafor-Hjkl',
  email: 'omar.vvxq@example.com',
  locale: null,
  zone: 'Africa/Lagos',
};

/** What a webhook says of a person: sealed details, and the trace in its fact. */
export const named = (
  person: Person,
  role: PersonTrace['role'],
  sealing: Sealing,
): { readonly person: Person; readonly trace: PersonTrace } => ({
  person,
  trace: traceOf(person, role, sealing.hash),
});

/** All that a subject leaves behind. */
export const TABLES = [
  'notifications',
  'decisions',
  'subjects',
  'suppressions',
  'contacts',
  'inbox',
  'inbox_bodies',
  'deliveries',
  'links',
  'erasures',
  'erased_subjects',
  'expiry_alarms',
  'staff_alerts',
  'meta',
] as const;
