import { TOPICS } from '../domain/kinds.js';
import type { NotificationKey, Reason, Status } from '../domain/notifications.js';
import { sql, type Queryable } from '../database/sql.js';
import { encodeHash } from '../sealing/sealing.js';
import type { Scope, Suppressions } from './suppressions.js';

/** What a mail provider says became of an email that was handed over. */
export interface MailOutcome {
  readonly messageId: string;
  readonly what: 'delivered' | 'bounced' | 'complained';
  /** Of a bounce: this email won't arrive, now or later, and the address takes no other one either. */
  readonly permanent: boolean;
  /** Of a bounce: it was for the email, not for the address. */
  readonly keepsAddress?: true;
  readonly cause: string;
  /** ms */
  readonly at: number;
}

interface Became {
  readonly status: Status;
  readonly reason: Reason | null;
  readonly suppresses: readonly Scope[];
}

function becameOf({ what, permanent, keepsAddress }: MailOutcome): Became {
  switch (what) {
    case 'delivered':
      return { status: 'delivered', reason: null, suppresses: [] };
    case 'bounced':
      return permanent
        ? { status: 'bounced', reason: 'bounced_permanent', suppresses: keepsAddress === true ? [] : ['bounced'] }
        : { status: 'bounced', reason: 'bounced_temporary', suppresses: [] };
    case 'complained':
      return { status: 'complained', reason: 'complained', suppresses: TOPICS };
  }
}

/**
 * Writes a report to the row it is about, and what follows from it to the address: a permanent bounce suppresses it, a
 * complaint stops both topics. Reports come late, twice and out of order: a permanent bounce or a complaint is not
 * undone by a `delivered` that was said before it. A provider's clock is not ours: nothing became of an email before it
 * was decided and handed over.
 * @returns which notification it was; null where the Message-ID isn't ours.
 */
export async function noteOutcome(
  database: Queryable,
  suppressions: Suppressions,
  outcome: MailOutcome,
): Promise<NotificationKey | null> {
  const { status, reason, suppresses } = becameOf(outcome);
  const [row] = await database.query<NotificationKey & { recipient_hash: Buffer | null }>(
    sql`with reported as (
        update notifications n set status = ${status}, reason = ${reason}, handing_over = false,
          settled_at = greatest(${new Date(outcome.at)}::timestamptz, n.settled_at, n.decided_at)
        where n.message_id = ${outcome.messageId} and (
          n.status in ('sent', 'unknown')
          or (n.status = 'delivered' and ${status}::text <> 'delivered')
          or (n.status = 'bounced' and (n.reason = 'bounced_temporary' or ${status}::text = 'complained'))))
      select subject, kind, occurrence, recipient_hash from notifications where message_id = ${outcome.messageId}`,
  );
  if (row === undefined) return null;
  const { recipient_hash: hash, ...key } = row;
  if (hash !== null) {
    for (const scope of suppresses) await suppressions.suppress(encodeHash(hash), scope, outcome.cause, outcome.at);
  }
  return key;
}
