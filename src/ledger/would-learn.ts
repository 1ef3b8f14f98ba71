import type { Arrival } from '../domain/arrivals.js';
import type { Fact, Prior } from '../domain/facts.js';
import { isOrder, kitSubject, nameOf, orderSubject } from '../domain/subjects.js';
import { sql, type Queryable } from '../database/sql.js';
import { enrichShipments, type NewLink } from './deliveries.js';
import { priorsOf } from './deliveries.js';

/** What a journey knows, and what it would learn. */
export interface WouldLearn {
  readonly subject: string;
  readonly prior: Prior;
  readonly facts: readonly Fact[];
}

/** Who would be told what if these came in now, one after the other: also the kits of an order. Writes nothing. */
export async function wouldLearn(database: Queryable, arrivals: readonly Arrival[]): Promise<WouldLearn[]> {
  const [row] = await database.query<{ last: number }>(sql`select coalesce(max(seq), 0) as last from inbox`);
  const facts = new Map<string, Fact[]>();
  const add = (subject: string, fact: Fact): unknown => facts.set(subject, [...(facts.get(subject) ?? []), fact]);
  const links = await linksOf(database, arrivals);
  for (const [place, { routed }] of arrivals.entries()) {
    const seq = (row?.last ?? 0) + 1 + place;
    for (const { subject, fact } of routed) {
      add(subject, { ...fact, seq });
      for (const kit of links.kitsOf(subject)) add(kit, { ...fact, seq });
    }
  }
  const priors = await priorsOf(database, [...new Set([...facts.keys(), ...links.fresh.map(({ order }) => order)])]);
  const journeys = [...facts].map(([subject, learned]): WouldLearn => {
    const prior = priors.get(subject) ?? { facts: [], notifications: [] };
    const before = links.fresh
      .filter(({ kit }) => kit === subject)
      .flatMap(({ order }) => priors.get(order)?.facts ?? []);
    const isNew = ({ seq }: Fact): boolean => !prior.facts.some((known) => known.seq === seq);
    return { subject, prior, facts: [...before.filter(isNew), ...learned] };
  });
  return await enrichShipments(database, journeys);
}

/** An order's kits: those known, and those that these arrivals would link to it. */
async function linksOf(database: Queryable, arrivals: readonly Arrival[]) {
  const orders = new Set(
    arrivals.flatMap(({ routed }) => routed.flatMap(({ subject }) => (isOrder(subject) ? [nameOf(subject)] : []))),
  );
  const known = await database.query<NewLink>(
    sql`select order_number as order, barcode from links
      where order_number = any(${[...orders]}::text[]) order by order_number, barcode`,
  );
  const isKnown = (link: NewLink): boolean =>
    known.some(({ order, barcode }) => order === link.order && barcode === link.barcode);
  const fresh = arrivals.flatMap((arrival) => arrival.links).filter((link) => !isKnown(link));
  return {
    kitsOf: (subject: string): Set<string> =>
      new Set(
        [...known, ...fresh].flatMap(({ order, barcode }) =>
          orderSubject(order) === subject ? [kitSubject(barcode)] : [],
        ),
      ),
    fresh: fresh.map(({ order, barcode }) => ({ order: orderSubject(order), kit: kitSubject(barcode) })),
  };
}
