import { usableAddress } from '../domain/address.js';
import { TOPICS } from '../domain/kinds.js';
import type { NotificationKey, Reason, Status } from '../domain/notifications.js';
import { sql, type Queryable, type Sql } from '../database/sql.js';
import { STAFF } from '../domain/subjects.js';
import { encodeHash, type Sealing } from '../sealing/sealing.js';
import { addSuppressions, hashesOfSame, type Scope } from './suppressions.js';

/** What a mail provider says became of an email that was handed over. */
export interface MailOutcome {
  readonly messageId: string;
  readonly what: 'delivered' | 'bounced' | 'complained';
  /** Of a bounce: this email won't arrive, now or later, and the address takes no other one either. */
  readonly permanent: boolean;
  /** Of a bounce: it was for the email, not for the address. */
  readonly keepsAddress?: true;
  /** Whom the provider says it is about. Only the team's emails have several, so only of theirs it is asked. */
  readonly recipients?: readonly string[];
  readonly cause: string;
  /** ms */
  readonly at: number;
}

interface Became {
  readonly status: Status;
  readonly reason: Reason | null;
  readonly suppresses: readonly Scope[];
}

function becameOf({ what, permanent, keepsAddress }: Pick<MailOutcome, 'what' | 'permanent' | 'keepsAddress'>): Became {
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

/** What was reported, the gravest first: a bounce for good is not undone by a `delivered`. */
const BY_GRAVITY: readonly (Pick<Became, 'status' | 'reason'> & { readonly report: string })[] = (
  [
    ['complained', true],
    ['bounced', true],
    ['bounced', false],
    ['delivered', true],
  ] as const
).map(([what, permanent]) => {
  const { status, reason } = becameOf({ what, permanent });
  return { status, reason, report: reason ?? status };
});

/**
 * SQL: what a row `n` becomes that has just been handed over, in one of its columns: `value`, or what the mail provider has
 * reported of this very hand-over meanwhile.
 */
export const ifReported = (column: 'status' | 'reason', value: string | null): Sql =>
  BY_GRAVITY.reduceRight(
    (otherwise, { report, ...became }) =>
      sql`case when exists (select from unnest(n.reports[n.reports_before + 1:]) as r where r like ${`% ${report}`})
        then ${became[column]} else ${otherwise} end`,
    sql`${value}::text`,
  );

/** Ends with what it says, like every report. */
const teamReport = (cause: string, address: string, said: string): string => `${cause} ${address} ${said}`;

/** Of a row's reports since its last hand-over: the keyed hashes of the team's addresses that it bounced from. */
export const bouncedFrom = (reports: readonly string[]): ReadonlySet<string> =>
  new Set(
    reports.flatMap((report) => {
      const [said = '', address, ...rest] = report.split(' ').reverse();
      return said.startsWith('bounced_') && rest.length > 0 && address !== undefined ? [address] : [];
    }),
  );

/**
 * Writes a report to the row it is about, and with it what follows to the address: a permanent bounce suppresses it, a
 * complaint stops both topics. Reports come late, twice and out of order: one that was written already (by its cause)
 * changes nothing any more, so that what an operator has lifted or sent again since stays so; a permanent bounce or a
 * complaint is not undone by a `delivered` that was said before it. A provider's clock is not ours: nothing became of an
 * email before it was decided and handed over. An email to the team is reported for each of their addresses by itself: what
 * follows, follows for that one, and the report names it by its keyed hash (`teamReport`). Of who was forgotten on request nothing new is kept for a bounce; that
 * they complained is their wish, and counts.
 * @returns which notification it was; null where the Message-ID isn't ours.
 */
export async function noteOutcome(
  { database, sealing }: { readonly database: Queryable; readonly sealing: Sealing },
  outcome: MailOutcome,
): Promise<NotificationKey | null> {
  const { messageId, what, cause, at, recipients = [] } = outcome;
  const { status, reason, suppresses } = becameOf(outcome);
  const [row] = await database.query<NotificationKey & { recipient_hash: Buffer | null; erased: boolean }>(
    sql`select n.subject, n.kind, n.occurrence, n.recipient_hash,
        exists (select from subjects s where s.subject = n.subject and s.erased_at is not null) as erased
      from notifications n where n.message_id = ${messageId}`,
  );
  if (row === undefined) return null;
  const { recipient_hash: hash, erased, ...key } = row;
  const scopes = erased && what === 'bounced' ? [] : suppresses;
  const team = key.subject === STAFF ? recipients.flatMap((text) => usableAddress(text) ?? []) : [];
  const reports =
    team.length === 0
      ? [`${cause} ${reason ?? status}`]
      : team.map((address) => teamReport(cause, encodeHash(sealing.hash('email', address)), reason ?? status));
  const same =
    team.length > 0
      ? team.flatMap((address) => sealing.hashes('email', address))
      : hash === null
        ? []
        : await hashesOfSame(database, sealing, hash);
  const hashes = scopes.length === 0 ? [] : same;
  const counts = sql`(n.status in ('sent', 'unknown')
    or (n.status = 'delivered' and ${status}::text <> 'delivered')
    or (n.status = 'bounced' and (n.reason = 'bounced_temporary' or ${status}::text = 'complained')))`;
  await database.query(
    sql`with reported as (
        update notifications n set
          reports = n.reports || array(select r from unnest(${reports}::text[]) as r where r <> all(n.reports)),
          status = case when ${counts} then ${status} else n.status end,
          reason = case when ${counts} then ${reason} else n.reason end,
          handing_over = n.handing_over and not ${counts},
          settled_at = case when ${counts}
            then greatest(${new Date(at)}::timestamptz, n.settled_at, n.decided_at) else n.settled_at end
        where n.message_id = ${messageId} and not ${reports}::text[] <@ n.reports
        returning n.id)
      ${addSuppressions({ hashes, scopes, cause, at }, sql`exists (select from reported)`)}`,
  );
  return key;
}
