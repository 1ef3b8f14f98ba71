/**
 * Evidence: every decision and every settlement of a subject is an entry of its chain, written by the database itself with
 * the row that it is about, whoever writes that. An entry's hash is SHA-256 over the hash before it and the entry's text.
 * `evidence_heads` holds each chain's end, under whose lock entries follow one another. `evidence_roots` are signed
 * statements over the heads that had moved since the one before; `evidence_leaves` are these heads.
 */
export const evidence: readonly string[] = [
  `create table evidence (
    subject text not null,
    n integer not null,
    entry text not null,
    hash bytea not null,
    primary key (subject, n))`,
  `create table evidence_heads (
    subject text primary key,
    n integer not null,
    hash bytea not null,
    in_root boolean not null default false)`,
  `create index evidence_heads_moved on evidence_heads (subject) where not in_root`,
  `create table evidence_roots (
    no integer primary key,
    at timestamptz not null,
    statement text not null,
    public_key bytea not null,
    signature bytea not null)`,
  `create table evidence_leaves (
    root integer not null references evidence_roots (no),
    place integer not null,
    subject text not null,
    n integer not null,
    hash bytea not null,
    primary key (root, place))`,
  `create index evidence_leaves_by_subject on evidence_leaves (subject, root)`,

  // Salted hashes of where an email went and of what the mail server answered; the salt is sealed with the words.
  `alter table notifications add column to_proof bytea, add column reply_proof bytea`,

  `create function evidence_time(moment timestamptz) returns text language sql stable as
    $$ select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$`,
  `create function append_evidence(about text, said jsonb) returns void language plpgsql as $$
    declare
      head evidence_heads;
      entry text;
      digest bytea;
    begin
      insert into evidence_heads (subject, n, hash) values (about, 0, '')
        on conflict (subject) do update set in_root = false returning * into head;
      entry := (said || jsonb_build_object('n', head.n + 1, 'subject', about, 'writtenAt', evidence_time(clock_timestamp())))::text;
      digest := sha256(head.hash || convert_to(entry, 'UTF8'));
      insert into evidence values (about, head.n + 1, entry, digest);
      update evidence_heads set n = head.n + 1, hash = digest where subject = about;
    end $$`,
  `create function decision_is_evidence() returns trigger language plpgsql as $$
    begin
      perform append_evidence(new.subject, jsonb_build_object('what', 'decision', 'id', new.id, 'kind', new.kind,
        'occurrence', new.occurrence, 'verdict', new.verdict, 'reason', new.reason, 'cause', new.cause, 'rule', new.rule,
        'at', evidence_time(new.at)));
      return null;
    end $$`,
  `create trigger decision_is_evidence after insert on decisions for each row execute function decision_is_evidence()`,
  `create function settlement_is_evidence() returns trigger language plpgsql as $$
    begin
      perform append_evidence(new.subject, jsonb_build_object('what', 'settlement', 'id', new.id, 'kind', new.kind,
        'occurrence', new.occurrence, 'status', new.status, 'reason', new.reason, 'cause', new.cause, 'rule', new.rule,
        'messageId', new.message_id, 'attempts', new.tries, 'possiblyDuplicate', new.possibly_duplicate,
        'reports', to_jsonb(new.reports), 'to', encode(new.to_proof, 'hex'), 'reply', encode(new.reply_proof, 'hex'),
        'decidedAt', evidence_time(new.decided_at), 'settledAt', evidence_time(new.settled_at)));
      return null;
    end $$`,
  `create trigger settlement_begins after insert on notifications for each row
    when (new.status <> 'sending') execute function settlement_is_evidence()`,
  `create trigger settlement_is_evidence after update on notifications for each row
    when (new.status <> 'sending' and (old.status, old.reason, old.settled_at, old.message_id, old.reports, old.reply_proof)
      is distinct from (new.status, new.reason, new.settled_at, new.message_id, new.reports, new.reply_proof))
    execute function settlement_is_evidence()`,
];
