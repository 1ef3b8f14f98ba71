import type { Topic } from '../terms/vocabulary.js';
import { hashOf } from './keys.js';
import type { LedgerDatabase, LedgerSealing } from './ports.js';

/** A topic that was stopped, `all` for who asked for no email at all, `bounced` for an address that takes none. */
export type Scope = Topic | 'all' | 'bounced';

export interface Suppressions {
  /** What holds for an address now. */
  scopesOf(email: string): Promise<ReadonlySet<Scope>>;
  /** The same for one keyed hash alone, where the address itself is not known: a stop link holds nothing else. */
  scopesOfHash(address: string): Promise<ReadonlySet<Scope>>;
  /** Every subject's emails of that scope stop for this address (its keyed hash, as facts carry it), whatever kit they are about. */
  suppress(address: string, scope: Scope, cause: string, at: number): Promise<void>;
  /** Takes it back; the address as its keyed hash. */
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
    scopesOfHash: (address) => scopesOfAny([hashOf(address)]),
    async suppress(address, scope, cause, at) {
      await database.query(
        `insert into suppressions (email_hash, scope, cause, at) values ($1, $2, $3, $4) on conflict do nothing`,
        [hashOf(address), scope, cause, new Date(at)],
      );
    },
    async lift(address, scope) {
      await database.query('delete from suppressions where email_hash = $1 and scope = $2', [hashOf(address), scope]);
    },
  };
}
