import type { AttentionCode } from '../domain/attention.js';
import type { Kind } from '../domain/kinds.js';
import type { DecisionRow, Reason, Status } from '../domain/notifications.js';
import { sql, type Queryable } from '../database/sql.js';

/** Who needs a human for one reason, about one kind of email. */
export interface AttentionFigure {
  readonly code: AttentionCode;
  /** Null: about none, or all. */
  readonly kind: Kind | null;
  /** Kits, orders and the team's own webhooks. */
  readonly subjects: number;
  /** Since when the first of them does. */
  readonly since: Date;
}

/** By code and kind. Reads those who need a human, and nobody else, however many there are. */
export async function readAttention(database: Queryable): Promise<AttentionFigure[]> {
  return await database.query<AttentionFigure>(
    sql`select a ->> 'code' as code, a ->> 'kind' as kind, count(*) as subjects,
        to_timestamp(min((a ->> 'since')::float8) / 1000) as since
      from subjects s cross join lateral jsonb_array_elements(s.attention) as a
      where s.needs_attention is not null group by 1, 2`,
  );
}

/** Emails of one kind that are decided and neither gone nor given up, for one reason. */
export interface OpenFigure {
  readonly kind: Kind;
  readonly status: Extract<Status, 'sending' | 'deferred'>;
  readonly reason: Reason | null;
  readonly emails: number;
  /** When the first of them was decided, or quiet hours stopped holding it back. */
  readonly since: Date;
}

/** By kind, status and reason. Reads what is open, and nothing that is settled. */
export async function readOpenEmails(database: Queryable): Promise<OpenFigure[]> {
  return await database.query<OpenFigure>(
    sql`select n.kind, n.status, n.reason, count(*) as emails,
        min(greatest(n.decided_at, n.quiet_until)) as since
      from notifications n where n.status in ('sending', 'deferred') group by 1, 2, 3`,
  );
}

/** Emails that are decided and neither gone nor given up, by who has them. */
export interface Hands {
  /** An attempt has them, or had when its process ended. */
  readonly inHand: number;
  /** Of these: the attempt's time was over a minute ago, and nobody has taken them over. */
  readonly left: number;
  readonly waiting: number;
}

export async function readHands(database: Queryable): Promise<Hands> {
  const [row] = await database.query<Hands>(
    sql`select count(*) filter (where status = 'sending') as "inHand",
        count(*) filter (where status = 'sending' and lease_until < now() - interval '1 min') as "left",
        count(*) filter (where status = 'deferred') as waiting
      from notifications where status in ('sending', 'deferred')`,
  );
  return row ?? { inHand: 0, left: 0, waiting: 0 };
}

/** When what an email tells of happened, and when what called for it came in. */
export interface Origin {
  /** Of the partner's webhook that is its cause; null where a clock, an operator or an answer is. */
  readonly receivedAt: Date | null;
  /** Until when quiet hours held it back; null where they didn't. */
  readonly quietUntil: Date | null;
  /** The event's own time; null where it is about no event, or its time isn't believed. */
  readonly happenedAt: Date | null;
}

/** Of the email that was decided so. A webhook without an id counts as none: C4HXP's have one. */
export async function readOrigin(
  database: Queryable,
  { subject, kind, occurrence, cause, sourceSeq }: DecisionRow,
): Promise<Origin> {
  const [row] = await database.query<Origin>(
    // Of an id that was used twice the one that the email is about, else the latest.
    sql`select
        (select i.received_at from inbox i where i.external_id = ${cause} and i.source = 'c4hxp'
          order by (i.seq = ${sourceSeq}::bigint) desc nulls last, i.seq desc limit 1) as "receivedAt",
        (select n.quiet_until from notifications n
          where n.subject = ${subject} and n.kind = ${kind} and n.occurrence = ${occurrence}) as "quietUntil",
        (select i.event_at from inbox i where i.seq = ${sourceSeq}::bigint) as "happenedAt"`,
  );
  return row ?? { receivedAt: null, quietUntil: null, happenedAt: null };
}
