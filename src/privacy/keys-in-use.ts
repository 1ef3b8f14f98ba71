import { SEALED_KEY } from '../database/sealed-key.js';
import { sql, type Queryable } from '../database/sql.js';
import { SEALED_TABLES, type SealedTable } from './sealed-tables.js';

/** What is sealed under one encryption key. */
export interface EncryptionKeyUse {
  readonly id: string;
  readonly configured: boolean;
  readonly newest: boolean;
  /** Rows by table, those without any left out; counted up to `MOST_COUNTED` each. */
  readonly rows: Readonly<Record<string, number>>;
  /** Nothing is sealed under it and newer ones are there: it may be taken out of ENCRYPTION_KEYS. */
  readonly removable: boolean;
}

/** What is hashed under one index key. Each goes on being needed: webhooks and stop links of its time are known by it. */
export interface IndexKeyUse {
  readonly id: string;
  readonly configured: boolean;
  readonly newest: boolean;
  /** Kits and orders whose journeys compare by it; counted up to `MOST_COUNTED`. */
  readonly journeys: number;
}

export interface KeysInUse {
  readonly encryption: readonly EncryptionKeyUse[];
  readonly index: readonly IndexKeyUse[];
}

/** The ids of keys that are configured, newest first. */
export interface KeyIds {
  readonly encryption: readonly string[];
  readonly index: readonly string[];
}

/** Beyond so many rows under one key nobody needs to know how many: counting has an end. */
export const MOST_COUNTED = 1_000_000;

export const KEY = sql.raw(SEALED_KEY);
/** Ids are ASCII. */
export const keyBytes = (id: string): Buffer => Buffer.from(id, 'latin1');

/** The ids under which a table has rows, by a jump from each to the next in its index. */
export async function idsIn(database: Queryable, { name }: SealedTable): Promise<string[]> {
  const table = sql.table(name);
  const rows = await database.query<{ id: Buffer }>(
    sql`with recursive ids as (
        (select ${KEY} as id from ${table} where sealed is not null order by 1 limit 1)
        union all
        select (select ${KEY} from ${table} where sealed is not null and ${KEY} > ids.id order by 1 limit 1)
        from ids where ids.id is not null)
      select id from ids where id is not null`,
  );
  return rows.map(({ id }) => id.toString('latin1'));
}

/** Whether anything is sealed under this key. */
export async function isAnythingSealedUnder(database: Queryable, id: string): Promise<boolean> {
  for (const table of SEALED_TABLES) if ((await idsIn(database, table)).includes(id)) return true;
  return false;
}

/** How much hangs on each key: of those that are configured, and of those that should be. */
export async function keysInUse(database: Queryable, { encryption, index }: KeyIds): Promise<KeysInUse> {
  const sealed = new Map<string, Record<string, number>>(encryption.map((id) => [id, {}]));
  for (const table of SEALED_TABLES)
    for (const id of await idsIn(database, table))
      sealed.set(id, { ...sealed.get(id), [table.name]: await countUnder(database, table, id) });
  const journeys = await journeysByKey(database);
  const all = [...index, ...[...journeys.keys()].filter((id) => !index.includes(id))];
  return {
    encryption: [...sealed].map(([id, rows]) => ({
      id,
      configured: encryption.includes(id),
      newest: id === encryption[0],
      rows,
      removable: encryption.indexOf(id) > 0 && Object.keys(rows).length === 0,
    })),
    index: all.map((id) => ({
      id,
      configured: index.includes(id),
      newest: id === index[0],
      journeys: journeys.get(id) ?? 0,
    })),
  };
}

async function countUnder(database: Queryable, { name }: SealedTable, id: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    sql`select count(*) as count from (
      select 1 from ${sql.table(name)} where sealed is not null and ${KEY} = ${keyBytes(id)} limit ${MOST_COUNTED}) as found`,
  );
  return row?.count ?? 0;
}

/** By a jump from each key to the next in the index, as `idsIn`. */
async function journeysByKey(database: Queryable): Promise<Map<string, number>> {
  const rows = await database.query<{ id: string; count: number }>(
    sql`with recursive ids as (
        (select index_key as id from subjects where index_key is not null order by 1 limit 1)
        union all
        select (select index_key from subjects where index_key > ids.id order by 1 limit 1) from ids where ids.id is not null)
      select id, (select count(*) from (
        select 1 from subjects where index_key = ids.id limit ${MOST_COUNTED}) as found) as count
      from ids where id is not null order by id`,
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}
