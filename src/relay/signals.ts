import type { Database } from '../database/database.js';
import type { Journeys } from './journeys.js';
import type { Fact, PolicySettings } from '../domain/facts.js';
import type { AdaptiveLimit } from './adaptive-limit.js';
import { priorOf, priorsOf } from '../ledger/deliveries.js';
import { type Delivered, gatherPending, LEASE_SECONDS, leaseSubjects, type Pending, settlePending } from './pending.js';

interface RoundOptions {
  readonly database: Database;
  readonly journeys: Journeys;
  readonly settings: () => PolicySettings;
  readonly owner: string;
  /** How many subjects to lease at most. */
  readonly subjects: number;
  /** How many signals at a time. */
  readonly inFlight: number;
  /** Told how long each takes. */
  readonly limit: Pick<AdaptiveLimit, 'observe'>;
  /** Told of what a journey was told of, once that is marked. */
  readonly onRelayed?: (pending: Pick<Pending, 'subject' | 'facts'>) => void;
}

/** `away`: Temporal takes nothing; everything is as it was before the round. */
type RoundResult = { readonly leased: number; readonly away: boolean };

/** A call has 10 s; none is begun that could end after the lease. */
const SIGNAL_UNTIL_MS = (LEASE_SECONDS - 20) * 1000;

/** Lease, gather, signal, mark: no transaction is held while Temporal is called. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { database, journeys, owner, subjects, inFlight, limit } = options;
  const began = performance.now();
  const leased = await leaseSubjects(database, owner, subjects);
  if (leased.length === 0) return { leased: 0, away: false };
  const pending = await gatherPending(database, leased);
  const deliver = await prepareDeliveries(pending, options);

  const delivered: Delivered[] = [];
  let away = false;
  let underWay = 0;
  const queue = pending.filter(({ facts, wokenAt }) => facts.length > 0 || wokenAt !== null);
  const next = (): Pending | undefined =>
    away || performance.now() - began > SIGNAL_UNTIL_MS ? undefined : queue.shift();

  async function lane(): Promise<void> {
    for (let one = next(); one !== undefined; one = next()) {
      underWay += 1;
      const call = { kind: startsAnew(one) ? 'start' : 'signal', underWay };
      const since = performance.now();
      try {
        await deliver(one);
        limit.observe({ ...call, ms: performance.now() - since });
        delivered.push({ pending: one, error: null });
      } catch (error) {
        // Is it this subject's, or everybody's?
        if (away || (await isAway(journeys))) {
          away = true;
          limit.observe({ ...call, ms: performance.now() - since, failed: true });
        } else delivered.push({ pending: one, error: errorCodeOf(error) });
      } finally {
        underWay -= 1;
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
  for (const { pending, error } of delivered) if (error === null) options.onRelayed?.(pending);
  return { leased: leased.length, away };
}

/** Temporal is away when it doesn't even tell its namespace. */
export async function isAway(journeys: Journeys): Promise<boolean> {
  return await journeys.namespaceId().then(
    () => false,
    () => true,
  );
}

/** Hands over what is pending for one subject; rejects when Temporal doesn't take it. */
type Deliver = (pending: Pending) => Promise<void>;

/**
 * Prepares the deliveries of a round. A subject that is believed new, or is to be woken, is started with its `prior`
 * (empty for one that is new indeed); a known one is signalled, and started in the same way when its run is gone.
 */
async function prepareDeliveries(
  round: readonly Pending[],
  { database, journeys, settings }: { database: Database; journeys: Journeys; settings: () => PolicySettings },
): Promise<Deliver> {
  const starts = round.filter(startsAnew).map(({ subject }) => subject);
  const priors = await priorsOf(database, starts);

  return async (pending) => {
    const { subject, facts, before } = pending;
    const name = facts.length === 0 ? WAKE : signalNameOf(facts);
    const batch = { facts, before, settings: settings() };
    if (!startsAnew(pending) && (await journeys.signal(subject, name, batch)) === 'signalled') return;
    await journeys.signalWithStart(subject, name, batch, priors.get(subject) ?? (await priorOf(database, subject)));
  };
}

const startsAnew = ({ before, wokenAt }: Pending): boolean => before === 0 || wokenAt !== null;

/** What may be kept of an error: a name or a status, never a message, which could quote anything. */
function errorCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'number') return `grpc_${String(error.code)}`;
  const name = 'name' in error ? error.name : null;
  return typeof name === 'string' && /^[A-Za-z]{1,60}$/.test(name) ? name : 'unknown';
}

/** The signal that carries no news: it starts a journey whose run is gone. */
const WAKE = 'wake';

/**
 * What Temporal's timeline shows of a signal: the event of the fact that came last, and how many came with it
 * (`results.available +2`).
 */
function signalNameOf(facts: readonly Pick<Fact, 'seq' | 'event'>[]): string {
  const [first, ...others] = facts;
  if (first === undefined) return WAKE;
  const latest = others.reduce((last, fact) => (fact.seq > last.seq ? fact : last), first);
  return others.length === 0 ? latest.event : `${latest.event} +${String(others.length)}`;
}
