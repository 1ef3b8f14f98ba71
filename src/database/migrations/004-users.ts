/** Who is signed in at the desk, and who looked and who did. */
export const users: readonly string[] = [
  // id_hash: the keyed hash of what the browser holds. credential: keyed hash of the user's line in USERS, so that a
  // changed secret or role ends their sessions.
  `create table sessions (
    id_hash bytea primary key,
    user_name text not null,
    via text not null,
    credential bytea not null,
    created_at timestamptz not null,
    seen_at timestamptz not null)`,
  `create index sessions_by_user on sessions (user_name)`,

  // about: the keyed hash of the subject; of a sign-in, of the name that was typed. No content, and nobody's name but
  // the operators' own.
  `create table audit (
    id bigint generated always as identity primary key,
    who text not null,
    role text,
    via text,
    act text not null,
    about bytea,
    at timestamptz not null,
    sender text not null,
    outcome text not null)`,
  `create index audit_by_who on audit (who, id)`,
  `create index audit_by_about on audit (about, id) where about is not null`,
  `create index audit_by_time on audit (at)`,
  `create index audit_of_wrong_secrets on audit (sender, at) where act = 'sign_in' and outcome = 'wrong_secret'`,
  // What was written stays as it was; only retention takes away what is too old.
  `create function audit_is_append_only() returns trigger language plpgsql as $$
    begin raise exception 'audit is append-only'; end $$`,
  `create trigger audit_is_append_only before update on audit
    for each row execute function audit_is_append_only()`,
];
