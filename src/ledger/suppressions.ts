import type { Topic } from '../domain/kinds.js';
import type { LedgerDatabase, LedgerSealing } from './ports.js';
import { hashesOfSame } from './same-address.js';

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

export function createSuppressions(database: LedgerDatabase, sealing: LedgerSealing): Suppressions {
  const scopesOfAny = async (hashes: readonly Buffer[]): Promise<ReadonlySet<Scope>> => {
    const rows = await database.query<{ scope: Scope }>(
      'select distinct scope from suppressions where email_hash = any($1::bytea[])',
      [hashes],
    );
    return new Set(rows.map((row) => row.scope));
  };
  return {
    // Under every index key: what a person once asked for outlives a rotation of keys.
    scopesOf: (email) => scopesOfAny(sealing.hashes('email', email)),
    scopesOfHash: async (address) => scopesOfAny(await hashesOfSame(database, sealing, address)),
    async suppress(address, scope, cause, at) {
      // Under the newest key too, so that it holds also when the former one is given up.
      await database.query(
        `insert into suppressions (email_hash, scope, cause, at)
         select hash, $2, $3, $4 from unnest($1::bytea[]) as hashes(hash) on conflict do nothing`,
        [await hashesOfSame(database, sealing, address), scope, cause, new Date(at)],
      );
    },
    async lift(address, scope) {
      await database.query('delete from suppressions where email_hash = any($1::bytea[]) and scope = $2', [
        await hashesOfSame(database, sealing, address),
        scope,
      ]);
    },
  };
}
