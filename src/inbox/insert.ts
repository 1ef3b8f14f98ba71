import type { Queryable } from '../database/sql.js';
import type { Row } from './row.js';

/** A row to insert, with what is known of its repetitions inside the same batch. */
export interface BatchRow {
  readonly row: Row;
  /** How often it came again in this batch. */
  readonly repeated: number;
  /** Whether one of these had other bytes. */
  readonly altered: boolean;
  /** Whether another arrival of this batch has the same id. */
  readonly idReused: boolean;
}

/**
 * One statement for a whole batch: rows, bodies, contacts, links, deliveries.
 *
 * Every insert is sorted by its key, so that two receivers take their locks in the same order. A subject that was
 * erased keeps its facts, and gets neither body nor contact. `returning` tells what was new: a row that was there
 * counts one repetition more than the batch itself had.
 */
const INSERT = `
with input as materialized (
  select * from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
    $8::timestamptz[], $9::bytea[], $10::int[], $11::boolean[], $12::boolean[], $13::bytea[])
  as t(dedup, source, external_id, event, verdict, reason, event_at, received_at, body_mac, repeated, altered, id_reused, sealed)),
parts as materialized (
  select t.*, coalesce((select s.erased_at is not null from subjects s where s.subject = t.subject), false) as erased
  from unnest($14::bytea[], $15::text[], $16::smallint[], $17::text[]) as t(dedup, subject, priority, facts)),
erased as (select distinct dedup from parts where erased),
kept as (
  insert into inbox (source, dedup, external_id, event, verdict, reason, event_at, received_at, body_mac, duplicates,
    altered, id_reused, body_state)
  select i.source, i.dedup, i.external_id, i.event, i.verdict, i.reason, i.event_at, i.received_at, i.body_mac, i.repeated,
    i.altered,
    i.id_reused or (i.verdict = 'accepted' and exists (
      select from inbox o where o.external_id = i.external_id and o.source = i.source and o.dedup <> i.dedup
        and o.verdict = 'accepted')),
    case when i.dedup in (table erased) then 'erased' else 'kept' end
  from input i order by i.dedup
  on conflict (dedup) do update set duplicates = inbox.duplicates + 1 + excluded.duplicates,
    altered = inbox.altered or excluded.altered or inbox.body_mac <> excluded.body_mac
  returning seq, dedup, duplicates, body_state),
fresh as materialized (
  select k.seq, k.dedup, k.body_state, i.sealed, i.received_at
  from kept k join input i using (dedup) where k.duplicates = i.repeated),
bodies as (
  insert into inbox_bodies (dedup, sealed)
  select dedup, sealed from fresh where body_state = 'kept' order by dedup),
routed as materialized (select f.seq, f.dedup, p.subject, p.priority, p.facts, p.erased from fresh f join parts p using (dedup)),
opened as (
  insert into subjects (subject) select distinct subject from routed order by subject on conflict do nothing),
reopened as (
  update subjects set closed_at = null where subject in (
    select s.subject from subjects s where s.subject in (select subject from routed) and s.closed_at is not null
    order by s.subject for update)),
delivered as (
  insert into deliveries (subject, seq, priority, facts, joined)
  select subject, seq, priority, facts::jsonb, subject not like 'order:%' from routed order by subject, seq),
reached as (
  insert into contacts (subject, source_seq, role, at, email_hash, name_hash, dedup, sealed)
  select t.subject, f.seq, t.role, t.at, t.email_hash, t.name_hash, t.dedup, t.sealed
  from unnest($18::bytea[], $19::text[], $20::text[], $21::timestamptz[], $22::bytea[], $23::bytea[], $24::bytea[])
    as t(dedup, subject, role, at, email_hash, name_hash, sealed)
  join fresh f using (dedup)
  where not exists (select from parts p where p.subject = t.subject and p.erased)
  order by t.subject, f.seq on conflict do nothing),
linked as (
  insert into links (order_number, barcode)
  select distinct t.order_number, t.barcode from unnest($25::bytea[], $26::text[], $27::text[]) as t(dedup, order_number, barcode)
  join fresh using (dedup) order by 1, 2 on conflict do nothing),
announced as (
  insert into maintenance (seq, starts_at, ends_at, over, at)
  select f.seq, t.starts_at, t.ends_at, t.over, coalesce(t.at, f.received_at)
  from unnest($28::bytea[], $29::timestamptz[], $30::timestamptz[], $31::boolean[], $32::timestamptz[])
    as t(dedup, starts_at, ends_at, over, at)
  join fresh f using (dedup) order by f.seq)
select dedup from fresh`;

/**
 * Commits a batch in one statement, unique and sorted by `dedup`.
 * @returns the `dedup` of those that were new, in hex.
 */
export async function insertBatch(database: Queryable, batch: readonly BatchRow[]): Promise<Set<string>> {
  const fresh = await database.query<{ dedup: Buffer }>(INSERT, parametersOf(batch));
  return new Set(fresh.map(({ dedup }) => dedup.toString('hex')));
}

function parametersOf(batch: readonly BatchRow[]): unknown[] {
  const rows = batch.map(({ row }) => row);
  const deliveries = rows.flatMap(({ dedup, deliveries }) => deliveries.map((part) => ({ dedup, ...part })));
  const contacts = rows.flatMap(({ dedup, contacts }) => contacts.map((part) => ({ dedup, ...part })));
  const links = rows.flatMap(({ dedup, links }) => links.map((part) => ({ dedup, ...part })));
  const windows = rows.flatMap(({ dedup, eventAt, maintenance }) =>
    maintenance === null ? [] : [{ dedup, eventAt, ...maintenance }],
  );
  return [
    ...columns(rows, [
      'dedup',
      'source',
      'externalId',
      'event',
      'verdict',
      'reason',
      'eventAt',
      'receivedAt',
      'bodyMac',
    ]),
    ...columns(batch, ['repeated', 'altered', 'idReused']),
    ...columns(rows, ['sealed']),
    ...columns(deliveries, ['dedup', 'subject', 'priority', 'facts']),
    ...columns(contacts, ['dedup', 'subject', 'role', 'at', 'emailHash', 'nameHash', 'sealed']),
    ...columns(links, ['dedup', 'order', 'barcode']),
    ...columns(windows, ['dedup', 'startsAt', 'endsAt', 'over', 'eventAt']),
  ];
}

/** Turns rows into one array per column, as `unnest` takes them. */
function columns<T>(rows: readonly T[], names: readonly (keyof T)[]): unknown[][] {
  return names.map((name) => rows.map((row) => row[name]));
}
