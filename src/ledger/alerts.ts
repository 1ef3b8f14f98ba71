import type { Kind } from '../domain/kinds.js';
import type { AttentionCode } from '../domain/attention.js';
import type { LedgerDatabase } from './ports.js';

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
   * younger than `settledBefore` (ms) counts as uncleared, because its subject's view may still be on its way.
   */
  waiting(settledBefore: number): Promise<readonly Alert[]>;
  /** The email of this hour spoke of all of these. */
  told(alerts: readonly Alert[], hour: number): Promise<void>;
}

export function createAlerts(database: LedgerDatabase): Alerts {
  return {
    async keep({ subject, code, kind, at }) {
      const key = [subject, code, kind ?? '', new Date(at)];
      await database.query(
        'insert into staff_alerts (subject, code, kind, at) values ($1, $2, $3, $4) on conflict do nothing',
        key,
      );
      const [row] = await database.query<{ told_in: number | null }>(
        'select told_in from staff_alerts where subject = $1 and code = $2 and kind = $3 and at = $4',
        key,
      );
      return row?.told_in == null ? 'waiting' : 'told';
    },
    async waiting(settledBefore) {
      await database.query(
        `update staff_alerts a set told_in = 0
         where told_in is null and at < $1
           and not exists (select from subjects s where s.subject = a.subject and s.needs_attention is not null)`,
        [new Date(settledBefore)],
      );
      const rows = await database.query<{ subject: string; code: AttentionCode; kind: Kind | ''; at: Date }>(
        'select subject, code, kind, at from staff_alerts where told_in is null order by id',
      );
      return rows.map(({ subject, code, kind, at }) => ({ subject, code, kind: kind || null, at: at.getTime() }));
    },
    async told(alerts, hour) {
      await database.query(
        `update staff_alerts a set told_in = $5
         from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as t(subject, code, kind, at)
         where a.subject = t.subject and a.code = t.code and a.kind = t.kind and a.at = t.at and a.told_in is null`,
        [
          alerts.map((alert) => alert.subject),
          alerts.map((alert) => alert.code),
          alerts.map((alert) => alert.kind ?? ''),
          alerts.map((alert) => new Date(alert.at)),
          hour,
        ],
      );
    },
  };
}
