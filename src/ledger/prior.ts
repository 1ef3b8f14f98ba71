import type { Queryable } from '../database/sql.js';
import { concerned } from './concerned.js';
import type { Prior } from '../domain/facts.js';
import { withFurther } from './shipment-enrichment.js';

/**
 * Delivered facts, and every notification that concerns a subject: its own, and for a kit those of its orders
 * (`reminder.register` is kept there, and the recipient may be the patient).
 */
const PRIOR = `
select s.subject,
  coalesce((
    select jsonb_agg(d.facts || jsonb_build_object('seq', d.seq) order by d.seq)
    from deliveries d where d.subject = s.subject and d.relayed_at is not null), '[]') as facts,
  coalesce((
    select jsonb_agg(jsonb_build_object('subject', n.subject, 'kind', n.kind, 'occurrence', n.occurrence,
        'status', n.status, 'reason', n.reason, 'cause', n.cause,
        'address', rtrim(translate(encode(n.recipient_hash, 'base64'), E'+/\\n', '-_'), '='),
        'at', floor(extract(epoch from coalesce(n.settled_at, n.decided_at)) * 1000))
      || jsonb_strip_nulls(jsonb_build_object('quiet', nullif(n.quiet_ms, 0),
        'until', case when n.status = 'deferred' and n.reason = 'quiet_hours'
          then floor(extract(epoch from n.quiet_until) * 1000) end)) order by n.id)
    from notifications n where n.subject = any${concerned('s.subject')}), '[]') as notifications
from unnest($1::text[]) as s(subject)`;

/** What a new run of each subject is told: what was delivered before, and what became of every notification. */
export async function priorsOf(database: Queryable, subjects: readonly string[]): Promise<Map<string, Prior>> {
  if (subjects.length === 0) return new Map();
  const rows = await database.query<Prior & { subject: string }>(PRIOR, [subjects]);
  const complete = await withFurther(database, rows);
  return new Map(complete.map(({ subject, facts, notifications }) => [subject, { facts, notifications }]));
}

/** The same for one subject; empty when nothing is known of it. */
export async function priorOf(database: Queryable, subject: string): Promise<Prior> {
  return (await priorsOf(database, [subject])).get(subject) ?? { facts: [], notifications: [] };
}
