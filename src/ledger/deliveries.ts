import { eventsThatShow } from '../domain/events.js';
import type { Fact, FactBody, Prior } from '../domain/facts.js';
import { type Columns, type Queryable, sql, type Sql, tableOf } from '../database/sql.js';
import { STAFF } from '../domain/subjects.js';
import { statesConcerning } from './notifications.js';

/** What one subject is to be told. */
export interface NewDelivery {
  readonly subject: string;
  readonly priority: number;
  /** json of a FactBody */
  readonly facts: string;
}

export const DELIVERY_COLUMNS: Columns<NewDelivery> = {
  subject: ['text', (delivery) => delivery.subject],
  priority: ['smallint', (delivery) => delivery.priority],
  facts: ['text', (delivery) => delivery.facts],
};

/** That a kit belongs to an order: it is to be told all that the order is. */
export interface NewLink {
  readonly order: string;
  readonly barcode: string;
}

export const LINK_COLUMNS: Columns<NewLink> = {
  order_number: ['text', (link) => link.order],
  barcode: ['text', (link) => link.barcode],
};

// Every insert is sorted by its key, so that those who add to the same subjects take their locks in one order.

/** SQL that adds a delivery for each row of `from` (subject, seq, priority, facts), as one part of a statement. */
export const addDeliveries = (from: Sql): Sql =>
  sql`insert into deliveries (subject, seq, priority, facts, joined)
    select subject, seq, priority, facts, subject not like 'order:%' from ${from} order by subject, seq`;

/**
 * SQL: a fact (an expression of type jsonb) without what stands for a person and their results: keyed hashes, zone, flag.
 * That there was an address stays, so that a journey goes on as it would have.
 */
export const withoutPerson = (facts: Sql): Sql => sql`((${facts} - 'summary' - 'needsReview')
  || case when ${facts} -> 'person' is null then '{}'::jsonb
    else jsonb_build_object('person', ((${facts} -> 'person') - 'zone') || '{"name": null, "address": null}'::jsonb) end)`;

/** SQL that adds a link for each row of `from` (order_number, barcode). */
export const addLinks = (from: Sql): Sql =>
  sql`insert into links (order_number, barcode)
    select distinct order_number, barcode from ${from} order by 1, 2 on conflict do nothing`;

/** SQL that says of the links in `from` that what they imply was added. */
export const markLinksJoined = (from: Sql): Sql =>
  sql`update links t set joined = true from ${from} n where t.order_number = n.order_number and t.barcode = n.barcode`;

/** SQL that says of an order's deliveries in `from` that its kits have them, too. */
export const markDeliveriesJoined = (from: Sql): Sql =>
  sql`update deliveries t set joined = true from ${from} n where t.subject = n.subject and t.seq = n.seq`;

interface DeliveryKey {
  readonly subject: string;
  readonly seq: number;
}

/** SQL that says of these deliveries that their journeys have them. */
export const markRelayed = (delivered: readonly DeliveryKey[]): Sql =>
  sql`update deliveries d set relayed_at = now(), error_code = null
    from ${tableOf('x', delivered, {
      subject: ['text', ({ subject }) => subject],
      seq: ['bigint', ({ seq }) => seq],
    })} where d.subject = x.subject and d.seq = x.seq`;

/**
 * SQL that puts off all that is pending for these subjects, up to a minute. `code` says why. `offset 0` has what is pending
 * looked up by subject, for what may be a long backlog is taken for empty by the planner.
 */
export const putOff = (failed: readonly { readonly subject: string; readonly code: string | null }[]): Sql =>
  sql`update deliveries d set attempts = d.attempts + 1, error_code = x.code,
      next_at = now() + make_interval(secs => least(60, power(2, least(d.attempts, 6))))
    from ${tableOf('x', failed, {
      subject: ['text', ({ subject }) => subject],
      code: ['text', ({ code }) => code],
    })} cross join lateral (select seq, relayed_at from deliveries where subject = x.subject offset 0) p
    where p.relayed_at is null and d.subject = x.subject and d.seq = p.seq`;

/** Hands what came in as `seq` to its subjects once more. */
export async function deliverAgain(database: Queryable, seq: number): Promise<void> {
  await database.query(
    sql`update deliveries set relayed_at = null, attempts = 0, next_at = now(), error_code = null where seq = ${seq}`,
  );
}

/** Takes back what came in as `seq` from those who were not told yet: something better takes its place. */
export async function withdraw(database: Queryable, seq: number): Promise<void> {
  await database.query(sql`delete from deliveries where seq = ${seq} and relayed_at is null`);
}

/** What each of these journeys was told so far, in the order of arrival; the journeys in the order given. */
async function deliveredFacts(
  database: Queryable,
  subjects: readonly string[],
): Promise<readonly { readonly subject: string; readonly facts: readonly Fact[] }[]> {
  if (subjects.length === 0) return [];
  const rows = await database.query<{ subject: string; facts: readonly Fact[] }>(
    sql`select s.subject, coalesce((
        select jsonb_agg(d.facts || jsonb_build_object('seq', d.seq) order by d.seq)
        from deliveries d where d.subject = s.subject and d.relayed_at is not null), '[]') as facts
      from unnest(${subjects}::text[]) with ordinality as s(subject, nth) order by s.nth`,
  );
  return await enrichShipments(database, rows);
}

/** All that one subject was or is to be told, in the order of arrival. */
export async function factsOf(database: Queryable, subject: string): Promise<readonly FactBody[]> {
  const rows = await database.query<{ facts: FactBody }>(
    sql`select facts from deliveries where subject = ${subject} order by seq`,
  );
  return rows.map(({ facts }) => facts);
}

const REGISTERED_OR_FURTHER = eventsThatShow('registered', 'at_lab', 'results');

/** Completes the facts of shipments with what only the database knows: which of the parcel's kits are further already. */
export async function enrichShipments<T extends { readonly facts: readonly Fact[] }>(
  database: Queryable,
  batches: readonly T[],
): Promise<T[]> {
  const barcodes = new Set(batches.flatMap(({ facts }) => facts.flatMap(shipped)));
  if (barcodes.size === 0) return [...batches];
  const kits = [...barcodes].map((barcode) => `kit:${barcode}`);
  const events = sql`any(${REGISTERED_OR_FURTHER}::text[])`;
  const rows = await database.query<{ barcode: string }>(
    sql`select distinct substr(subject, 5) as barcode from deliveries
      where subject = any(${kits}::text[]) and (facts->>'event' = ${events} or exists (
        select from jsonb_array_elements(facts->'learned') l where l->>'event' = ${events}))`,
  );
  const further = new Set(rows.map(({ barcode }) => barcode));
  return batches.map((batch) => ({
    ...batch,
    facts: batch.facts.map((fact) =>
      shipped(fact).length === 0
        ? fact
        : { ...fact, registeredBarcodes: shipped(fact).filter((barcode) => further.has(barcode)) },
    ),
  }));
}

const shipped = ({ event, barcodes = [] }: Fact): readonly string[] => (event === 'order.shipped' ? barcodes : []);

/** What a new run of each subject is told: what was delivered before, and what became of every notification. */
export async function priorsOf(database: Queryable, subjects: readonly string[]): Promise<Map<string, Prior>> {
  if (subjects.length === 0) return new Map();
  // The notifications second: a fact that is missing comes again, an email that is missing would be sent again.
  const delivered = await deliveredFacts(database, subjects);
  const states = await statesConcerning(database, subjects);
  return new Map(delivered.map(({ subject, facts }) => [subject, { facts, notifications: states.get(subject) ?? [] }]));
}

/** The same for one subject; empty when nothing is known of it. */
export async function priorOf(database: Queryable, subject: string): Promise<Prior> {
  return (await priorsOf(database, [subject])).get(subject) ?? { facts: [], notifications: [] };
}

/** A page of journeys in the order of their subjects. */
export interface HistoryQuery {
  /** Journeys that were open at this moment or later. */
  readonly since: Date;
  /** The last subject of the page before; null: the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** All that each of these journeys was told, as it was delivered. What was erased, and the team's, is not among them. */
export async function journeyHistories(
  database: Queryable,
  { since, after, limit }: HistoryQuery,
): Promise<readonly { readonly subject: string; readonly facts: readonly Fact[] }[]> {
  const rows = await database.query<{ subject: string }>(
    sql`select subject from subjects
      where (closed_at is null or closed_at >= ${since}) and erased_at is null and subject > ${after ?? ''}
        and subject <> ${STAFF}
      order by subject limit ${limit}`,
  );
  return await deliveredFacts(
    database,
    rows.map(({ subject }) => subject),
  );
}
