import { SEALED_KEY } from '../sealed-key.js';

/**
 * The ledger: `notifications` holds where each key stands, `decisions` how it came to that (append-only),
 * `suppressions` what a person doesn't want or an address can't take, `staff_alerts` what the team must look at,
 * `partner_calls` what the partner was asked lately.
 * `processes` who is alive.
 */
export const ledger: readonly string[] = [
  // The unique key is the guard against a second email: whoever inserts or updates the row has the right to send.
  // source_seq: the fact that opened it. attempt is the fence; handing_over is true from just before SMTP until a definite
  // answer. quiet_ms: how long quiet hours have held it back, which doesn't count as age, after a restart either.
  // refusals, greylistings: how often a mail server has put it off since it was opened; greylisted_until: when it is to be
  // asked again. reports: the
  // mail provider's reports that were written to it, each by its cause and what it said; reports_before: how many of these
  // are older than its last hand-over.
  `create table notifications (
    id bigint generated always as identity primary key,
    subject text not null,
    kind text not null,
    occurrence integer not null,
    source_seq bigint,
    status text not null,
    reason text,
    cause text not null,
    rule text not null,
    message_id text unique,
    recipient_hash bytea,
    sealed bytea,
    attempt integer not null default 0,
    tries integer not null default 0,
    no_answers integer not null default 0,
    refusals integer not null default 0,
    greylistings integer not null default 0,
    greylisted_until timestamptz,
    reports text[] not null default '{}',
    reports_before integer not null default 0,
    owner text,
    lease_until timestamptz,
    last_reason text,
    handing_over boolean not null default false,
    possibly_duplicate boolean not null default false,
    quiet_ms bigint not null default 0,
    quiet_until timestamptz,
    decided_at timestamptz not null,
    settled_at timestamptz,
    unique (subject, kind, occurrence))`,
  `create index notifications_by_recipient on notifications (recipient_hash) where recipient_hash is not null`,
  `create index notifications_by_key on notifications ((${SEALED_KEY}), id) where sealed is not null`,
  `create index notifications_open on notifications (subject) where status in ('sending', 'deferred')`,

  `create table decisions (
    id bigint generated always as identity primary key,
    subject text not null,
    kind text not null,
    occurrence integer not null,
    verdict text not null,
    reason text,
    cause text not null,
    rule text not null,
    at timestamptz not null)`,
  // A local activity that runs twice writes its decisions once.
  `create unique index decisions_once
    on decisions (subject, kind, occurrence, at, verdict, cause, (coalesce(reason, '')))`,

  // scope: a topic, 'all' (asked for no email at all) or 'bounced' (the address takes none).
  `create table suppressions (
    email_hash bytea not null,
    scope text not null,
    cause text not null,
    at timestamptz not null,
    primary key (email_hash, scope))`,

  // told_in: the occurrence of staff.alert whose email spoke of it; 0 where it was cleared before.
  `create table staff_alerts (
    id bigint generated always as identity primary key,
    subject text not null,
    code text not null,
    kind text not null default '',
    at timestamptz not null,
    told_in integer,
    unique (subject, code, kind, at))`,
  `create index staff_alerts_waiting on staff_alerts (id) where told_in is null`,

  // What the partner allows, for each key (account: a hash of its id), as its answers told: how much, how much of it others
  // with the same key have used, and until when it wants not to be asked. Who locks the row is alone in counting.
  `create table partner_limits (
    account bytea primary key,
    closed_until timestamptz,
    per_minute integer,
    per_hour integer,
    others_minute integer not null default 0,
    others_hour integer not null default 0,
    others_until timestamptz)`,
  // Of the last day. ended: of a call under way, when it can't last any longer.
  `create table partner_calls (
    id bigint generated always as identity primary key,
    account bytea not null,
    ended timestamptz not null)`,
  `create index partner_calls_by_time on partner_calls (account, ended)`,
  // beat_at: when it last said, every 3 s, that it is alive; what one that has stopped holds is free (heartbeat.ts).
  `create table processes (
    owner text primary key,
    beat_at timestamptz not null)`,

  // Activities overtake one another: a projection never replaces one that is newer by workflow time.
  `alter table subjects add column projected_at timestamptz`,
];
