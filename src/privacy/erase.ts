import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Arrival } from '../domain/arrivals.js';
import { operatorsCause } from '../domain/notifications.js';
import { isKit, nameOf, STAFF, type Subject } from '../domain/subjects.js';
import type { Database } from '../database/database.js';
import { sqlStateOf } from '../database/sql-error.js';
import { sql, type Queryable } from '../database/sql.js';
import { identitiesOf, inboxRowOf } from '../inbox/inbox-row.js';
import { insertBatch } from '../inbox/insert.js';
import { normaliseEmail, type Sealing } from '../sealing/sealing.js';
import { certificateOf, sumOf, type Certificate } from './certificate.js';
import {
  addErasure,
  closeSubject,
  erasureOf,
  latestAbout,
  openSubjects,
  readErasure,
  takeOpen,
  type Scope,
} from './erasures.js';
import { purgeSubject, type Purged } from './purge.js';

/** Who is to be forgotten: a kit's patient, an order's recipient, or whoever has an address. */
export type EraseRequest = { readonly subject: Subject } | { readonly email: string };

export interface Erasing {
  /**
   * Forgets somebody: from this moment nothing of them is kept any more and nothing sent, and what was kept is gone
   * when the certificate says `done`. Asked again it answers what was done. Null where nobody is known.
   */
  erase(whom: EraseRequest, by: string | null): Promise<Certificate | null>;
  /** What `erase` would do now; changes nothing. Null where nobody is known. */
  foresee(whom: EraseRequest): Promise<Foreseen | null>;
  /** Null where there is none. */
  certificate(id: string): Promise<Certificate | null>;
  /** Goes on with what waits: an email was leaving, or a process died. @returns how many subjects are done now. */
  resume(): Promise<number>;
}

/** What an erasure would come to, or did. */
export type Foreseen = { readonly certificate: Certificate } | WouldErase;

export interface WouldErase {
  readonly subjects: readonly string[];
  readonly erased: Certificate['erased'];
  /** Of those whose email is with a mail server at this moment: it is waited for, and what goes of them isn't known yet. */
  readonly beingSent: readonly string[];
  readonly stillKnown: Certificate['stillKnown'];
  /** The journeys' word, as it would come in. */
  readonly arrivals: readonly Arrival[];
}

export interface ErasingOptions {
  readonly database: Database;
  readonly sealing: Sealing;
  /** ms since the epoch */
  readonly clock?: () => number;
  /** Has the relay look: journeys are told. */
  readonly wake?: () => void;
}

const ATTEMPTS_AT_CONFLICTS = 5;
const LONGEST_PAUSE_MS = 50;
const RESUMED_AT_ONCE = 100;

/**
 * In two steps, each all or nothing. First the request, the tombstones and the journeys' word, in one transaction: it
 * waits for webhooks of these subjects that are just being committed, and every later one finds the tombstone. Then all
 * that is kept, a transaction for each subject; one whose email is with a mail server at that moment waits until that has
 * an answer, or its lease has ended. A crash in between leaves rows by which any process goes on.
 */
export function createErasing({ database, sealing, clock = Date.now, wake }: ErasingOptions): Erasing {
  async function certificate(id: string): Promise<Certificate | null> {
    const erasure = await readErasure(database, sealing, id);
    return erasure === null ? null : certificateOf(erasure, await stillKnown(database, erasure.subjects));
  }

  /** @returns whether all of it is gone. */
  async function purge(subject: string): Promise<boolean> {
    return await patiently(() =>
      database.transaction(async (tx) => {
        if (!(await takeOpen(tx, subject))) return false;
        const purged = await purgeSubject(tx, subject);
        if (purged.outcome === 'being_sent') return false;
        await closeSubject(tx, subject, purged.counts, new Date(clock()));
        return true;
      }),
    );
  }

  async function earlierCertificate({ subjects, hashes }: Found): Promise<Certificate | null> {
    const earlier = (await earlierOf(database, subjects)) ?? (await latestAbout(database, hashes));
    return earlier === null ? null : { ...((await certificate(earlier)) as Certificate), repeated: true };
  }

  return {
    certificate,
    async foresee(whom) {
      const who = await found(database, sealing, whom);
      const living = await livingOf(database, who.subjects);
      if (living.length === 0) {
        const earlier = await earlierCertificate(who);
        return earlier === null ? null : { certificate: earlier };
      }
      const purged = await patiently(() => rehearsePurge(database, living));
      return {
        subjects: living,
        erased: sumOf([...purged.values()].flatMap((one) => (one.outcome === 'purged' ? one.counts : []))),
        beingSent: living.filter((subject) => purged.get(subject)?.outcome === 'being_sent'),
        stillKnown: await stillKnown(
          database,
          living.map((subject) => ({ subject })),
        ),
        arrivals: living.map((subject) => commandOf(subject as Subject, `erase_${randomUUID()}`, clock())),
      };
    },
    async erase(whom, by) {
      const { scope, hashes, subjects } = await found(database, sealing, whom);
      const [about] = hashes;
      if (about === undefined) throw new Error('a hash under no key');
      const id = `erase_${randomUUID()}`;
      const erasure = { id, scope, about, askedAt: new Date(clock()), by };
      const buried = await patiently(() =>
        database.transaction(async (tx) => {
          const living = await bury(tx, subjects, erasure.askedAt);
          if (living.length === 0) return [];
          await addErasure(tx, sealing, { ...erasure, subjects: living });
          await tellJourneys(tx, sealing, living, erasure);
          return living;
        }),
      );
      if (buried.length === 0) return await earlierCertificate({ scope, hashes, subjects });
      wake?.();
      for (const subject of buried) await purge(subject);
      return await certificate(id);
    },
    async resume() {
      let done = 0;
      for (const subject of await openSubjects(database, RESUMED_AT_ONCE)) if (await purge(subject)) done += 1;
      return done;
    },
  };
}

interface Found {
  readonly scope: Scope;
  /** Keyed hashes of what was named, the newest key's first. */
  readonly hashes: readonly Buffer[];
  /** Sorted; those that are known. */
  readonly subjects: readonly string[];
}

async function found(database: Queryable, sealing: Sealing, whom: EraseRequest): Promise<Found> {
  if ('email' in whom) {
    const hashes = sealing.hashes('email', whom.email);
    const rows = await database.query<{ subject: string }>(
      sql`select subject from contacts where email_hash = any(${hashes}::bytea[])
        union select subject from notifications where recipient_hash = any(${hashes}::bytea[])
        order by subject`,
    );
    const subjects = rows.map(({ subject }) => subject).filter((subject) => subject !== STAFF);
    // Not the hash by which contacts are found: what stays of an erasure leads to nothing else.
    const about = sealing.hashes('subject', `email:${normaliseEmail(whom.email)}`);
    return { scope: 'email', hashes: about, subjects };
  }
  const { subject } = whom;
  const known = await isKnown(database, subject);
  return {
    scope: isKit(subject) ? 'kit' : 'order',
    hashes: sealing.hashes('subject', subject),
    subjects: known ? [subject] : [],
  };
}

/** Also a kit or an order that only the other half of a link has named: its later webhooks are to name nobody. */
async function isKnown(database: Queryable, subject: string): Promise<boolean> {
  const column = sql.ref(isKit(subject) ? 'barcode' : 'order_number');
  const rows = await database.query(
    sql`select 1 where exists (select from subjects where subject = ${subject})
      or exists (select from links where ${column} = ${nameOf(subject)})`,
  );
  return rows.length > 0;
}

async function livingOf(database: Queryable, subjects: readonly string[]): Promise<string[]> {
  const rows = await database.query<{ subject: string }>(
    sql`select t.subject from unnest(${subjects}::text[]) as t(subject) left join subjects s using (subject)
      where s.erased_at is null order by 1`,
  );
  return rows.map(({ subject }) => subject);
}

/** Ends a transaction of which nothing is to stay. */
class TakenBack extends Error {
  override readonly name = 'TakenBack';
}

/** Erases, counts, and takes it back: so that what is said beforehand is what is done then. */
async function rehearsePurge(database: Database, subjects: readonly string[]): Promise<ReadonlyMap<string, Purged>> {
  const purged = new Map<string, Purged>();
  try {
    await database.transaction(async (tx) => {
      for (const subject of subjects) purged.set(subject, await purgeSubject(tx, subject));
      throw new TakenBack();
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
  }
  return purged;
}

/** Sets the tombstones. @returns those that had none. */
async function bury(tx: Queryable, subjects: readonly string[], at: Date): Promise<string[]> {
  await tx.query(
    sql`insert into subjects (subject) select subject from unnest(${subjects}::text[]) as t(subject) order by subject
      on conflict do nothing`,
  );
  // Waits for whoever reads the tombstone to write by it (src/inbox/insert.ts), in the order in which they lock.
  await tx.query(sql`select 1 from subjects where subject = any(${subjects}::text[]) order by subject for update`);
  const rows = await tx.query<{ subject: string }>(
    sql`update subjects set erased_at = ${at} where subject = any(${subjects}::text[]) and erased_at is null
      returning subject`,
  );
  return rows.map(({ subject }) => subject).sort();
}

/** Each journey hears of it on the one way in, and decides what waited; the row holds nothing but that it was asked. */
async function tellJourneys(
  tx: Queryable,
  sealing: Sealing,
  subjects: readonly string[],
  { id, askedAt }: { readonly id: string; readonly askedAt: Date },
): Promise<void> {
  const rows = subjects.map((subject, nth) => {
    const arrival = commandOf(subject as Subject, `${id}.${String(nth + 1)}`, askedAt.getTime());
    const [identity] = identitiesOf(arrival, sealing.hashes);
    if (identity === undefined) throw new Error('a hash under no key');
    return inboxRowOf(arrival, identity, sealing);
  });
  rows.sort((one, other) => one.dedup.compare(other.dedup));
  await insertBatch(
    tx,
    rows.map((row) => ({ row, repeated: 0, altered: false, idReused: false })),
  );
}

function commandOf(subject: Subject, externalId: string, at: number): Arrival {
  const event = 'operator.erase';
  const fact = { event, cause: operatorsCause(externalId), receivedAt: at, at, command: { subject } } as const;
  return {
    source: 'operator',
    externalId,
    event,
    verdict: 'accepted',
    reason: null,
    eventAt: at,
    receivedAt: at,
    raw: Buffer.from(JSON.stringify({ action: 'erase', subject })),
    routed: [{ subject, fact, details: null }],
    links: [],
  };
}

async function earlierOf(database: Queryable, subjects: readonly string[]): Promise<string | null> {
  const [first] = subjects;
  return first === undefined ? null : await erasureOf(database, first);
}

/** Who else of the same story still has a contact: the kits of an order, the orders of a kit. */
async function stillKnown(database: Queryable, erased: readonly { readonly subject: string }[]): Promise<string[]> {
  const names = erased.map(({ subject }) => subject);
  const rows = await database.query<{ subject: string }>(
    sql`select distinct o.subject from links l
      cross join lateral (values ('kit:' || l.barcode, 'order:' || l.order_number), ('order:' || l.order_number, 'kit:' || l.barcode))
        as o(known, subject)
      join subjects s on s.subject = o.subject and s.erased_at is null
      where (l.barcode = any(${names.filter(isKit).map(nameOf)}::text[])
        or l.order_number = any(${names.filter((name) => !isKit(name)).map(nameOf)}::text[]))
        and o.known = any(${names}::text[])
        and exists (select from contacts c where c.subject = o.subject and c.role is not null)
      order by 1`,
  );
  return rows.map(({ subject }) => subject);
}

/** Two that wait for each other: the database ends one of them, which comes back. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!sqlStateOf(error)?.startsWith('40') || attempt === ATTEMPTS_AT_CONFLICTS) throw error;
      await delay(Math.random() * LONGEST_PAUSE_MS);
    }
  }
}
