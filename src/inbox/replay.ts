import type { Database } from '../database/database.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import { projectStaff } from '../ledger/alerts.js';
import { bodyLocation } from '../ledger/bodies.js';
import { deliverAgain, withdraw } from '../ledger/deliveries.js';
import type { Sealing } from '../sealing/sealing.js';
import type { Arrival } from '../domain/arrivals.js';
import { insertBatch } from './insert.js';
import { underKeysOfSubjects } from './keys-of-subjects.js';
import { identitiesOf, inboxRowOf } from './inbox-row.js';

/**
 * What became of a replay: read now and on its way; still not readable, and why; kept before under another row (the
 * sender repeated it meanwhile); or not possible.
 */
export type Replay =
  | { readonly outcome: 'accepted'; readonly seq: number }
  | { readonly outcome: 'known_already' }
  | { readonly outcome: 'still_quarantined'; readonly reason: string | null }
  | { readonly outcome: 'not_found' | 'body_expired' };

/**
 * Reads raw bytes as the receiver would have; `receivedAt` is when they came, `source` whose they are. Null where
 * nobody reads what came from there.
 */
export type ReadAgain = (raw: Buffer, receivedAt: number, source: string) => Arrival | null;

interface Kept {
  readonly seq: number;
  readonly dedup: Buffer;
  readonly source: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly received_at: Date;
  readonly duplicates: number;
  readonly sealed: Buffer | null;
}

/** How an arrival is read now. */
export type Rereading =
  | { readonly outcome: 'accepted'; readonly arrival: Arrival }
  | { readonly outcome: 'known_already' | 'read_before' | 'body_expired' | 'not_found' }
  | { readonly outcome: 'still_quarantined'; readonly reason: string | null };

interface Storage {
  readonly database: Database;
  readonly sealing: Sealing;
}

/** Reads what is kept as it would be read if it were replayed now; changes nothing. */
export async function rereadWebhook({ database, sealing }: Storage, seq: number, read: ReadAgain): Promise<Rereading> {
  const kept = await keptAs(database, seq);
  if (kept === undefined) return { outcome: 'not_found' };
  if (kept.verdict === 'accepted') return { outcome: 'read_before' };
  const arrival = readKept(kept, sealing, read);
  if (arrival === 'body_expired') return { outcome: arrival };
  if (arrival?.verdict !== 'accepted') return { outcome: 'still_quarantined', reason: (arrival ?? kept).reason };
  if (await isKnown(database, sealing, arrival)) return { outcome: 'known_already' };
  const [comparable = arrival] = await underKeysOfSubjects([arrival], database, sealing);
  return { outcome: 'accepted', arrival: comparable };
}

/**
 * Sends an arrival through the way again. What was quarantined is read anew after a fix, and takes a new `seq`, since
 * it reaches its journeys only now; what was accepted is handed to them once more (they know facts by their `seq`).
 */
export async function replayWebhook({ database, sealing }: Storage, seq: number, read: ReadAgain): Promise<Replay> {
  return await database.transaction(async (tx) => {
    const kept = await keptAs(tx, seq, sql`for update of inbox`);
    if (kept === undefined) return { outcome: 'not_found' };
    if (kept.verdict === 'accepted') {
      await deliverAgain(tx, seq);
      return { outcome: 'accepted', seq };
    }
    const arrival = readKept(kept, sealing, read);
    if (arrival === 'body_expired') return { outcome: arrival };
    if (arrival === null) return { outcome: 'still_quarantined', reason: kept.reason };
    const replayed = await readAnew(tx, sealing, kept, arrival);
    // If it named nobody, the team was called.
    await tx.query(projectStaff);
    return replayed;
  });
}

async function keptAs(database: Queryable, seq: number, lock: Sql = sql``): Promise<Kept | undefined> {
  const [kept] = await database.query<Kept>(
    sql`select seq, dedup, source, verdict, reason, received_at, duplicates, sealed
      from inbox left join inbox_bodies using (dedup) where seq = ${seq} ${lock}`,
  );
  return kept;
}

/** Null where nobody reads what came from there. */
function readKept(
  { sealed, dedup, received_at: receivedAt, source }: Kept,
  sealing: Sealing,
  read: ReadAgain,
): Arrival | null | 'body_expired' {
  if (sealed === null) return 'body_expired';
  return read(sealing.open(sealed, bodyLocation(dedup)), receivedAt.getTime(), source);
}

/** Whether the sender has repeated it meanwhile, and it was read then. */
async function isKnown(database: Queryable, sealing: Sealing, arrival: Arrival): Promise<boolean> {
  const dedups = identitiesOf(arrival, sealing.hashes).map(({ dedup }) => dedup);
  return (await database.query(sql`select 1 from inbox where dedup = any(${dedups}::bytea[])`)).length > 0;
}

async function readAnew(tx: Queryable, sealing: Sealing, kept: Kept, arrival: Arrival): Promise<Replay> {
  if (arrival.verdict === 'quarantined') {
    await tx.query(sql`update inbox set reason = ${arrival.reason}, event = ${arrival.event} where seq = ${kept.seq}`);
    return { outcome: 'still_quarantined', reason: arrival.reason };
  }
  // Whoever was told that something can't be read keeps that; nobody else need hear of it any more.
  await withdraw(tx, kept.seq);
  if (await isKnown(tx, sealing, arrival)) {
    await tx.query(
      sql`update inbox set verdict = 'accepted', reason = null, event = ${arrival.event} where seq = ${kept.seq}`,
    );
    return { outcome: 'known_already' };
  }
  const [identity] = identitiesOf(arrival, sealing.hashes);
  if (identity === undefined) throw new Error('a hash under no key');
  // The same insert as for any arrival, in the place of the row that was quarantined.
  await tx.query(sql`delete from inbox_bodies where dedup = ${kept.dedup}`);
  await tx.query(sql`delete from inbox where seq = ${kept.seq}`);
  const [comparable = arrival] = await underKeysOfSubjects([arrival], tx, sealing);
  const row = inboxRowOf(comparable, identity, sealing);
  await insertBatch(tx, [{ row, repeated: kept.duplicates, altered: false, idReused: false }]);
  const [inserted] = await tx.query<{ seq: number }>(sql`select seq from inbox where dedup = ${identity.dedup}`);
  return { outcome: 'accepted', seq: inserted?.seq ?? kept.seq };
}
