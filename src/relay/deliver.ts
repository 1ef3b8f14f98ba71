import type { Database } from '../database/database.js';
import type { Journeys } from './journeys.js';
import type { PolicySettings } from '../domain/facts.js';
import type { Pending } from './leases.js';
import { priorOf, priorsOf } from '../ledger/prior.js';
import { signalNameOf, WAKE } from './signal-name.js';

/** Hands over what is pending for one subject; rejects when Temporal doesn't take it. */
export type Deliver = (pending: Pending) => Promise<void>;

/**
 * Prepares the deliveries of a round. A subject that is believed new, or is to be woken, is started with its `prior`
 * (empty for one that is new indeed); a known one is signalled, and started in the same way when its run is gone.
 */
export async function prepareDeliveries(
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

const startsAnew = ({ before, woken }: Pending): boolean => before === 0 || woken;

/** What may be kept of an error: a name or a status, never a message, which could quote anything. */
export function errorCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'number') return `grpc_${String(error.code)}`;
  const name = 'name' in error ? error.name : null;
  return typeof name === 'string' && /^[A-Za-z]{1,60}$/.test(name) ? name : 'unknown';
}
