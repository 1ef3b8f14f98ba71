import { sql, type Queryable } from '../database/sql.js';
import { hashesOfSame } from '../ledger/suppressions.js';
import { SealBroken, type Sealing } from '../sealing/sealing.js';
import { idsIn, KEY, keyBytes } from './keys-in-use.js';
import { SEALED_TABLES, type SealedTable } from './sealed-tables.js';

/** How far a rotation has come: whoever goes on from `next` need not look at what didn't open once more. */
export interface RotationStep {
  /** Sealed anew under the newest key. */
  readonly resealed: number;
  /** Changed by somebody else meanwhile, and left to them: it is sealed under the newest key, or is found again. */
  readonly overtaken: number;
  /** What doesn't open under the key that it names, by that key's id: left as it was. */
  readonly unopened: Readonly<Record<string, number>>;
  /** Stops that hold under the newest index key, too, from now on. */
  readonly stops: number;
  /** Where the next step begins; null: nothing is left. */
  readonly next: string | null;
}

/** Rows are sealed under a key that isn't configured: nothing of a rotation is begun. */
export interface KeyMissing {
  readonly missing: { readonly id: string; readonly table: string };
}

interface Place {
  readonly table: string;
  /** The key of the rows under way; null: of the stops, which have none. */
  readonly id: string | null;
  /** The primary key of the last row that was seen, as text. */
  readonly after: readonly string[];
}

const STOPS = 'suppressions';

/**
 * Seals a few rows anew that are sealed under a former encryption key, and when none is left has a few stops of emails
 * hold under the newest index key. Nothing is remembered but what the rows say themselves, so that a rotation can be
 * given up and begun again at any moment, while everything runs: a row that has changed between reading and writing isn't
 * written. `from`: `next` of the step before, else null.
 */
export async function rotateKeys(
  { database, sealing }: { readonly database: Queryable; readonly sealing: Sealing },
  { from, limit }: { readonly from: string | null; readonly limit: number },
): Promise<RotationStep | KeyMissing> {
  const left = await leftToReseal(database, sealing);
  const missing = left.find(({ id }) => !sealing.keyIds.encryption.includes(id));
  if (missing !== undefined) return { missing: { id: missing.id, table: missing.table.name } };
  const place = from === null ? null : readPlace(from);
  const start = place === null ? 0 : left.findIndex((one) => isAtOrAfter(one, place));
  const work = start < 0 || place?.table === STOPS ? undefined : left[start];
  if (work === undefined) return await carryStops(database, sealing, place?.table === STOPS ? place.after : [], limit);
  const isUnderWay = place !== null && place.table === work.table.name && place.id === work.id;
  return await reseal(database, sealing, work, isUnderWay ? place.after : [], limit);
}

interface Left {
  readonly table: SealedTable;
  readonly id: string;
}

async function leftToReseal(database: Queryable, sealing: Sealing): Promise<Left[]> {
  const [newest] = sealing.keyIds.encryption;
  const left: Left[] = [];
  for (const table of SEALED_TABLES)
    for (const id of await idsIn(database, table)) if (id !== newest) left.push({ table, id });
  return left;
}

const rank = (table: string): number => SEALED_TABLES.findIndex(({ name }) => name === table);

const isAtOrAfter = ({ table, id }: Left, place: Place): boolean =>
  rank(table.name) > rank(place.table) ||
  (table.name === place.table && Buffer.compare(keyBytes(id), keyBytes(place.id ?? '')) >= 0);

type SealedRow = Readonly<Record<string, unknown>> & { readonly sealed: Buffer; readonly at: readonly string[] };

async function reseal(
  database: Queryable,
  sealing: Sealing,
  { table, id }: Left,
  after: readonly string[],
  limit: number,
): Promise<RotationStep> {
  const columns = Object.entries(table.key);
  const keys = sql.join(columns.map(([name]) => sql.ref(name)));
  const beyond =
    after.length === 0
      ? sql``
      : sql`and (${keys}) > (${sql.join(columns.map(([, type], at) => sql`${after[at] ?? ''}::text::${sql.raw(type)}`))})`;
  const rows = await database.query<SealedRow>(
    sql`select ${sql.join(table.locatedBy.map((name) => sql.ref(name)))}, sealed,
        array[${sql.join(columns.map(([name]) => sql`${sql.ref(name)}::text`))}] as at
      from ${sql.table(table.name)} where sealed is not null and ${KEY} = ${keyBytes(id)} ${beyond}
      order by ${keys} limit ${limit}`,
  );
  const anew = rows.flatMap((row) => {
    const location = table.location(row);
    const plain = openedOrNull(sealing, row.sealed, location);
    return plain === null ? [] : [{ at: row.at, before: row.sealed, sealed: sealing.seal(plain, location) }];
  });
  const unopened = rows.length - anew.length;
  const written = anew.length === 0 ? 0 : await write(database, table, anew);
  const last = rows.at(-1);
  return {
    resealed: written,
    overtaken: anew.length - written,
    unopened: unopened === 0 ? {} : { [id]: unopened },
    stops: 0,
    next: writePlace(
      last === undefined || rows.length < limit
        ? placeAfter(table.name, id)
        : { table: table.name, id, after: last.at },
    ),
  };
}

/** What is sealed under the same key in the same table and was changed meanwhile isn't looked for again: it is newer. */
const placeAfter = (table: string, id: string): Place => ({ table, id: `${id}\0`, after: [] });

function openedOrNull(sealing: Sealing, sealed: Buffer, location: Parameters<Sealing['open']>[1]): Buffer | null {
  try {
    return sealing.open(sealed, location);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

interface Anew {
  readonly at: readonly string[];
  readonly before: Buffer;
  readonly sealed: Buffer;
}

/** @returns how many still were as they had been read. */
async function write(database: Queryable, table: SealedTable, rows: readonly Anew[]): Promise<number> {
  const columns = Object.entries(table.key);
  const named = columns.map((_, at) => `k${String(at)}`);
  const arrays = columns.map(([, type], at) => sql`${rows.map((row) => row.at[at])}::text[]::${sql.raw(type)}[]`);
  const same = columns.map(([name], at) => sql`t.${sql.ref(name)} = n.${sql.ref(named[at] ?? '')}`);
  // Locked in one order, so that two rotations at once wait for each other in one direction only.
  const written = await database.query(
    sql`with anew as materialized (
        select * from unnest(${sql.join(arrays)}, ${rows.map(({ before }) => before)}::bytea[],
          ${rows.map(({ sealed }) => sealed)}::bytea[]) as n(${sql.join(named.map((name) => sql.ref(name)))}, before, after)),
      locked as materialized (
        select n.* from anew n join ${sql.table(table.name)} t on ${sql.join(same, sql` and `)}
        where t.sealed = n.before order by ${sql.join(named.map((name) => sql`n.${sql.ref(name)}`))} for no key update of t)
      update ${sql.table(table.name)} t set sealed = n.after from locked n
      where ${sql.join(same, sql` and `)} and t.sealed = n.before returning 1`,
  );
  return written.length;
}

/** A stop holds under every key; under the newest one it goes on holding when a former one is given up. */
async function carryStops(
  database: Queryable,
  sealing: Sealing,
  after: readonly string[],
  limit: number,
): Promise<RotationStep> {
  const none = { resealed: 0, overtaken: 0, unopened: {}, stops: 0 };
  if (sealing.keyIds.index.length < 2) return { ...none, next: null };
  const [hash = '\\x', scope = ''] = after;
  const rows = await database.query<{ email_hash: Buffer; scope: string; at: string[] }>(
    sql`select email_hash, scope, array[email_hash::text, scope] as at from suppressions
      where (email_hash, scope) > (${hash}::text::bytea, ${scope}) order by email_hash, scope limit ${limit}`,
  );
  let stops = 0;
  for (const row of rows) {
    const [newest] = await hashesOfSame(database, sealing, row.email_hash);
    const added = await database.query(
      sql`insert into suppressions (email_hash, scope, cause, at)
        select ${newest ?? row.email_hash}, scope, cause, at from suppressions
        where email_hash = ${row.email_hash} and scope = ${row.scope} on conflict do nothing returning 1`,
    );
    stops += added.length;
  }
  const last = rows.at(-1);
  const isOver = last === undefined || rows.length < limit;
  return { ...none, stops, next: isOver ? null : writePlace({ table: STOPS, id: null, after: last.at }) };
}

const writePlace = ({ table, id, after }: Place): string =>
  Buffer.from(JSON.stringify([table, id, ...after])).toString('base64url');

/** @throws RangeError where it is none of ours. */
function readPlace(text: string): Place {
  const place = parse(text);
  if (!Array.isArray(place) || place.some((part) => part !== null && typeof part !== 'string')) throw NO_PLACE;
  const [table, id, ...after] = place as (string | null)[];
  const types =
    table === STOPS ? STOPS_KEY : Object.values(SEALED_TABLES.find(({ name }) => name === table)?.key ?? {});
  const isKey =
    after.length === 0 || (after.length === types.length && after.every((part, at) => fits(part, types[at])));
  if (typeof table !== 'string' || types.length === 0 || id === undefined || !isKey) throw NO_PLACE;
  return { table, id, after: after as string[] };
}

const NO_PLACE = new RangeError('no place of a rotation');
const STOPS_KEY = ['bytea', 'text'] as const;

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw NO_PLACE;
  }
}

/** What PostgreSQL would refuse to read as a value of that type never reaches it. */
function fits(part: string | null | undefined, type: 'bigint' | 'bytea' | 'text' | undefined): boolean {
  if (typeof part !== 'string') return false;
  if (type === 'bigint') return /^\d{1,18}$/.test(part);
  return type === 'bytea' ? /^\\x([0-9a-f]{2})*$/.test(part) : !part.includes('\0');
}
