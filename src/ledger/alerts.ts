import type { Kind } from '../domain/kinds.js';
import { alertLimit, type AlertLimit, type AttentionCode } from '../domain/attention.js';
import type { Reason, Status } from '../domain/notifications.js';
import { STAFF, WEBHOOK_PREFIX } from '../domain/subjects.js';
import { encodeHash, type Sealing } from '../sealing/sealing.js';
import { bouncedFrom } from './mail-outcomes.js';
import { maskAddress } from './masks.js';
import { sql, tableOf, type Columns, type Queryable, type Sql } from '../database/sql.js';

/** Something the team must look at. */
export interface Alert {
  /** `kit:…`, `order:…`, or `webhook:…` where one names nobody. */
  readonly subject: string;
  readonly code: AttentionCode;
  readonly kind: Kind | null;
  /** ms */
  readonly at: number;
}

export interface Alerts {
  /** Keeps it until an email speaks of it; keeping it twice is keeping it once. Returns whether one has already. */
  keep(alert: Alert): Promise<'waiting' | 'told'>;
  /**
   * What no email has spoken of yet and has the same limit, the oldest first. What was cleared meanwhile is left out and
   * put away: an alert younger than `settledBefore` (ms) counts as uncleared, because its subject's projection may still
   * be on its way.
   */
  waiting(limit: AlertLimit, settledBefore: number): Promise<readonly Alert[]>;
  /** Those of the team's emails that haven't ended: an attempt is at them, was when it died, or was put off. */
  underWay(): Promise<readonly number[]>;
  /** The email of this occurrence spoke of all of these. */
  told(alerts: readonly Alert[], occurrence: number): Promise<void>;
  /** Writes whether the team is to look at a webhook that names nobody. */
  projectStaff(): Promise<void>;
  /** When staff were first called for this reason about any of these subjects since a moment (ms); null: they weren't. */
  firstCall(code: AttentionCode, subjects: readonly string[], since: number): Promise<Date | null>;
  /**
   * Why the team, or one of their addresses, is not told, in one sentence; null where nothing stands in the way. It is so
   * as long as the last email to them came back, or did not go while something waits to be told.
   * @param team ALERT_EMAIL: those that it came back from are named by their place in it, and masked.
   */
  fault(team: readonly string[]): Promise<string | null>;
}

/** What must not have become of the last email to the team. */
const ASTRAY: readonly Status[] = ['failed', 'deferred', 'unknown', 'bounced'];

const COLUMNS: Columns<Alert> = {
  subject: ['text', (alert) => alert.subject],
  code: ['text', (alert) => alert.code],
  kind: ['text', (alert) => alert.kind ?? ''],
  at: ['timestamptz', (alert) => new Date(alert.at)],
};

/** SQL that adds an alert for each row of `from` (seq, id, at): a webhook that can't be read and names nobody. */
export const addAlerts = (from: Sql): Sql =>
  sql`insert into staff_alerts (subject, code, at)
    select ${WEBHOOK_PREFIX}::text || id, ${'unreadable_webhook' satisfies AttentionCode}::text, at
    from ${from} order by seq on conflict do nothing`;

/**
 * SQL: the rows of the inbox that the team is to look at: none has been read since, none acknowledged since it came or
 * was about to expire.
 */
const forStaff = sql`select i.* from deliveries d join inbox i using (seq) left join expiry_alarms e using (seq)
  where d.subject = ${STAFF} and i.verdict = 'quarantined' and not exists (
    select from deliveries a join inbox k on k.seq = a.seq
    where a.subject = ${STAFF} and a.facts->>'event' = 'operator.acknowledge'
      and a.seq > d.seq and (e.at is null or k.received_at > e.at))`;

/** SQL: whether the team is still to be told of such a webhook, of which it has been sent word. */
export const staffWaits = sql`(exists (
    select from staff_alerts a where a.told_in is null and starts_with(a.subject, ${WEBHOOK_PREFIX}))
  and not exists (
    select from (select relayed_at from deliveries where subject = ${STAFF} offset 0) d where d.relayed_at is null))`;

/** SQL that writes whether there are any; part of the transaction that may have changed it. */
export const projectStaff = sql`update subjects
  set attention = coalesce((
    select jsonb_build_array(jsonb_build_object('code', ${'unreadable_webhook' satisfies AttentionCode}::text,
      'since', floor(extract(epoch from max(i.received_at)) * 1000)))
    from (${forStaff}) i having count(*) > 0), '[]')
  where subject = ${STAFF}`;

export function createAlerts(database: Queryable, sealing: Pick<Sealing, 'hashes'>): Alerts {
  return {
    async keep(alert) {
      const one = tableOf('t', [alert], COLUMNS);
      await database.query(
        sql`insert into staff_alerts (subject, code, kind, at) select t.* from ${one} on conflict do nothing`,
      );
      const [row] = await database.query<{ told_in: number | null }>(
        sql`select told_in from staff_alerts join ${one} using (subject, code, kind, at)`,
      );
      return row?.told_in == null ? 'waiting' : 'told';
    },
    async waiting(limit, settledBefore) {
      await database.query(
        sql`update staff_alerts a set told_in = 0
          where told_in is null and case
            when starts_with(a.subject, ${WEBHOOK_PREFIX}) then not exists (
              select from (${forStaff}) i
              where substr(a.subject, ${WEBHOOK_PREFIX.length + 1}::int)
                in (i.external_id, 'body:' || encode(i.body_mac, 'hex')))
            else at < ${new Date(settledBefore)} and not exists (
              select from subjects s where s.subject = a.subject and s.needs_attention is not null) end`,
      );
      const rows = await database.query<{ subject: string; code: AttentionCode; kind: Kind | ''; at: Date }>(
        sql`select subject, code, kind, at from staff_alerts where told_in is null order by id`,
      );
      return rows
        .map(({ subject, code, kind, at }) => ({ subject, code, kind: kind || null, at: at.getTime() }))
        .filter(({ code, kind }) => alertLimit(code, kind) === limit);
    },
    async fault(team) {
      const [last] = await database.query<{
        status: Status;
        reason: Reason | null;
        reports: string[];
        waiting: boolean;
      }>(
        sql`select status, reason, reports[reports_before + 1:] as reports, exists (select from staff_alerts where told_in is null) as waiting
          from notifications where subject = ${STAFF} order by decided_at desc limit 1`,
      );
      if (last === undefined || !ASTRAY.includes(last.status)) return null;
      if (last.status !== 'bounced' && !last.waiting) return null;
      const bounced = bouncedFrom(last.reports);
      const unreached = team.flatMap((address, place) =>
        sealing.hashes('email', address).some((hash) => bounced.has(encodeHash(hash)))
          ? [`${String(place + 1)} of ${String(team.length)} (${maskAddress(address)})`]
          : [],
      );
      if (last.status === 'bounced' && unreached.length > 0)
        return `the last staff.alert came back (${last.reason ?? 'no reason'}) from ALERT_EMAIL's address ${unreached.join(' and ')}: correct it there, then kit-herald told staff`;
      return `the last staff.alert is ${last.status} (${last.reason ?? 'no reason'}): see ALERT_EMAIL and the mail server, then kit-herald told staff`;
    },
    async firstCall(code, subjects, since) {
      const [row] = await database.query<{ at: Date | null }>(
        sql`select min(at) as at from staff_alerts
          where code = ${code} and subject = any(${subjects}::text[]) and at >= ${new Date(since)}`,
      );
      return row?.at ?? null;
    },
    async underWay() {
      const rows = await database.query<{ occurrence: number }>(
        sql`select occurrence from notifications where subject = ${STAFF} and status in ('sending', 'deferred') order by occurrence`,
      );
      return rows.map(({ occurrence }) => occurrence);
    },
    async told(alerts, occurrence) {
      await database.query(
        sql`update staff_alerts a set told_in = ${occurrence} from ${tableOf('t', alerts, COLUMNS)}
          where a.subject = t.subject and a.code = t.code and a.kind = t.kind and a.at = t.at and a.told_in is null`,
      );
    },
    async projectStaff() {
      await database.query(projectStaff);
    },
  };
}
