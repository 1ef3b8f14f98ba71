import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Queryable } from '../database/sql.js';
import { sqlStateOf } from '../database/sql-error.js';
import type { Sealing } from '../sealing/sealing.js';
import type { Arrival } from '../domain/arrivals.js';
import { underKeysOfSubjects } from './keys-of-subjects.js';
import { insertBatch, type BatchRow } from './insert.js';
import { identitiesOf, inboxRowOf, unstorable, type Identity, type InboxRow } from './inbox-row.js';

/** What became of one arrival: committed (new, or known already), or not. */
export type Commitment = { readonly fresh: boolean } | { readonly error: unknown };

/** Arrivals of one batch that are the same webhook: one row. */
interface Group {
  readonly arrival: Arrival;
  readonly row: InboxRow;
  /** Where they stand in the batch, first one first. */
  readonly places: number[];
  altered: boolean;
}

const ATTEMPTS_AT_CONFLICTS = 5;
const LONGEST_PAUSE_MS = 50;

/**
 * Commits many arrivals together, and answers for each in their order. One whose data the database refuses doesn't
 * fail its neighbours: it is kept alone, as `quarantined` with the reason `unstorable`.
 */
export function createCommit({ database, sealing }: { readonly database: Queryable; readonly sealing: Sealing }) {
  return async (arrivals: readonly Arrival[]): Promise<Commitment[]> => {
    const commitments: Commitment[] = [];
    const settle = (group: Group, commitment: Commitment): void => {
      for (const [nth, place] of group.places.entries())
        commitments[place] = 'fresh' in commitment ? { fresh: commitment.fresh && nth === 0 } : commitment;
    };
    try {
      const identities = await chosenIdentities(arrivals, database, sealing);
      const groups = grouped(await underKeysOfSubjects(arrivals, database, sealing), identities, sealing);
      await insertGroups(groups, { database, sealing, settle });
      return commitments;
    } catch (error) {
      return arrivals.map((_, place) => commitments[place] ?? { error });
    }
  };
}

/** After a rotation of the index key, a webhook that was hashed under a former one is still recognised. */
async function chosenIdentities(
  arrivals: readonly Arrival[],
  database: Queryable,
  sealing: Sealing,
): Promise<Identity[]> {
  const candidates = arrivals.map((arrival) => identitiesOf(arrival, sealing.hashes));
  const former = candidates.flatMap(([, ...older]) => older.map(({ dedup }) => dedup));
  const known =
    former.length === 0
      ? []
      : await database.query<{ dedup: Buffer }>(sql`select dedup from inbox where dedup = any(${former}::bytea[])`);
  const found = new Set(known.map(({ dedup }) => dedup.toString('hex')));
  return candidates.map(([newest, ...older]) => {
    if (newest === undefined) throw new Error('a hash under no key');
    return older.find(({ dedup }) => found.has(dedup.toString('hex'))) ?? newest;
  });
}

function grouped(arrivals: readonly Arrival[], identities: readonly Identity[], sealing: Sealing): Group[] {
  const groups = new Map<string, Group>();
  for (const [place, identity] of identities.entries()) {
    const arrival = arrivals[place];
    if (arrival === undefined) continue;
    const key = identity.dedup.toString('hex');
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { arrival, row: storable(arrival, identity, sealing), places: [place], altered: false });
    } else {
      group.places.push(place);
      group.altered ||= !identity.bodyMac.equals(group.row.bodyMac);
    }
  }
  return [...groups.values()];
}

function storable(arrival: Arrival, identity: Identity, sealing: Sealing): InboxRow {
  try {
    return inboxRowOf(arrival, identity, sealing);
  } catch {
    return unstorableRow(arrival, sealing);
  }
}

function unstorableRow(arrival: Arrival, sealing: Sealing): InboxRow {
  const bare = unstorable(arrival, sealing.hash);
  const [identity] = identitiesOf(bare, sealing.hashes);
  if (identity === undefined) throw new Error('a hash under no key');
  return inboxRowOf(bare, identity, sealing);
}

function batchOf(groups: readonly Group[]): BatchRow[] {
  const ids = new Map<string, number>();
  const idOf = ({ row }: Group): string => `${row.source} ${row.externalId ?? ''}`;
  for (const group of groups) ids.set(idOf(group), (ids.get(idOf(group)) ?? 0) + 1);
  return groups
    .map((group) => ({
      row: group.row,
      repeated: group.places.length - 1,
      altered: group.altered,
      idReused: group.row.externalId !== null && group.row.verdict === 'accepted' && (ids.get(idOf(group)) ?? 0) > 1,
    }))
    .sort((one, other) => one.row.dedup.compare(other.row.dedup));
}

interface Inserting {
  readonly database: Queryable;
  readonly sealing: Sealing;
  readonly settle: (group: Group, commitment: Commitment) => void;
}

async function insertGroups(groups: readonly Group[], inserting: Inserting, attempt = 1): Promise<void> {
  if (groups.length === 0) return;
  try {
    const fresh = await insertBatch(inserting.database, batchOf(groups));
    for (const group of groups) inserting.settle(group, { fresh: fresh.has(group.row.dedup.toString('hex')) });
  } catch (error) {
    await afterFailure(error, groups, inserting, attempt);
  }
}

async function afterFailure(
  error: unknown,
  groups: readonly Group[],
  inserting: Inserting,
  attempt: number,
): Promise<void> {
  const remedy = remedyFor(error);
  const [only] = groups;
  if (remedy === 'again' && attempt < ATTEMPTS_AT_CONFLICTS) {
    await delay(Math.random() * LONGEST_PAUSE_MS);
    await insertGroups(groups, inserting, attempt + 1);
  } else if (remedy === 'apart' && groups.length > 1) {
    const middle = groups.length >> 1;
    await insertGroups(groups.slice(0, middle), inserting);
    await insertGroups(groups.slice(middle), inserting);
  } else if (remedy === 'apart' && only !== undefined && only.row.reason !== 'unstorable') {
    await insertGroups([{ ...only, row: unstorableRow(only.arrival, inserting.sealing) }], inserting);
  } else {
    for (const group of groups) inserting.settle(group, { error });
  }
}

/** Data faults (22, 23, 54) are one row's; conflicts (40) pass; anything else says that the database is unwell. */
function remedyFor(error: unknown): 'again' | 'apart' | 'none' {
  switch (sqlStateOf(error)?.slice(0, 2)) {
    case '22':
    case '23':
    case '54':
      return 'apart';
    case '40':
      return 'again';
    default:
      return 'none';
  }
}
