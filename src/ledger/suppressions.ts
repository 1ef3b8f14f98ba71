import type { Topic } from '../domain/kinds.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import { decodeHash, type Sealing } from '../sealing/sealing.js';
import { openDetails } from './contacts.js';
import { openWords, type NotificationRow } from './notifications.js';

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
