import { sql, type Kysely } from 'kysely';

/**
 * The ledger. `notifications` holds where each key stands, `decisions` how it came to that (append-only),
 * `suppressions` what a person doesn't want or an address can't take, `staff_alerts` what the team must look at.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The unique key is the guard against a second email: whoever inserts or updates the row first has the right to send.
  // `handing_over` is true from just before SMTP until a definite answer: found true, an email may have gone out.
  await sql`create table notifications (
    id bigint generated always as identity primary key,
    subject text not null, kind text not null, occurrence integer not null,
    status text not null, reason text, cause text not null, rule text not null,
    message_id text unique, recipient_hash bytea, sealed bytea,
    attempt integer not null default 0, attempts_made integer not null default 0, no_answers integer not null default 0,
    owner text, lease_until timestamptz, handing_over boolean not null default false,
    possibly_duplicate boolean not null default false,
    decided_at timestamptz not null, settled_at timestamptz,
    unique (subject, kind, occurrence))`.execute(db);
  await sql`create index notifications_recipient on notifications (recipient_hash)
    where recipient_hash is not null`.execute(db);
  await sql`create index notifications_open on notifications (subject)
    where status in ('sending', 'deferred')`.execute(db);

  await sql`create table decisions (
    id bigint generated always as identity primary key,
    subject text not null, kind text not null, occurrence integer not null,
    verdict text not null, reason text, cause text not null, rule text not null, at timestamptz not null)`.execute(db);
  // A local activity that runs twice writes its decisions once.
  await sql`create unique index decisions_once
    on decisions (subject, kind, occurrence, at, verdict, (coalesce(reason, '')), cause)`.execute(db);

  await sql`create table suppressions (
    email_hash bytea not null, scope text not null, cause text not null, at timestamptz not null default now(),
    primary key (email_hash, scope))`.execute(db);

  await sql`create table staff_alerts (
    id bigint generated always as identity primary key,
    subject text not null, code text not null, kind text, at timestamptz not null,
    told_in integer)`.execute(db);
  await sql`create unique index staff_alerts_once on staff_alerts (subject, code, (coalesce(kind, '')), at)`.execute(
    db,
  );
  await sql`create index staff_alerts_waiting on staff_alerts (id) where told_in is null`.execute(db);

  // Views come with activities that may overtake one another: an older one never replaces a newer one.
  await sql`alter table subjects add column view_at timestamptz`.execute(db);
  await sql`create index subjects_attention on subjects (subject) where needs_attention is not null`.execute(db);
}
