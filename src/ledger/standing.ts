import type { PersonTrace } from '../domain/facts.js';
import { sql, type Queryable } from '../database/sql.js';
import type { Contacts, People } from './contacts.js';
import type { Scope, Suppressions } from './suppressions.js';

/** What is known, at this moment, of those an email is for. */
export interface Standing {
  /** Whether the subject or the journey was forgotten on request. */
  readonly erased: boolean;
  readonly people: People;
  /** What the address was suppressed for; empty without one. */
  readonly scopes: ReadonlySet<Scope>;
}

export interface StandingQuery {
  /** Under whose key the notification is kept. */
  readonly subject: string;
  /** The journey that decided. */
  readonly journey: string;
  readonly audience: PersonTrace['role'];
}

/** Everything that an email's last checks look at, read anew. */
export async function readStanding(
  { database, contacts, suppressions }: { database: Queryable; contacts: Contacts; suppressions: Suppressions },
  { subject, journey, audience }: StandingQuery,
): Promise<Standing> {
  const erased = await database.query(
    sql`select subject from subjects
      where subject = any(${[subject, journey]}::text[]) and erased_at is not null limit 1`,
  );
  if (erased.length > 0) {
    return { erased: true, people: { contact: null, recipientKnown: false }, scopes: new Set() };
  }
  const people = await contacts.peopleOf(subject, audience);
  const scopes = people.contact === null ? new Set<Scope>() : await suppressions.scopesOf(people.contact.email);
  return { erased: false, people, scopes };
}
