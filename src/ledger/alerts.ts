import type { Kind } from '../domain/kinds.js';
import type { AttentionCode } from '../domain/attention.js';
import type { Reason, Status } from '../domain/notifications.js';
import { STAFF } from '../domain/subjects.js';
import { sql, tableOf, type Columns, type Queryable } from '../database/sql.js';

/** Something the team must look at. */
export interface Alert {
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
   * What no email has spoken of yet, the oldest first. What was cleared meanwhile is left out and put away: an alert
   * younger than `settledBefore` (ms) counts as uncleared, because its subject's projection may still be on its way.
   */
  waiting(settledBefore: number): Promise<readonly Alert[]>;
  /** When staff were first called for this reason about any of these subjects since a moment (ms); null: they weren't. */
  firstCall(code: AttentionCode, subjects: readonly string[], since: number): Promise<Date | null>;
  /** The email of this hour spoke of all of these. */
  told(alerts: readonly Alert[], hour: number): Promise<void>;
  /**
   * Why the team is not told, in one sentence; null where nothing stands in the way. It is so as long as the last email to
   * them came back, or did not go while something waits to be told.
   */
  fault(): Promise<string | null>;
}

/** What must not have become of the last email to the team. */
const ASTRAY: readonly Status[] = ['failed', 'deferred', 'unknown', 'bounced'];

const COLUMNS: Columns<Alert> = {
  subject: ['text', (alert) => alert.subject],
  code: ['text', (alert) => alert.code],
  kind: ['text', (alert) => alert.kind ?? ''],
  at: ['timestamptz', (alert) => new Date(alert.at)],
};

export function createAlerts(database: Queryable): Alerts {
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
    async waiting(settledBefore) {
      await database.query(
        sql`update staff_alerts a set told_in = 0
          where told_in is null and at < ${new Date(settledBefore)}
            and not exists (select from subjects s where s.subject = a.subject and s.needs_attention is not null)`,
      );
      const rows = await database.query<{ subject: string; code: AttentionCode; kind: Kind | ''; at: Date }>(
        sql`select subject, code, kind, at from staff_alerts where told_in is null order by id`,
      );
      return rows.map(({ subject, code, kind, at }) => ({ subject, code, kind: kind || null, at: at.getTime() }));
    },
    async fault() {
      const [last] = await database.query<{ status: Status; reason: Reason | null; waiting: boolean }>(
        sql`select status, reason, exists (select from staff_alerts where told_in is null) as waiting
          from notifications where subject = ${STAFF} order by occurrence desc limit 1`,
      );
      if (last === undefined || !ASTRAY.includes(last.status)) return null;
      if (last.status !== 'bounced' && !last.waiting) return null;
      return `the last staff.alert is ${last.status} (${last.reason ?? 'no reason'}): see ALERT_EMAIL and the mail server, then kit-herald told staff`;
    },
    async firstCall(code, subjects, since) {
      const [row] = await database.query<{ at: Date | null }>(
        sql`select min(at) as at from staff_alerts
          where code = ${code} and subject = any(${subjects}::text[]) and at >= ${new Date(since)}`,
      );
      return row?.at ?? null;
    },
    async told(alerts, hour) {
      await database.query(
        sql`update staff_alerts a set told_in = ${hour} from ${tableOf('t', alerts, COLUMNS)}
          where a.subject = t.subject and a.code = t.code and a.kind = t.kind and a.at = t.at and a.told_in is null`,
      );
    },
  };
}
