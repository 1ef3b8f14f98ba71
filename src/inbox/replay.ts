import type { Database } from '../database/database.js';
import { sql, type Queryable } from '../database/sql.js';
import { projectStaff } from '../ledger/alerts.js';
import { deliverAgain, withdraw } from '../ledger/deliveries.js';
import type { Sealing } from '../sealing/sealing.js';
import type { Arrival } from '../domain/arrivals.js';
import { insertBatch } from './insert.js';
import { bodyLocation, identitiesOf, inboxRowOf } from './inbox-row.js';

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

/**
 * Sends an arrival through the way again. What was quarantined is read anew after a fix, and takes a new `seq`, since
 * it reaches its journeys only now; what was accepted is handed to them once more (they know facts by their `seq`).
 */
export async function replayWebhook(
  { database, sealing }: { readonly database: Database; readonly sealing: Sealing },
  seq: number,
  read: ReadAgain,
): Promise<Replay> {
  return await database.transaction(async (tx) => {
    const [kept] = await tx.query<Kept>(
      sql`select seq, dedup, source, verdict, reason, received_at, duplicates, sealed
        from inbox left join inbox_bodies using (dedup) where seq = ${seq} for update of inbox`,
    );
    if (kept === undefined) return { outcome: 'not_found' };
    if (kept.verdict === 'accepted') {
      await deliverAgain(tx, seq);
      return { outcome: 'accepted', seq };
    }
    if (kept.sealed === null) return { outcome: 'body_expired' };
    const raw = sealing.open(kept.sealed, bodyLocation(kept.dedup));
    const arrival = read(raw, kept.received_at.getTime(), kept.source);
    if (arrival === null) return { outcome: 'still_quarantined', reason: kept.reason };
    const replayed = await readAnew(tx, sealing, kept, arrival);
    // If it named nobody, the team was called.
    await tx.query(projectStaff);
    return replayed;
  });
}

async function readAnew(tx: Queryable, sealing: Sealing, kept: Kept, arrival: Arrival): Promise<Replay> {
  if (arrival.verdict === 'quarantined') {
    await tx.query(sql`update inbox set reason = ${arrival.reason}, event = ${arrival.event} where seq = ${kept.seq}`);
    return { outcome: 'still_quarantined', reason: arrival.reason };
  }
  // Whoever was told that something can't be read keeps that; nobody else need hear of it any more.
  await withdraw(tx, kept.seq);
  const identities = identitiesOf(arrival, sealing.hashes);
  const [identity] = identities;
  if (identity === undefined) throw new Error('a hash under no key');
  const dedups = identities.map(({ dedup }) => dedup);
  const known = await tx.query(sql`select 1 from inbox where dedup = any(${dedups}::bytea[])`);
  if (known.length > 0) {
    await tx.query(
      sql`update inbox set verdict = 'accepted', reason = null, event = ${arrival.event} where seq = ${kept.seq}`,
    );
    return { outcome: 'known_already' };
  }
  // The same insert as for any arrival, in the place of the row that was quarantined.
  await tx.query(sql`delete from inbox_bodies where dedup = ${kept.dedup}`);
  await tx.query(sql`delete from inbox where seq = ${kept.seq}`);
  const row = inboxRowOf(arrival, identity, sealing);
  await insertBatch(tx, [{ row, repeated: kept.duplicates, altered: false, idReused: false }]);
  const [inserted] = await tx.query<{ seq: number }>(sql`select seq from inbox where dedup = ${identity.dedup}`);
  return { outcome: 'accepted', seq: inserted?.seq ?? kept.seq };
}
