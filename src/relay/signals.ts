import type { Database } from '../database/database.js';
import type { Journeys } from './journeys.js';
import type { PolicySettings } from '../domain/facts.js';
import { errorCodeOf, prepareDeliveries } from './deliver.js';
import { gatherPending, LEASE_SECONDS, leaseSubjects, settlePending, type Delivered, type Pending } from './leases.js';

export interface RoundOptions {
  readonly database: Database;
  readonly journeys: Journeys;
  readonly settings: () => PolicySettings;
  readonly owner: string;
  /** How many subjects to lease at most. */
  readonly subjects: number;
  /** How many signals at a time. */
  readonly inFlight: number;
}

/** `away`: Temporal takes nothing; everything is as it was before the round. */
export type RoundResult = { readonly leased: number; readonly away: boolean };

/** A call has 10 s; none is begun that could end after the lease. */
const SIGNAL_UNTIL_MS = (LEASE_SECONDS - 20) * 1000;

/** Lease, gather, signal, mark: no transaction is held while Temporal is called. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { database, journeys, owner, subjects, inFlight } = options;
  const began = performance.now();
  const leased = await leaseSubjects(database, owner, subjects);
  if (leased.length === 0) return { leased: 0, away: false };
  const pending = await gatherPending(database, leased);
  const deliver = await prepareDeliveries(pending, options);

  const delivered: Delivered[] = [];
  let away = false;
  const queue = pending.filter(({ facts, woken }) => facts.length > 0 || woken);
  const next = (): Pending | undefined =>
    away || performance.now() - began > SIGNAL_UNTIL_MS ? undefined : queue.shift();

  async function lane(): Promise<void> {
    for (let one = next(); one !== undefined; one = next()) {
      try {
        await deliver(one);
        delivered.push({ pending: one, error: null });
      } catch (error) {
        // Is it this subject's, or everybody's?
        if (away || (await isAway(journeys))) away = true;
        else delivered.push({ pending: one, error: errorCodeOf(error) });
      }
    }
  }

  await Promise.all(Array.from({ length: inFlight }, lane));
  const settled = new Set(delivered.map((one) => one.pending.subject));
  await settlePending(
    database,
    owner,
    delivered,
    leased.filter((subject) => !settled.has(subject)),
  );
  return { leased: leased.length, away };
}

/** Temporal is away when it doesn't even tell its namespace. */
export async function isAway(journeys: Journeys): Promise<boolean> {
  return await journeys.namespaceId().then(
    () => false,
    () => true,
  );
}
