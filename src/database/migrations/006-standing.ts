import { OUTSTANDING } from '../outstanding.js';

/**
 * For how long a kit or an order has stood as it does, so that lists begin with the oldest: since a human is asked to look,
 * or where none is, since it came into its state.
 */
export const standing: readonly string[] = [
  // In whole milliseconds: a page begins behind the place of the last row, as JavaScript can say it.
  `create function standing_since(attention jsonb, state_since timestamptz) returns timestamptz language sql immutable as
    $$ select coalesce(
      (select to_timestamp(min((need ->> 'since')::numeric) / 1000.0) from jsonb_array_elements(attention) as need),
      to_timestamp(floor(extract(epoch from state_since) * 1000) / 1000.0)) $$`,
  `alter table subjects add column state_since timestamptz not null default now()`,
  `update subjects set state_since = coalesce(projected_at, opened_at)`,
  `alter table subjects add column since timestamptz not null
    generated always as (standing_since(attention, state_since)) stored`,

  // Kits apart from orders; each list begins at one of these, and reads on from there.
  `drop index subjects_needing_attention`,
  `create index subjects_needing_attention on subjects ((split_part(subject, ':', 1)), since, subject)
    where needs_attention is not null`,
  `create index subjects_by_state on subjects ((split_part(subject, ':', 1)), state, since, subject)`,
  `create index subjects_open_by_age on subjects ((split_part(subject, ':', 1)), since, subject) where closed_at is null`,
  `create index notifications_outstanding on notifications (kind, subject) where ${OUTSTANDING}`,
];
