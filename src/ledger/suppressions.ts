import type { Topic } from '../domain/kinds.js';
import { type Queryable, sql, type Sql } from '../database/sql.js';
import { decodeHash, type Sealing } from '../sealing/sealing.js';
import { type Contacts, openDetails, type People } from './contacts.js';
import { type NotificationRow, openWords } from './notifications.js';
import type { PersonTrace } from '../domain/facts.js';

/** A topic that was stopped, `all` for who asked for no email at all, `bounced` for an address that takes none. */
export type Scope = Topic | 'all' | 'bounced';

/** Addresses are given as facts and stop links carry them, by one keyed hash; all their hashes are meant (`hashesOfSame`). */
export interface Suppressions {
  /** What holds for an address now. */
  scopesOf(email: string): Promise<ReadonlySet<Scope>>;
  /** The same where the address itself is not known: a stop link holds nothing but a hash. */
  scopesOfHash(address: string): Promise<ReadonlySet<Scope>>;
  /** Every subject's emails of that scope stop for this address, whatever kit they are about. */
  suppress(address: string, scope: Scope, cause: string, at: number): Promise<void>;
  /** Takes it back. */
  lift(address: string, scope: Scope): Promise<void>;
}

/** SQL that adds these suppressions where `condition` holds, as one part of a statement. */
export const addSuppressions = (
  { hashes, scopes, cause, at }: { hashes: readonly Buffer[]; scopes: readonly Scope[]; cause: string; at: number },
  condition = sql`true`,
): Sql => sql`insert into suppressions (email_hash, scope, cause, at)
    select h.hash, s.scope, ${cause}, ${new Date(at)}::timestamptz
    from unnest(${hashes}::bytea[]) as h(hash) cross join unnest(${scopes}::text[]) as s(scope)
    where ${condition} order by 1, 2 on conflict do nothing`;

export function createSuppressions(database: Queryable, sealing: Sealing): Suppressions {
  const scopesOfAny = async (hashes: readonly Buffer[]): Promise<ReadonlySet<Scope>> => {
    const rows = await database.query<{ scope: Scope }>(
      sql`select distinct scope from suppressions where email_hash = any(${hashes}::bytea[])`,
    );
    return new Set(rows.map((row) => row.scope));
  };
  return {
    // Under every index key: what a person once asked for outlives a rotation of keys.
    scopesOf: (email) => scopesOfAny(sealing.hashes('email', email)),
    scopesOfHash: async (address) => scopesOfAny(await hashesOfSame(database, sealing, decodeHash(address))),
    async suppress(address, scope, cause, at) {
      // Under the newest key too, so that it holds also when the former one is given up.
      const hashes = await hashesOfSame(database, sealing, decodeHash(address));
      await database.query(addSuppressions({ hashes, scopes: [scope], cause, at }));
    },
    async lift(address, scope) {
      const hashes = await hashesOfSame(database, sealing, decodeHash(address));
      await database.query(
        sql`delete from suppressions where email_hash = any(${hashes}::bytea[]) and scope = ${scope}`,
      );
    },
  };
}

/**
 * Every keyed hash of the address that has this one. A stop link holds a hash and no address, made under the index key
 * of its day; the address itself is found, sealed, where it was seen or written to. Where nobody remembers it (it was
 * forgotten on request, or its encryption key is gone) the hash stands for itself alone.
 */
export async function hashesOfSame(database: Queryable, sealing: Sealing, given: Buffer): Promise<Buffer[]> {
  const email = await emailBehind(database, sealing, given);
  const hashes = email === null ? [] : sealing.hashes('email', email);
  return hashes.some((hash) => hash.equals(given)) ? hashes : [...hashes, given];
}

async function emailBehind(database: Queryable, sealing: Sealing, hash: Buffer): Promise<string | null> {
  const [seen] = await database.query<Parameters<typeof openDetails>[1]>(
    sql`select subject, role, dedup, sealed from contacts where email_hash = ${hash} limit 1`,
  );
  const [written] = await database.query<Pick<NotificationRow, 'subject' | 'kind' | 'occurrence' | 'sealed'>>(
    sql`select subject, kind, occurrence, sealed from notifications
      where recipient_hash = ${hash} and sealed is not null limit 1`,
  );
  return (
    opened(() => (seen === undefined ? null : openDetails(sealing, seen).person?.email)) ??
    opened(() => (written === undefined ? null : openWords(sealing, written).to)) ??
    null
  );
}

/** A person's choice is kept also where what was sealed can't be opened any more. */
function opened(read: () => string | null | undefined): string | null | undefined {
  try {
    return read();
  } catch {
    return null;
  }
}

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
