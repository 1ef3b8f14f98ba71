import { createHash } from 'node:crypto';
import type { Database } from '../database/database.js';
import { sql, tableOf, type Queryable } from '../database/sql.js';
import { DAY } from '../domain/durations.js';
import { merkleProof, merkleRoot, type Leaf, type ProofStep } from './merkle.js';
import { keyIdOf, type SigningKey } from './signing.js';

/** What is signed: that these heads stood so at that time, after the statement before it. */
export interface RootStatement {
  readonly what: 'kit-herald root';
  readonly no: number;
  /** ISO 8601 in UTC */
  readonly at: string;
  readonly leaves: number;
  /** hex */
  readonly root: string;
  /** SHA-256 of the statement before, hex; null for the first. */
  readonly previous: string | null;
}

/** That a subject's chain, up to its entry `n`, is under a signed root. */
export interface RootSeal {
  readonly n: number;
  /** A `RootStatement` as the text that was signed. */
  readonly statement: string;
  /** base64 */
  readonly signature: string;
  readonly publicKey: string;
  readonly proof: readonly ProofStep[];
}

/** Heads under one root: its tree is built in memory. */
const MOST_LEAVES = 50_000;
/** One root at a time, whichever process makes it. */
const LOCK = 7_240_117;

interface RootRow {
  readonly no: number;
  readonly at: Date;
  readonly statement: string;
}

/**
 * Puts every head that has moved under a signed root, once a day: nothing is done before the last one is a day old, unless
 * `always`. @returns how many heads; null where none was due or none had moved.
 */
export async function sealHeads(
  database: Database,
  key: SigningKey,
  { now, always = false }: { readonly now: number; readonly always?: boolean },
): Promise<number | null> {
  let sealed: number | null = null;
  for (let more = true, isFirst = true; more; isFirst = false) {
    const made = await database.transaction((tx) => sealOnce(tx, key, now, always || !isFirst));
    sealed = made === null ? sealed : (sealed ?? 0) + made;
    more = made === MOST_LEAVES;
  }
  return sealed;
}

async function sealOnce(tx: Queryable, key: SigningKey, now: number, always: boolean): Promise<number | null> {
  await tx.query(sql`select pg_advisory_xact_lock(${LOCK})`);
  const [last] = await tx.query<RootRow>(sql`select no, at, statement from evidence_roots order by no desc limit 1`);
  if (!always && last !== undefined && now - last.at.getTime() < DAY) return null;
  const leaves = await tx.query<Leaf>(
    sql`select subject, n, encode(hash, 'hex') as hash from evidence_heads where not in_root
      order by subject limit ${MOST_LEAVES}`,
  );
  if (leaves.length === 0) return null;
  const statement = statementOf(leaves, last, now);
  await tx.query(
    sql`insert into evidence_roots (no, at, statement, public_key, signature)
      values (${(last?.no ?? 0) + 1}, ${new Date(now)}, ${statement}, ${key.publicKey}, ${key.sign(statement)})`,
  );
  const rows = leaves.map((leaf, place) => ({ ...leaf, place }));
  await tx.query(
    sql`with leaves as (select * from ${tableOf('l', rows, {
      place: ['int', ({ place }) => place],
      subject: ['text', ({ subject }) => subject],
      n: ['int', ({ n }) => n],
      hash: ['bytea', ({ hash }) => Buffer.from(hash, 'hex')],
    })}),
      kept as (
        insert into evidence_leaves (root, place, subject, n, hash)
        select ${(last?.no ?? 0) + 1}::int, place, subject, n, hash from leaves)
      update evidence_heads h set in_root = true from leaves l where h.subject = l.subject and h.n = l.n`,
  );
  return leaves.length;
}

function statementOf(leaves: readonly Leaf[], last: RootRow | undefined, now: number): string {
  const statement: RootStatement = {
    what: 'kit-herald root',
    no: (last?.no ?? 0) + 1,
    at: new Date(now).toISOString(),
    leaves: leaves.length,
    root: merkleRoot(leaves),
    previous: last === undefined ? null : createHash('sha256').update(last.statement, 'utf8').digest('hex'),
  };
  return JSON.stringify(statement);
}

/** The latest root over a subject's chain, with what shows that it is under it; null where it is under none yet. */
export async function latestSeal(database: Queryable, subject: string): Promise<RootSeal | null> {
  const [root] = await database.query<{
    readonly no: number;
    readonly place: number;
    readonly n: number;
    readonly statement: string;
    readonly signature: Buffer;
    readonly public_key: Buffer;
  }>(
    sql`select r.no, l.place, l.n, r.statement, r.signature, r.public_key
      from evidence_leaves l join evidence_roots r on r.no = l.root
      where l.subject = ${subject} order by l.root desc limit 1`,
  );
  if (root === undefined) return null;
  const leaves = await database.query<Leaf>(
    sql`select subject, n, encode(hash, 'hex') as hash from evidence_leaves where root = ${root.no} order by place`,
  );
  return {
    n: root.n,
    statement: root.statement,
    signature: root.signature.toString('base64'),
    publicKey: root.public_key.toString('base64'),
    proof: merkleProof(leaves, root.place),
  };
}

/** A key that roots are, or were, signed with. */
export interface PublishedKey {
  readonly id: string;
  readonly algorithm: 'Ed25519';
  /** 32 bytes in base64 */
  readonly publicKey: string;
  /** ISO 8601 in UTC: of the first and the last root that it signed; null: none yet. */
  readonly firstRoot: string | null;
  readonly lastRoot: string | null;
}

/** Every key that has signed a root, and the one in use. */
export async function publishedKeys(database: Queryable, current: SigningKey | null): Promise<PublishedKey[]> {
  const rows = await database.query<{ public_key: Buffer; first: Date; last: Date }>(
    sql`select public_key, min(at) as first, max(at) as last from evidence_roots group by 1 order by 3 desc`,
  );
  const known = rows.map(({ public_key: key, first, last }) => published(key, first, last));
  const isKnown = current !== null && rows.some(({ public_key: key }) => key.equals(current.publicKey));
  return current === null || isKnown ? known : [published(current.publicKey, null, null), ...known];
}

const published = (key: Buffer, first: Date | null, last: Date | null): PublishedKey => ({
  id: keyIdOf(key),
  algorithm: 'Ed25519',
  publicKey: key.toString('base64'),
  firstRoot: first?.toISOString() ?? null,
  lastRoot: last?.toISOString() ?? null,
});
