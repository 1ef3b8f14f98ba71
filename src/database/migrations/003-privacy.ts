/**
 * Who was forgotten on request, what of them is gone, and what went because it was old: ids, hashes, times and numbers,
 * so that these rows may stay.
 */
export const privacy: readonly string[] = [
  // scope: what was named, 'kit', 'order' or 'email'; about: keyed hash of the subject or the address; sealed: who asked.
  `create table erasures (
    id text primary key,
    scope text not null,
    about bytea not null,
    asked_at timestamptz not null,
    done_at timestamptz,
    sealed bytea not null)`,
  `create index erasures_by_about on erasures (about, asked_at)`,

  // counts: how much of each kind was erased, once done_at is set; until then only the tombstone stands.
  `create table erased_subjects (
    subject text primary key,
    erasure text not null references erasures (id),
    done_at timestamptz,
    counts jsonb)`,
  `create index erased_subjects_by_erasure on erased_subjects (erasure)`,
  `create index erased_subjects_open on erased_subjects (subject) where done_at is null`,

  // Webhooks that can't be read and are old enough to expire: when the team was called about them.
  `create table expiry_alarms (
    seq bigint primary key,
    at timestamptz not null)`,

  // When all that names somebody went because it was old; a journey that has ended again since is due again.
  `alter table subjects add column expired_at timestamptz`,
  `create index subjects_to_expire on subjects (closed_at)
    where closed_at is not null and (expired_at is null or expired_at < closed_at)`,
];
