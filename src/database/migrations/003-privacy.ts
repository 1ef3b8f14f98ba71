/**
 * Who was forgotten on request, and what of them is gone: ids, hashes, times and numbers, so that these rows may stay.
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
];
