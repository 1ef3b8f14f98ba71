import { isOrder } from '../domain/subjects.js';
import type { Source } from '../domain/sources.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import { withoutPerson } from '../ledger/deliveries.js';
import { stoppedOwners } from '../ledger/heartbeat.js';

/** How much of each kind was erased of one subject. */
export interface Counts {
  /** Sealed bodies: what the partner posted and answered, what mail providers reported, what operators wrote. */
  readonly webhooks: number;
  readonly answers: number;
  readonly reports: number;
  readonly commands: number;
  /** People and parcels that were named. */
  readonly contacts: number;
  /** Emails whose address, and the mail server's words about it, were kept. */
  readonly emails: number;
  /** Facts with keyed hashes of a name, an address or a result. */
  readonly facts: number;
}

export type Purged = { readonly outcome: 'purged'; readonly counts: Counts } | { readonly outcome: 'being_sent' };

/**
 * Erases what is kept of one subject, in the transaction that it is given. Nothing comes after it if its tombstone stands
 * already. `became`: what is said of its bodies then. Nothing is touched while an email of its is with a mail server: its
 * attempt would write an address once more.
 *
 * Rows are locked in the order in which everybody else does: notifications, then what came in, by `dedup`.
 */
export async function purgeSubject(
  tx: Queryable,
  subject: string,
  became: 'erased' | 'expired' = 'erased',
): Promise<Purged> {
  if (await isBeingSent(tx, subject)) return { outcome: 'being_sent' };
  const emails = await forgetAddresses(tx, subject);
  const bodies = await lockBodies(tx, subject);
  const dedups = bodies.map(({ dedup }) => dedup);
  await tx.query(sql`delete from inbox_bodies where dedup = any(${dedups}::bytea[])`);
  await tx.query(
    sql`update inbox set body_state = ${became} where dedup = any(${dedups}::bytea[])
      and body_state = any(${became === 'erased' ? ['kept', 'expired'] : ['kept']}::text[])`,
  );
  const contacts = await tx.query(sql`delete from contacts where subject = ${subject} returning 1`);
  const facts = await forgetTraces(tx, subject);
  const kept = (source: Source): number =>
    bodies.filter((body) => body.source === source && body.body_state === 'kept').length;
  return {
    outcome: 'purged',
    counts: {
      webhooks: kept('c4hxp'),
      answers: kept('partner'),
      reports: kept('mail'),
      commands: kept('operator'),
      contacts: contacts.length,
      emails,
      facts,
    },
  };
}

/** Whether an attempt of a living process holds one of its emails. Locks all of them. */
async function isBeingSent(tx: Queryable, subject: string): Promise<boolean> {
  const rows = await tx.query<{ held: boolean }>(
    sql`select status = 'sending' and lease_until > now() and owner <> all(${stoppedOwners}) as held
      from notifications where subject = ${subject} order by kind, occurrence for update`,
  );
  return rows.some(({ held }) => held);
}

/** What has the number of an attempt that may come back from the dead loses it: its late answer would name the address. */
async function forgetAddresses(tx: Queryable, subject: string): Promise<number> {
  await tx.query(
    sql`update notifications set attempt = attempt + 1
      where subject = ${subject} and status in ('sending', 'unknown')`,
  );
  const rows = await tx.query(
    sql`update notifications set sealed = null, recipient_hash = null
      where subject = ${subject} and (sealed is not null or recipient_hash is not null) returning 1`,
  );
  return rows.length;
}

/**
 * SQL: what came in about the subject itself. A kit is told of all that its order is; that is the order's, whose recipient
 * may be somebody else.
 */
export const ownArrivals = (subject: string): Sql =>
  sql`select d.seq from deliveries d where d.subject = ${subject}
    ${isOrder(subject) ? sql`` : sql`and not exists (select from deliveries o where o.seq = d.seq and o.subject like 'order:%')`}`;

interface Body {
  readonly dedup: Buffer;
  readonly source: Source;
  readonly body_state: 'kept' | 'expired' | 'erased';
}

const lockBodies = (tx: Queryable, subject: string): Promise<Body[]> =>
  tx.query<Body>(
    sql`select dedup, source, body_state from inbox where seq in (${ownArrivals(subject)}) order by dedup for update`,
  );

/** An order's facts were handed to its kits: there only the recipient's trace is the order's. */
async function forgetTraces(tx: Queryable, subject: string): Promise<number> {
  const theirs = isOrder(subject)
    ? sql`d.seq in (${ownArrivals(subject)}) and (d.subject = ${subject} or d.facts -> 'person' ->> 'role' = 'recipient')`
    : sql`d.subject = ${subject}`;
  const rows = await tx.query<{ subject: string }>(
    sql`update deliveries d set facts = ${withoutPerson(sql`d.facts`)} from (
        select d.subject, d.seq from deliveries d where ${theirs} and d.facts <> ${withoutPerson(sql`d.facts`)}
        order by d.subject, d.seq for update) as t
      where d.subject = t.subject and d.seq = t.seq returning d.subject`,
  );
  return rows.filter((row) => row.subject === subject).length;
}
