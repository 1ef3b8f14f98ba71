import { REFUSED, REPORTED_BACK } from '../database/came-back.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import type { Kind } from '../domain/kinds.js';
import type { Reason } from '../domain/notifications.js';

/** What became of an email that did not do its work, as it can be asked for. */
export const FATES = ['bounced', 'complained', 'failed'] as const;
export type Fate = (typeof FATES)[number];

/** An email that came back, was reported as spam, or was refused; of one that did so more than once, the last time. */
export interface NotArrived {
  readonly subject: string;
  readonly kind: Kind;
  readonly fate: Fate;
  readonly reason: Reason;
  /** When we heard of it: ms since the epoch. */
  readonly at: number;
  /** Whether a human is asked for its kit or order now. */
  readonly needsHuman: boolean;
  /** Tells it from others of the same moment. */
  readonly key: string;
}

export interface NotArrivedQuery {
  readonly fate: Fate | null;
  /** ms since the epoch: then or later. */
  readonly since: number;
  /** Before then. */
  readonly until: number;
  /** The last one of the page before. */
  readonly after: Pick<NotArrived, 'at' | 'key'> | null;
  readonly limit: number;
}

export interface NotArrivedPage {
  readonly emails: readonly NotArrived[];
  /** Whether more come after them. */
  readonly more: boolean;
}

type Row = Omit<NotArrived, 'at'> & { readonly at: Date };

/**
 * Emails that came back or were refused, the newest first. What the mail provider reported stays in the list when the email
 * was sent again since: it did come back then.
 */
export async function listNotArrived(database: Queryable, query: NotArrivedQuery): Promise<NotArrivedPage> {
  const rows = await database.query<Row>(notArrivedPage({ ...query, limit: query.limit + 1 }));
  const emails = rows.slice(0, query.limit).map((row) => ({ ...row, at: row.at.getTime() }));
  return { emails, more: rows.length > query.limit };
}

/** SQL of a page: each half begins at an index, and reads no more than a page. */
export function notArrivedPage({ fate, since, until, after, limit }: NotArrivedQuery): Sql {
  const half = (rows: Sql): Sql =>
    sql`(select * from (${rows}) as these
      where ${after === null ? sql`true` : sql`(at, key) < (${new Date(after.at)}::timestamptz, ${after.key}::text)`}
      order by at desc, key desc limit ${limit}::int)`;
  const upTo = new Date(after === null ? until : Math.min(until, after.at + 1));
  const within = (column: Sql): Sql =>
    sql`${column} >= ${new Date(since)}::timestamptz and ${column} < ${upTo}::timestamptz`;
  const reported = half(sql`select d.subject, d.facts->'mail'->>'kind' as kind, split_part(i.event, '.', 2) as fate,
      case when i.event = 'mail.complained' then 'complained'
        when (d.facts->'mail'->>'permanent')::boolean then 'bounced_permanent' else 'bounced_temporary' end as reason,
      i.received_at as at, 'i' || i.seq as key
    from inbox i join deliveries d on d.seq = i.seq
    where i.${sql.raw(REPORTED_BACK)} and ${within(sql`i.received_at`)}
      and ${fate === null ? sql`true` : sql`i.event = ${`mail.${fate}`}::text`}
      and not exists (select from deliveries later where later.subject = d.subject and later.seq > d.seq
        and later.facts->>'event' = d.facts->>'event'
        and later.facts->'mail'->>'kind' = d.facts->'mail'->>'kind'
        and later.facts->'mail'->>'occurrence' = d.facts->'mail'->>'occurrence')`);
  const refused = half(sql`select n.subject, n.kind, 'failed' as fate, n.reason, n.settled_at as at, 'n' || n.id as key
    from notifications n where n.${sql.raw(REFUSED)} and n.kind <> 'staff.alert' and ${within(sql`n.settled_at`)}`);
  const halves = fate === null ? [reported, refused] : [fate === 'failed' ? refused : reported];
  return sql`select found.*, coalesce(s.needs_attention is not null, false) as "needsHuman"
    from (${sql.join(halves, sql` union all `)}) as found left join subjects s on s.subject = found.subject
    order by found.at desc, found.key desc limit ${limit}::int`;
}
