import { sql, tableOf, type Columns, type Queryable } from '../database/sql.js';
import { addAlerts } from '../ledger/alerts.js';
import { addContacts, CONTACT_COLUMNS, type NewContact } from '../ledger/contacts.js';
import {
  addDeliveries,
  addLinks,
  DELIVERY_COLUMNS,
  LINK_COLUMNS,
  withoutPerson,
  type NewLink,
} from '../ledger/deliveries.js';
import { addSubjects, reopenSubjects } from '../ledger/subjects.js';
import { STAFF } from '../domain/subjects.js';
import type { InboxRow, MaintenanceNotice, PartOf, RoutedDelivery } from './inbox-row.js';

/** A row to insert, with what is known of its repetitions inside the same batch. */
export interface BatchRow {
  readonly row: InboxRow;
  /** How often it came again in this batch. */
  readonly repeated: number;
  /** Whether one of these had other bytes. */
  readonly altered: boolean;
  /** Whether another arrival of this batch has the same id. */
  readonly idReused: boolean;
}

const ROW_COLUMNS: Columns<BatchRow> = {
  dedup: ['bytea', ({ row }) => row.dedup],
  source: ['text', ({ row }) => row.source],
  external_id: ['text', ({ row }) => row.externalId],
  event: ['text', ({ row }) => row.event],
  verdict: ['text', ({ row }) => row.verdict],
  reason: ['text', ({ row }) => row.reason],
  event_at: ['timestamptz', ({ row }) => row.eventAt],
  received_at: ['timestamptz', ({ row }) => row.receivedAt],
  body_mac: ['bytea', ({ row }) => row.bodyMac],
  sealed: ['bytea', ({ row }) => row.sealed],
  repeated: ['int', (one) => one.repeated],
  altered: ['boolean', (one) => one.altered],
  id_reused: ['boolean', (one) => one.idReused],
};

const DEDUP: Columns<PartOf<unknown>> = { dedup: ['bytea', ({ dedup }) => dedup] };
const DELIVERIES: Columns<PartOf<RoutedDelivery>> = {
  ...DEDUP,
  ...DELIVERY_COLUMNS,
  index_key: ['text', (delivery) => delivery.indexKey],
};
const CONTACTS: Columns<PartOf<NewContact>> = { ...DEDUP, ...CONTACT_COLUMNS };
const LINKS: Columns<PartOf<NewLink>> = { ...DEDUP, ...LINK_COLUMNS };
const NOTICES: Columns<PartOf<MaintenanceNotice>> = {
  ...DEDUP,
  starts_at: ['timestamptz', (notice) => notice.startsAt],
  ends_at: ['timestamptz', (notice) => notice.endsAt],
  over: ['boolean', (notice) => notice.over],
  at: ['timestamptz', (notice) => notice.at],
};

/**
 * Commits a batch, unique and sorted by `dedup`, in one statement: rows, bodies, subjects, deliveries, contacts, links,
 * and what the team is to be told.
 *
 * Every insert is sorted by its key, so that two receivers take their locks in the same order. A subject that was
 * erased keeps its facts, without what stands for a person, and gets neither body nor contact: its tombstone is read under
 * a lock that whoever erases waits for, so that nothing of an arrival is left behind it. A row that was there counts one
 * repetition more than the batch itself had: so `returning` tells what was new.
 * @returns the `dedup` of those that were new, in hex.
 */
export async function insertBatch(database: Queryable, batch: readonly BatchRow[]): Promise<Set<string>> {
  const deliveries = batch.flatMap(({ row }) => row.deliveries);
  const contacts = batch.flatMap(({ row }) => row.contacts);
  const links = batch.flatMap(({ row }) => row.links);
  const notices = batch.flatMap(({ row }) => row.maintenance ?? []);

  // All that `standing` finds is locked: a condition in it would be looked at before the lock, and see a former tombstone.
  const fresh = await database.query<{ dedup: Buffer }>(sql`
    with input as materialized (select * from ${tableOf('t', batch, ROW_COLUMNS)}),
    named as materialized (select * from ${tableOf('t', deliveries, DELIVERIES)}),
    standing as materialized (
      select s.subject, s.erased_at is not null as erased from subjects s
      where s.subject = any(array(select subject from named)) order by s.subject for key share),
    parts as materialized (
      select n.*, n.subject in (select subject from standing where erased) as erased from named n),
    erased as (select distinct dedup from parts where erased),
    kept as (
      insert into inbox (source, dedup, external_id, event, verdict, reason, event_at, received_at, body_mac, duplicates,
        altered, id_reused, body_state)
      select i.source, i.dedup, i.external_id, i.event, i.verdict, i.reason, i.event_at, i.received_at, i.body_mac,
        i.repeated, i.altered,
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
    routed as materialized (
      select p.subject, f.seq, p.priority, p.index_key,
        case when p.erased then ${withoutPerson(sql`p.facts::jsonb`)} else p.facts::jsonb end as facts
      from fresh f join parts p using (dedup)),
    opened as (${addSubjects(sql`routed`, sql`index_key`)}),
    reopened as (${reopenSubjects(sql`routed`)}),
    delivered as (${addDeliveries(sql`routed`)}),
    unnamed as (
      select f.seq, coalesce(i.external_id, 'body:' || encode(i.body_mac, 'hex')) as id, i.received_at as at
      from routed r join fresh f using (seq) join input i using (dedup)
      where r.subject = ${STAFF} and i.verdict = 'quarantined'),
    called as (${addAlerts(sql`unnamed`)}),
    people as (
      select t.*, f.seq from ${tableOf('t', contacts, CONTACTS)} join fresh f using (dedup)
      where not exists (select from parts p where p.subject = t.subject and p.erased)),
    reached as (${addContacts(sql`people`)}),
    implied as (select t.* from ${tableOf('t', links, LINKS)} join fresh f using (dedup)),
    linked as (${addLinks(sql`implied`)}),
    announced as (
      insert into maintenance (seq, starts_at, ends_at, over, at)
      select f.seq, t.starts_at, t.ends_at, t.over, coalesce(t.at, f.received_at)
      from ${tableOf('t', notices, NOTICES)} join fresh f using (dedup) order by f.seq)
    select dedup from fresh`);
  return new Set(fresh.map(({ dedup }) => dedup.toString('hex')));
}
