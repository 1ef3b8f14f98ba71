import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import type { Database } from '../../src/database/database.js';
import { evidenceAbout, type Bundle, type SubjectEvidence } from '../../src/evidence/bundle.js';
import { linkHash, type ChainLink } from '../../src/evidence/chain.js';
import { merkleProof, merkleRoot, rootOf, type Leaf } from '../../src/evidence/merkle.js';
import { latestSeal, publishedKeys, sealHeads } from '../../src/evidence/roots.js';
import { isSignedBy, keyIdOf, signingKey } from '../../src/evidence/signing.js';
import { verifyBundle, type Verification } from '../../src/evidence/verify.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { wordsProof } from '../../src/ledger/notifications.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { decision, KIT, newLedger, newSealing, reportDelivered, request, T0, VIEW } from '../ledger/support.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';

const DAY = 86_400_000;
const KEY = signingKey(Buffer.alloc(32, 7));
const OTHER_KEY = signingKey(randomBytes(32));
const EMAIL = 'zoe@example.com';
const TRUSTED = [KEY.publicKey.toString('base64')];

const check = (bundle: unknown, trusted: readonly string[] | null = TRUSTED): Verification =>
  verifyBundle(JSON.stringify(bundle), trusted);
const faultOf = (found: Verification): string | null => (found.fits ? null : found.fault);

let sealing: Sealing;
let ledger: Ledger;

async function tell(subject: string, occurrence = 1, reply = `250 taken for ${EMAIL}`): Promise<void> {
  const claimed = await ledger.claim(request({ subject, occurrence, at: T0 + occurrence }));
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  await ledger.beginHandOver(claimed.claim, { email: EMAIL, address: ledger.addressOf(EMAIL) }, []);
  await ledger.settle(claimed.claim, {
    status: 'sent',
    reason: null,
    at: T0 + occurrence,
    sealed: { to: EMAIL, reply },
  });
}

const decide = (subject: string, occurrence: number): Promise<void> =>
  ledger.record(
    {
      subject,
      projection: VIEW,
      decisions: [
        {
          ...decision({ subject, kind: 'kit.received_lab', occurrence, verdict: 'not_send', reason: 'too_late' }),
          status: 'not_sent',
        },
      ],
    },
    T0,
  );

describe.each(KINDS)('evidence on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    sealing = newSealing();
    ledger = newLedger(database, sealing);
    await database.query(`insert into links (order_number, barcode) values ('O1', '123456789012')`);
  });
  afterAll(() => databases.stop());

  const bundleOf = async (subject = KIT): Promise<Bundle> => {
    const bundle = await evidenceAbout(database, sealing, subject, T0);
    if (bundle === null) throw new Error('no evidence');
    return bundle;
  };

  test('is nothing about whom nobody knows', async () => {
    expect(await evidenceAbout(database, sealing, 'kit:999999999999', T0)).toBeNull();
  });

  test('of half a story is of the half that is known: of an order without the kit that only its shipment has named', async () => {
    await database.query(`insert into links (order_number, barcode) values ('HALF', '200000000777')`);
    await tell('order:HALF');
    expect(await evidenceAbout(database, sealing, 'kit:200000000777', T0)).toBeNull();
    const bundle = await bundleOf('order:HALF');
    expect(bundle.subjects.map(({ subject }) => subject)).toEqual(['order:HALF']);
    expect(check(bundle, null)).toMatchObject({ fits: true });
  });

  test('of what was decided and settled fits, and says what the mail server and the provider said', async () => {
    await tell(KIT);
    await decide(KIT, 1);
    await tell('order:O1');
    await reportDelivered(database, ledger, KIT);
    await sealHeads(database, KEY, { now: T0 });
    const bundle = await bundleOf();
    expect(bundle.subjects.map(({ subject }) => subject)).toEqual([KIT, 'order:O1']);
    const [kit] = bundle.subjects;
    expect(kit?.notifications).toMatchObject([
      { status: 'delivered', reports: ['mail:1 delivered'], words: { reply: '250 taken for z•••@example.com' } },
      { status: 'not_sent', reason: 'too_late', words: null },
    ]);
    expect(kit?.chain.map(({ entry }) => (JSON.parse(entry) as { what: string }).what).toSorted()).toEqual([
      'decision',
      'decision',
      'settlement',
      'settlement',
      'settlement',
    ]);
    expect(check(bundle)).toEqual({
      fits: true,
      entries: 7,
      unsealed: 0,
      underWay: 0,
      keys: [keyIdOf(KEY.publicKey)],
      sealedAt: new Date(T0).toISOString(),
    });
    expect(JSON.stringify(bundle)).not.toContain('zoe');
  });

  test('keeps the chain whole whoever writes at the same moment', async () => {
    const subject = 'kit:200000000001';
    await Promise.all(Array.from({ length: 12 }, (_, nth) => (nth % 2 ? tell(subject, nth) : decide(subject, nth))));
    const found = check(await bundleOf(subject), null);
    expect(found).toMatchObject({ fits: true, entries: 24, unsealed: 24, sealedAt: null });
    expect(faultOf(check(await bundleOf(subject)))).toBe(`No signed root is over ${subject} yet.`);
  });

  test('goes under a root once a day, what has moved since under the next one, and says what no root is over', async () => {
    const subject = 'kit:200000000002';
    await tell(subject);
    const first = T0 + 2 * DAY;
    expect(await sealHeads(database, KEY, { now: first })).toBeGreaterThan(0);
    expect(await sealHeads(database, KEY, { now: first + DAY - 1 })).toBeNull();
    await tell(subject, 2);
    expect(check(await bundleOf(subject))).toMatchObject({ fits: true, entries: 4, unsealed: 2 });
    expect(await sealHeads(database, OTHER_KEY, { now: first + DAY })).toBe(1);
    expect(await sealHeads(database, OTHER_KEY, { now: first + 3 * DAY })).toBeNull();
    expect((await latestSeal(database, subject))?.n).toBe(4);
    expect(faultOf(check(await bundleOf(subject)))).toMatch(/not among those that are believed/);
    expect(check(await bundleOf(subject), null)).toMatchObject({ fits: true, unsealed: 0 });
    expect((await publishedKeys(database, OTHER_KEY)).map(({ id }) => id)).toEqual(
      [OTHER_KEY, KEY].map(({ publicKey }) => keyIdOf(publicKey)),
    );
  });

  test('shows when a row is changed, back-dated, added or dropped in the database behind our back', async () => {
    const subject = 'kit:200000000003';
    const before = await cleanly(subject);
    // As whoever owns the database can: without the triggers.
    const behindOurBack = async (statement: string): Promise<string | null> => {
      await database.query('alter table decisions disable trigger user');
      await database.query('alter table notifications disable trigger user');
      await database.query(statement);
      const found = check(await bundleOf(subject));
      await restore(before);
      return faultOf(found);
    };
    const of = `where subject = '${subject}'`;
    const faults = [
      await behindOurBack(`update decisions set reason = 'opted_out' ${of} and verdict = 'not_send'`),
      await behindOurBack(`update decisions set at = at - interval '1 day' ${of} and verdict = 'send'`),
      await behindOurBack(`delete from decisions ${of} and verdict = 'not_send'`),
      await behindOurBack(`insert into decisions (subject, kind, occurrence, verdict, cause, rule, at)
        values ('${subject}', 'kit.failed', 1, 'send', 'wh_9', 'r', now())`),
      await behindOurBack(`update notifications set status = 'delivered' ${of} and status = 'sent'`),
      await behindOurBack(
        `update notifications set settled_at = settled_at - interval '1 hour' ${of} and status = 'sent'`,
      ),
      await behindOurBack(`delete from evidence ${of} and n = (select max(n) from evidence ${of})`),
    ];
    expect(faults).toEqual([
      expect.stringMatching(/^Decision \d+ of .* its reason was changed/),
      expect.stringMatching(/^Decision \d+ of .* its at was changed/),
      expect.stringMatching(/^Decision \d+ of .* is in the chain and not in the file/),
      expect.stringMatching(/^Decision \d+ of .* was added later/),
      expect.stringMatching(/^kit.registered 1 of .* its status was changed/),
      expect.stringMatching(/^kit.registered 1 of .* its settledAt was changed/),
      expect.stringMatching(/^The chain of .* ends before|^kit|^Decision/),
    ]);
    expect(check(await bundleOf(subject))).toMatchObject({ fits: true });

    type Kept = Record<string, readonly Record<string, unknown>[]>;
    async function cleanly(about: string): Promise<Kept> {
      await tell(about);
      await decide(about, 1);
      await sealHeads(database, KEY, { now: T0 + 20 * DAY, always: true });
      const kept: Kept = {};
      for (const table of ['decisions', 'notifications', 'evidence'])
        kept[table] = await database.query(
          `select to_jsonb(t)::text as row from ${table} t where subject = '${about}' order by 1`,
        );
      return kept;
    }
    async function restore(kept: Kept): Promise<void> {
      for (const [table, rows] of Object.entries(kept)) {
        await database.query(`delete from ${table} where subject = '${subject}'`);
        for (const { row } of rows)
          await database.query(
            `insert into ${table} overriding system value select * from jsonb_populate_record(null::${table}, $1::jsonb)`.replace(
              table === 'evidence' ? 'overriding system value ' : '',
              '',
            ),
            [row],
          );
        if (table !== 'evidence') await database.query(`alter table ${table} enable trigger user`);
      }
    }
  });

  test('stays whole when the words of an email are erased: their hash stands for them', async () => {
    const subject = 'kit:200000000004';
    await tell(subject);
    await sealHeads(database, KEY, { now: T0 + 30 * DAY, always: true });
    const [kept] = (await bundleOf(subject)).subjects[0]?.notifications ?? [];
    await database.query(`update notifications set sealed = null, recipient_hash = null where subject = '${subject}'`);
    const bundle = await bundleOf(subject);
    expect(bundle.subjects[0]?.notifications[0]?.words).toBeNull();
    expect(check(bundle)).toMatchObject({ fits: true, entries: 2 });
    // Whoever was told the words before can still show that they were these.
    const salt = kept?.words?.salt ?? '';
    const reply = kept?.words?.reply ?? '';
    expect(bundle.subjects[0]?.chain[1]?.entry).toContain(wordsProof(salt, 'reply', reply).toString('hex'));
    expect(bundle.subjects[0]?.chain[1]?.entry).toContain(wordsProof(salt, 'to', EMAIL).toString('hex'));
  });
});

describe('a file of evidence', () => {
  let databases: TestDatabases;
  let bundle: Bundle;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    const database = await databases.fresh();
    sealing = newSealing();
    ledger = newLedger(database, sealing);
    for (const nth of [1, 2, 3]) await tell(KIT, nth);
    for (const nth of [1, 2]) await decide(KIT, nth);
    await tell('kit:200000000009');
    await sealHeads(database, KEY, { now: T0 });
    const made = await evidenceAbout(database, sealing, KIT, T0);
    if (made === null) throw new Error('no evidence');
    bundle = made;
  });
  afterAll(() => databases.stop());

  type Edit = (kit: SubjectEvidence, at: (length: number) => number) => Partial<SubjectEvidence> | null;
  const edited = (edit: Edit, place: number): Bundle | null => {
    const [kit, ...others] = structuredClone(bundle).subjects;
    if (kit === undefined) throw new Error('nobody');
    const change = edit(kit, (length) => place % length);
    return change === null ? null : { ...bundle, subjects: [{ ...kit, ...change }, ...others] };
  };
  /** Hashed anew from the first link on, as a forger would. */
  const rehashed = (entries: readonly string[]): ChainLink[] => {
    let before = '';
    return entries.map((entry) => {
      before = linkHash(before, entry);
      return { entry, hash: before };
    });
  };
  const renumbered = (entries: readonly string[]): string[] =>
    entries.map((entry, place) => JSON.stringify({ ...(JSON.parse(entry) as object), n: place + 1 }));

  const without = <T>(list: readonly T[], at: number): T[] => list.filter((_, place) => place !== at);
  const swapped = <T>(list: readonly T[], at: number): T[] | null => {
    const [one, other] = [list[at], list[at + 1]];
    if (one === undefined || other === undefined) return null;
    return list.map((item, place) => (place === at ? other : place === at + 1 ? one : item));
  };
  const altered = (text: string, at: number): string =>
    `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;

  const EDITS: Readonly<Record<string, Edit>> = {
    'a sign of an entry is changed': ({ chain }, at) => ({
      chain: chain.map((link, place) =>
        place === at(chain.length) ? { ...link, entry: altered(link.entry, at(link.entry.length)) } : link,
      ),
    }),
    'a link is dropped': ({ chain }, at) => ({ chain: without(chain, at(chain.length)) }),
    'two links change places': ({ chain }, at) => {
      const other = swapped(chain, at(chain.length));
      return other === null ? null : { chain: other };
    },
    'an entry is changed and the chain hashed anew': ({ chain }, at) => ({
      chain: rehashed(
        chain.map(({ entry }, place) =>
          place === at(chain.length) ? entry.replace('"kit.', '"Kit.').replace('"rule": "', '"rule": "x') : entry,
        ),
      ),
    }),
    'an entry is back-dated and the chain hashed anew': ({ chain }, at) => ({
      chain: rehashed(
        chain.map(({ entry }, place) =>
          place === at(chain.length) ? entry.replace(/("writtenAt": ")\d{4}/, '$11999') : entry,
        ),
      ),
    }),
    'an entry is dropped with its row, and the chain numbered and hashed anew': (
      { chain, decisions, notifications },
      at,
    ) => {
      const gone = JSON.parse(chain[at(chain.length)]?.entry ?? '{}') as { id: number; what: string };
      return {
        chain: rehashed(renumbered(without(chain, at(chain.length)).map(({ entry }) => entry))),
        decisions: decisions.filter(({ id }) => gone.what !== 'decision' || id !== gone.id),
        notifications: notifications.filter(({ id }) => gone.what !== 'settlement' || id !== gone.id),
      };
    },
    'a decision is left out': ({ decisions }, at) => ({ decisions: without(decisions, at(decisions.length)) }),
    'a decision is back-dated': ({ decisions }, at) => ({
      decisions: decisions.map((one, place) =>
        place === at(decisions.length) ? { ...one, at: new Date(T0 - DAY).toISOString() } : one,
      ),
    }),
    'a settlement is left out': ({ notifications }, at) => ({
      notifications: without(notifications, at(notifications.length)),
    }),
    'a settlement says another status': ({ notifications }, at) => ({
      notifications: notifications.map((one, place) =>
        place === at(notifications.length) ? { ...one, status: 'delivered' } : one,
      ),
    }),
    'a report is added': ({ notifications }, at) => ({
      notifications: notifications.map((one, place) =>
        place === at(notifications.length) ? { ...one, reports: ['mail:2 delivered'] } : one,
      ),
    }),
    'the mail server’s answer is another': ({ notifications }) => ({
      notifications: notifications.map((one) =>
        one.words === null ? one : { ...one, words: { ...one.words, reply: '250 another' } },
      ),
    }),
    'an answer of the mail server’s is made up where there was none': ({ notifications }) => ({
      notifications: notifications.map((one) =>
        one.words === null ? { ...one, words: { salt: '00', reply: '250 taken' } } : one,
      ),
    }),
    'a sign of the root’s statement is changed': ({ seal }, at) =>
      seal === null ? null : { seal: { ...seal, statement: altered(seal.statement, at(seal.statement.length)) } },
    'the root is signed by somebody else': ({ seal }) =>
      seal === null
        ? null
        : {
            seal: {
              ...seal,
              signature: OTHER_KEY.sign(seal.statement).toString('base64'),
              publicKey: OTHER_KEY.publicKey.toString('base64'),
            },
          },
    'the root is left out': () => ({ seal: null }),
    'it is of another subject': () => ({ subject: 'kit:200000000009' }),
  };

  test('fits as it was made', () => {
    expect(check(bundle)).toMatchObject({ fits: true, entries: 10, unsealed: 0 });
  });

  test.each(Object.entries(EDITS))('never fits when %s', (_, edit) => {
    fc.assert(
      fc.property(fc.nat(10_000), (place) => {
        const other = edited(edit, place);
        fc.pre(other !== null && JSON.stringify(other) !== JSON.stringify(bundle));
        expect(faultOf(check(other))).toEqual(expect.any(String));
      }),
      { numRuns: 60 },
    );
  });

  test.each(['', '{', 'null', '[]', '{"format":"kit-herald-evidence/1"}', '{"format":"other"}'])(
    'that is %j is none',
    (text) => {
      expect(faultOf(verifyBundle(text))).toEqual(expect.any(String));
    },
  );

  test('from which whoever was asked for is taken doesn’t fit', () => {
    const [kit] = bundle.subjects;
    expect(faultOf(check({ ...bundle, subjects: [] }))).toBe('The file is about nobody.');
    for (const subjects of [[{ ...kit, subject: 'order:O1' }], [{ ...kit, subject: 'order:O1' }, kit]])
      expect(faultOf(check({ ...bundle, subjects }))).toBe(`What was asked for, ${KIT}, is not in it.`);
  });

  test('of which a part is missing is said to be incomplete', () => {
    for (const part of ['chain', 'decisions', 'notifications'] as const) {
      const [kit] = bundle.subjects;
      expect(faultOf(check({ ...bundle, subjects: [{ ...kit, [part]: undefined }] }))).toMatch(/incomplete/);
    }
  });
});

describe('roots', () => {
  const leaves = fc
    .array(fc.record({ n: fc.nat(50), hash: fc.uint8Array({ minLength: 32, maxLength: 32 }) }), {
      minLength: 1,
      maxLength: 40,
    })
    .map((all) =>
      all.map(({ n, hash }, place): Leaf => ({
        subject: `kit:${String(place)}`,
        n,
        hash: Buffer.from(hash).toString('hex'),
      })),
    );

  test('are reached from every leaf by its proof, and from no other leaf', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (all, nth) => {
        const place = nth % all.length;
        const leaf = all[place];
        if (leaf === undefined) return;
        const proof = merkleProof(all, place);
        expect(rootOf(leaf, proof)).toBe(merkleRoot(all));
        expect(rootOf({ ...leaf, n: leaf.n + 1 }, proof)).not.toBe(merkleRoot(all));
        expect(rootOf({ ...leaf, subject: 'kit:other' }, proof)).not.toBe(merkleRoot(all));
      }),
    );
  });

  test('are believed of the key that signed them, and of no other', () => {
    expect(isSignedBy(KEY.publicKey, 'text', KEY.sign('text'))).toBe(true);
    expect(isSignedBy(KEY.publicKey, 'other', KEY.sign('text'))).toBe(false);
    expect(isSignedBy(OTHER_KEY.publicKey, 'text', KEY.sign('text'))).toBe(false);
    expect(isSignedBy(Buffer.alloc(3), 'text', KEY.sign('text'))).toBe(false);
  });
});
