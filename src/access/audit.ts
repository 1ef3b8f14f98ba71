import type { Role } from '../domain/roles.js';
import { sql, tableOf, type Queryable } from '../database/sql.js';
import { encodeHash, type Sealing } from '../sealing/sealing.js';
import type { Actor } from './identity.js';

/** What changes something, or somebody's lot. */
const DEEDS = [
  'retry',
  'skip',
  'release',
  'acknowledge',
  'correct-contact',
  'opt-out',
  'replay',
  'erase',
  'rotate_keys',
  'end_sessions',
] as const;

/** What is written down: a closed set, so that nothing of a patient can get into it. */
export const ACTS = [
  ...DEEDS,
  'told',
  'email',
  'list',
  'webhook',
  'rehearse',
  'look',
  'unmask',
  'certificate',
  'evidence',
  'audit',
  'sign_in',
] as const;
export type Act = (typeof ACTS)[number];

/** Of a deed it is written first that it was asked for, and afterwards how that ended. */
export const isDeed = (act: Act): boolean => (DEEDS as readonly Act[]).includes(act);

/** How a deed's first row ends: whether anything was done says the second. */
export const ASKED = 'asked';

/** One row to be written. */
export interface AuditEntry {
  readonly actor: Actor | null;
  readonly act: Act;
  /** Whom it was about, as `kit:…` or `order:…`; kept as a keyed hash. */
  readonly subject: string | null;
  /** ms since the epoch */
  readonly at: number;
  /** Who counts as one sender, by `senderOf`. */
  readonly sender: string;
  /** `done`, the code of the refusal, or `asked`. */
  readonly outcome: string;
  /** What was unmasked and why, `address:complaint DSR-1234`: codes, and the number of a case. Null otherwise; never free text. */
  readonly reason: string | null;
}

export interface AuditQuery {
  readonly subject: string | null;
  readonly who: string | null;
  /** ms since the epoch */
  readonly since: number | null;
  /** `next` of the page before. */
  readonly before: number | null;
  readonly limit: number;
}

/** As the API writes it: `about` is a keyed hash. */
export interface AuditRow {
  readonly id: number;
  readonly at: string;
  readonly who: string;
  readonly role: Role | null;
  readonly via: Actor['via'] | null;
  readonly act: Act;
  readonly about: string | null;
  readonly from: string;
  readonly outcome: string;
  readonly reason: string | null;
}

export interface Audit {
  /** Rejects where it can't be written: then what was to be shown is not. */
  write(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. */
  page(query: AuditQuery): Promise<{ readonly entries: readonly AuditRow[]; readonly next: number | null }>;
}

/** Who looked and who did: append-only, without content, kept as long as the ledger. */
export function createAudit(database: Queryable, sealing: Pick<Sealing, 'hash' | 'hashes'>): Audit {
  return {
    async write(entries) {
      const rows = tableOf('r', entries, {
        nth: ['bigint', (entry) => entries.indexOf(entry)],
        who: ['text', ({ actor }) => actor?.name ?? 'nobody'],
        role: ['text', ({ actor }) => actor?.role ?? null],
        via: ['text', ({ actor }) => actor?.via ?? null],
        act: ['text', ({ act }) => act],
        about: ['bytea', ({ subject }) => (subject === null ? null : sealing.hash('subject', subject))],
        at: ['timestamptz', ({ at }) => new Date(at)],
        sender: ['text', ({ sender }) => sender],
        outcome: ['text', ({ outcome }) => outcome],
        reason: ['text', ({ reason }) => reason],
      });
      await database.query(
        sql`insert into audit (who, role, via, act, about, at, sender, outcome, reason)
          select who, role, via, act, about, at, sender, outcome, reason from ${rows} order by nth`,
      );
    },
    async page({ subject, who, since, before, limit }) {
      const rows = await database.query<Written>(
        sql`select id, who, role, via, act, about, at, sender, outcome, reason from audit
          where true
            ${subject === null ? sql`` : sql`and about = any(${sealing.hashes('subject', subject)}::bytea[])`}
            ${who === null ? sql`` : sql`and who = ${who}`}
            ${since === null ? sql`` : sql`and at >= ${new Date(since)}`}
            ${before === null ? sql`` : sql`and id < ${before}`}
          order by id desc limit ${limit + 1}`,
      );
      const page = rows.slice(0, limit);
      return { entries: page.map(shown), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  };
}

interface Written {
  readonly id: number;
  readonly who: string;
  readonly role: Role | null;
  readonly via: Actor['via'] | null;
  readonly act: Act;
  readonly about: Buffer | null;
  readonly at: Date;
  readonly sender: string;
  readonly outcome: string;
  readonly reason: string | null;
}

const shown = ({ about, at, sender, ...row }: Written): AuditRow => ({
  ...row,
  at: at.toISOString(),
  about: about === null ? null : encodeHash(about),
  from: sender,
});
