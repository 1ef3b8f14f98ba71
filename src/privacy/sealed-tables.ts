import { bodyLocation } from '../ledger/bodies.js';
import { contactLocation } from '../ledger/contacts.js';
import { askedByLocation } from '../ledger/erased.js';
import { wordsLocation } from '../ledger/notifications.js';
import type { NotificationKey } from '../domain/notifications.js';
import type { SealedLocation } from '../sealing/sealing.js';

/** A table with a column `sealed`, and how a rotation finds its way through it. */
export interface SealedTable {
  readonly name: string;
  /** Its primary key: columns and their types, in their order. */
  readonly key: Readonly<Record<string, 'bigint' | 'bytea' | 'text'>>;
  /** The columns that say where a value stands. */
  readonly locatedBy: readonly string[];
  location(row: Readonly<Record<string, unknown>>): SealedLocation;
}

type Row<T> = Readonly<Record<string, unknown>> & T;

/** Every one there is: a test compares the list with the schema. */
export const SEALED_TABLES: readonly SealedTable[] = [
  {
    name: 'contacts',
    key: { subject: 'text', source_seq: 'bigint' },
    locatedBy: ['dedup', 'subject', 'role'],
    location: (row) => contactLocation(row as Row<Parameters<typeof contactLocation>[0]>),
  },
  {
    name: 'notifications',
    key: { id: 'bigint' },
    locatedBy: ['subject', 'kind', 'occurrence'],
    location: (row) => wordsLocation(row as Row<NotificationKey>),
  },
  {
    name: 'inbox_bodies',
    key: { dedup: 'bytea' },
    locatedBy: ['dedup'],
    location: (row) => bodyLocation((row as Row<{ dedup: Buffer }>).dedup),
  },
  {
    name: 'erasures',
    key: { id: 'text' },
    locatedBy: ['id'],
    location: (row) => askedByLocation((row as Row<{ id: string }>).id),
  },
];
