import type { FactEvent } from '../domain/events.js';
import type { Queryable } from '../database/sql.js';
import type { Fact } from '../domain/facts.js';

/** What shows that a kit was registered, or is further than that. */
const REGISTERED_OR_FURTHER: readonly FactEvent[] = [
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'kit.processing_completed',
  'results.available',
  'results.reviewed',
];

const FURTHER = `
select distinct substr(subject, 5) as barcode from deliveries
where subject = any($1::text[]) and (facts->>'event' = any($2::text[]) or exists (
  select from jsonb_array_elements(facts->'learned') l where l->>'event' = any($2::text[])))`;

/** Completes the facts of shipments with what only the database knows: which of the parcel's kits are further already. */
export async function withFurther<T extends { readonly facts: readonly Fact[] }>(
  database: Queryable,
  batches: readonly T[],
): Promise<T[]> {
  const barcodes = new Set(batches.flatMap(({ facts }) => facts.flatMap(shipped)));
  if (barcodes.size === 0) return [...batches];
  const rows = await database.query<{ barcode: string }>(FURTHER, [
    [...barcodes].map((barcode) => `kit:${barcode}`),
    REGISTERED_OR_FURTHER,
  ]);
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
