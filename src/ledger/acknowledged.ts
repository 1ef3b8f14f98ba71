import type { AttentionCode } from '../domain/attention.js';
import type { OperatorEvent } from '../domain/events.js';
import { sql, type Queryable } from '../database/sql.js';
import type { Sealing } from '../sealing/sealing.js';
import { bodyLocation } from './bodies.js';

/** That a human has dealt with what a subject was shown to need. Who and why are null once the command's body has expired. */
export interface Acknowledged {
  readonly by: string | null;
  readonly reason: string | null;
  /** ISO 8601 in UTC */
  readonly at: string;
  /** What was shown at that moment. */
  readonly codes: readonly AttentionCode[];
}

/** What an operator asked for about a subject. Who and why are null once the command's body has expired. */
export interface AskedFor extends Acknowledged {
  readonly event: OperatorEvent;
}

/** The body of such a command, as the operators' app seals it. */
type Body = Partial<Pick<Acknowledged, 'by' | 'reason' | 'codes'>>;

/** All that operators asked for about a subject itself, the earliest first; `event`: only that. */
export async function askedAbout(
  database: Queryable,
  sealing: Sealing,
  subject: string,
  event: OperatorEvent | null = null,
): Promise<AskedFor[]> {
  const rows = await database.query<{ event: OperatorEvent; dedup: Buffer; received_at: Date; sealed: Buffer | null }>(
    sql`select d.facts->>'event' as event, i.dedup, i.received_at, b.sealed
      from deliveries d join inbox i on i.seq = d.seq left join inbox_bodies b on b.dedup = i.dedup
      where d.subject = ${subject} and d.facts->'command'->>'subject' = ${subject}
        and ${event === null ? sql`starts_with(d.facts->>'event', 'operator.')` : sql`d.facts->>'event' = ${event}::text`}
      order by d.seq`,
  );
  return rows.map(({ event: asked, dedup, received_at: at, sealed }) => {
    const body =
      sealed === null ? {} : (JSON.parse(sealing.open(sealed, bodyLocation(dedup)).toString('utf8')) as Body);
    const { by = null, reason = null, codes = [] } = body;
    return { event: asked, by, reason, at: at.toISOString(), codes };
  });
}

/** All that was acknowledged about a subject itself, the earliest first. */
export async function acknowledgedAbout(
  database: Queryable,
  sealing: Sealing,
  subject: string,
): Promise<Acknowledged[]> {
  const asked = await askedAbout(database, sealing, subject, 'operator.acknowledge');
  return asked.map(({ by, reason, at, codes }) => ({ by, reason, at, codes }));
}
