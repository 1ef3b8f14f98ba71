import { SEALED_KEY } from '../sealed-key.js';

/**
 * What came in, what it means for whom, and what a journey still has to be told. Nothing of the partner's is kept in
 * text or json: bodies and contacts are sealed bytes; text columns hold our own words, ids and codes.
 */
export const inbox: readonly string[] = [
  `create table inbox (
    seq bigint generated always as identity primary key,
    source text not null,
    dedup bytea not null unique,
    external_id text,
    event text,
    verdict text not null,
    reason text,
    event_at timestamptz,
    received_at timestamptz not null,
    body_mac bytea not null,
    duplicates integer not null default 0,
    altered boolean not null default false,
    id_reused boolean not null default false,
    body_state text not null default 'kept')`,
  `create index inbox_by_external_id on inbox (external_id, seq) where external_id is not null`,
  // Partial also so that the planner never takes it for the look-up of an id.
  `create index inbox_by_arrival on inbox (received_at) where source = 'c4hxp'`,
  `create index inbox_of_our_own on inbox (source, seq) where source <> 'c4hxp'`,
  `create index inbox_by_event on inbox (event, seq)`,
  `create index inbox_bodies_kept on inbox (received_at) where body_state = 'kept'`,
  `create index inbox_quarantined on inbox (seq) where verdict = 'quarantined'`,
  // A webhook without an id is named after the keyed hash of its body.
  `create index inbox_without_id on inbox (body_mac) where external_id is null`,

  // Apart from inbox, so that retention deletes rows; keyed by what is known before the insert.
  `create table inbox_bodies (
    dedup bytea primary key,
    sealed bytea not null)`,
  // By the key that it is sealed under, so that what a rotation has left to do is found without reading the table.
  `create index inbox_bodies_by_key on inbox_bodies ((${SEALED_KEY}), dedup)`,

  // joined: the deliveries that this link implies were added (src/relay/pending.ts).
  `create table links (
    order_number text not null,
    barcode text not null,
    joined boolean not null default false,
    primary key (order_number, barcode))`,
  `create index links_by_barcode on links (barcode)`,
  `create index links_to_join on links (order_number) where not joined`,

  // index_key: the id of the key under which the keyed hashes in its facts are made, for as long as it lives: a journey
  // compares them. attention: what a human is asked to look at, the gravest first; needs_attention: its code, to search by.
  `create table subjects (
    subject text primary key,
    state text not null default 'unknown',
    attention jsonb not null default '[]',
    needs_attention text generated always as (attention -> 0 ->> 'code') stored,
    because text,
    next_what text,
    next_at timestamptz,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    erased_at timestamptz,
    wake_at timestamptz,
    index_key text)`,
  `create index subjects_by_index_key on subjects (index_key)`,
  `create index subjects_to_wake on subjects (wake_at) where wake_at is not null`,
  `create index subjects_needing_attention on subjects (subject) where needs_attention is not null`,
  `create index subjects_erased on subjects (erased_at) where erased_at is not null`,
  `create index subjects_open on subjects (subject) where closed_at is null`,

  // priority: 1 results, 3 news, 5 the rest. joined: false only for an order's fact not yet handed to its kits.
  `create table deliveries (
    subject text not null,
    seq bigint not null,
    priority smallint not null,
    facts jsonb not null,
    joined boolean not null default true,
    relayed_at timestamptz,
    attempts integer not null default 0,
    next_at timestamptz not null default now(),
    error_code text,
    primary key (subject, seq))`,
  `create index deliveries_pending on deliveries (priority, seq) where relayed_at is null`,
  `create index deliveries_unrelayed on deliveries (seq) where relayed_at is null`,
  `create index deliveries_to_join on deliveries (subject) where not joined`,
  `create index deliveries_by_seq on deliveries (seq)`,

  `create table relay_leases (
    subject text primary key,
    owner text not null,
    until timestamptz not null)`,
  `create index relay_leases_by_owner on relay_leases (owner)`,

  // sealed: the json of SealedDetails; its row key is dedup, since seq is not known before the insert.
  `create table contacts (
    subject text not null,
    source_seq bigint not null,
    role text,
    at timestamptz not null,
    email_hash bytea,
    dedup bytea not null,
    sealed bytea not null,
    primary key (subject, source_seq))`,
  `create index contacts_by_key on contacts ((${SEALED_KEY}), subject, source_seq)`,
  `create index contacts_by_email on contacts (email_hash) where email_hash is not null`,

  // Each webhook about the partner's maintenance is a row; src/ledger/maintenance.ts says what they mean together.
  `create table maintenance (
    seq bigint primary key,
    starts_at timestamptz,
    ends_at timestamptz,
    over boolean not null,
    at timestamptz not null)`,

  `create table meta (
    key text primary key,
    value text not null)`,
];
