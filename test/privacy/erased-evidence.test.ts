import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { DAY } from '../../src/domain/durations.js';
import { kitSubject, orderSubject } from '../../src/domain/subjects.js';
import { evidenceAbout, type Bundle, type SubjectEvidence } from '../../src/evidence/bundle.js';
import { sealHeads } from '../../src/evidence/roots.js';
import { signingKey } from '../../src/evidence/signing.js';
import { verifyBundle, type Verification } from '../../src/evidence/verify.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { wordsProof } from '../../src/ledger/notifications.js';
import { createRecipients } from '../../src/ledger/recipients.js';
import { createErasing, type Erasing } from '../../src/privacy/erase.js';
import { joinOrdersAndKits } from '../../src/relay/pending.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { JANE, kitArrival, orderArrival, testSealing } from '../inbox/support.js';
import { decision, newLedger, reportDelivered, request, T0, VIEW } from '../ledger/support.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { named, OMAR, TABLES } from './support.js';

const BARCODE = 'K100000009012';
const ORDER = 'C4H-77';
const KIT = kitSubject(BARCODE);
const KEY = signingKey(Buffer.alloc(32, 7));
const EVIDENCE = ['evidence', 'evidence_heads', 'evidence_leaves', 'evidence_roots'];
const REPLY = '250 taken for jane.zyxw@example.com';

/** What the CLI would write, read again by somebody who has nothing else but the published key. */
const check = (file: string): Verification => verifyBundle(file, [KEY.publicKey.toString('base64')]);
const of = (file: string, subject = KIT): SubjectEvidence => {
  const found = (JSON.parse(file) as Bundle).subjects.find((one) => one.subject === subject);
  if (found === undefined) throw new Error(`nothing about ${subject}`);
  return found;
};

describe.each(KINDS)('evidence of who was forgotten, on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let intake: Intake;
  let ledger: Ledger;
  let erasing: Erasing;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
  });
  afterAll(() => databases.stop());

  /** An order of Omar's with a kit of Jane's, both told of it; a report, and a decision against an email. */
  beforeEach(async () => {
    await database.query(`truncate ${[...TABLES, ...EVIDENCE].join(', ')}`);
    sealing = testSealing();
    intake = createIntake({ database, sealing });
    ledger = newLedger(database, sealing);
    erasing = createErasing({ database, sealing });
    ledger.heartbeat.start();
    await intake.keep(orderArrival(ORDER, 'order.created', named(OMAR, 'recipient', sealing)));
    await intake.keep(orderArrival(ORDER, 'order.shipped', { barcodes: [BARCODE] }));
    await intake.keep(kitArrival(BARCODE, 'kit.registered', named(JANE, 'patient', sealing)));
    while (await joinOrdersAndKits(database, createRecipients(sealing)));
    await send(KIT, JANE.email ?? '', REPLY);
    await send(orderSubject(ORDER), OMAR.email ?? '', '250 omar');
    await reportDelivered(database, ledger, KIT);
    await decide('too_late', 1);
    await sealHeads(database, KEY, { now: T0 });
  });
  afterEach(() => ledger.heartbeat.stop());

  const begin = async (subject: string, email: string, occurrence = 1) => {
    const claimed = await ledger.claim(request({ subject, occurrence }));
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    await ledger.beginHandOver(claimed.claim, { email, address: ledger.addressOf(email) }, []);
    return (reply: string) =>
      ledger.settle(claimed.claim, { status: 'sent', reason: null, at: T0, sealed: { to: email, reply } });
  };
  const send = async (subject: string, email: string, reply: string): Promise<unknown> =>
    (await begin(subject, email))(reply);
  const decide = (reason: 'too_late' | 'erased', occurrence: number): Promise<void> => {
    const one = decision({ subject: KIT, kind: 'kit.received_lab', occurrence, verdict: 'not_send', reason });
    return ledger.record({ subject: KIT, projection: VIEW, decisions: [{ ...one, status: 'not_sent' }] }, T0);
  };
  const file = async (subject = KIT): Promise<string> =>
    JSON.stringify(await evidenceAbout(database, sealing, subject, T0 + DAY), null, 2);
  const forget = async (subject = KIT): Promise<void> => {
    expect(await erasing.erase({ subject }, 'pia')).toMatchObject({ state: 'done' });
  };

  test('fits under the same signed root as before, with nothing of them in it', async () => {
    const before = await file();
    expect(check(before)).toMatchObject({ fits: true, entries: 7, unsealed: 0 });
    await forget();
    const after = await file();
    expect(check(after)).toEqual(check(before));
    expect(of(after)).toMatchObject({ erasedAt: expect.any(String) });
    expect(of(after).chain).toEqual(of(before).chain);
    expect(of(after).seal).toEqual(of(before).seal);
    expect(of(after).notifications).toMatchObject([
      { status: 'delivered', reports: ['mail:1 delivered'], words: null },
      {},
    ]);
    const names = [JANE.firstName, JANE.lastName, JANE.email, 'jane', 'j•••'].map((name) => (name ?? '').toLowerCase());
    for (const name of names) expect(after.toLowerCase()).not.toContain(name);
    // The recipient of their order is somebody else, and stays.
    expect(of(after, orderSubject(ORDER)).notifications).toEqual(of(before, orderSubject(ORDER)).notifications);
  });

  test('has the hash of what was erased in its place: whoever has the older file can still show that it was this', async () => {
    const [told] = of(await file()).notifications;
    await forget();
    const settled =
      of(await file())
        .chain.map(({ entry }) => entry)
        .find((entry) => entry.includes('"sent"')) ?? '';
    const { salt = '', reply = '' } = told?.words ?? {};
    expect(reply).toBe('250 taken for j•••@example.com');
    expect(settled).toContain(`"to": "${wordsProof(salt, 'to', JANE.email ?? '').toString('hex')}"`);
    expect(settled).toContain(`"reply": "${wordsProof(salt, 'reply', reply ?? '').toString('hex')}"`);
  });

  test('goes on: what is decided after it is chained to what was before, and goes under the next day’s root', async () => {
    const before = await file();
    await forget();
    await decide('erased', 2);
    const meanwhile = await file();
    expect(check(meanwhile)).toMatchObject({ fits: true, entries: 9, unsealed: 2 });
    expect(await sealHeads(database, KEY, { now: T0 + DAY })).toBe(1);
    const after = await file();
    expect(check(after)).toMatchObject({ fits: true, entries: 9, unsealed: 0 });
    expect(of(after).chain.slice(0, of(before).chain.length)).toEqual(of(before).chain);
    expect(of(after).seal?.statement).not.toBe(of(before).seal?.statement);
    // What was given out before the patient was forgotten stays right.
    expect(check(before)).toMatchObject({ fits: true, unsealed: 0 });
  });

  test('fits when an email was leaving as they were forgotten, and its answer is erased with the rest', async () => {
    const settle = await begin(KIT, JANE.email ?? '', 2);
    expect(await erasing.erase({ subject: KIT }, 'pia')).toMatchObject({ state: 'pending' });
    expect(check(await file())).toMatchObject({ fits: true, underWay: 1 });
    await settle(REPLY);
    expect(await erasing.resume()).toBe(1);
    await sealHeads(database, KEY, { now: T0 + DAY });
    const after = await file();
    expect(check(after)).toMatchObject({ fits: true, underWay: 0, unsealed: 0 });
    expect(of(after).notifications.map(({ words }) => words)).toEqual([null, null, null]);
    expect(after).not.toMatch(/jane|j•••/i);
  });

  test('fits when both, the order’s recipient and the kit’s patient, were forgotten', async () => {
    await forget(orderSubject(ORDER));
    await forget();
    for (const subject of [KIT, orderSubject(ORDER)]) {
      const both = await file(subject);
      expect(check(both)).toMatchObject({ fits: true, entries: 7, unsealed: 0 });
      expect(both).not.toMatch(/jane|omar|•••/i);
    }
  });

  test.each([
    [
      'a decision is turned round',
      `update decisions set reason = 'opted_out' where subject = '${KIT}' and verdict = 'not_send'`,
      /^Decision \d+ of kit:K100000009012 .* its reason was changed/,
    ],
    [
      'a decision is dropped',
      `delete from decisions where subject = '${KIT}' and verdict = 'not_send'`,
      /^Decision \d+ of kit:K100000009012 is in the chain and not in the file/,
    ],
    [
      'an email is said to have come back',
      `update notifications set status = 'bounced' where subject = '${KIT}' and status = 'delivered'`,
      /its status was changed/,
    ],
    [
      'an email is back-dated',
      `update notifications set settled_at = settled_at - interval '1 hour' where subject = '${KIT}' and status = 'delivered'`,
      /its settledAt was changed/,
    ],
    [
      'the hash that stands for what was erased is another',
      `update evidence set entry = regexp_replace(entry, '"to": "..', '"to": "00') where subject = '${KIT}' and entry like '%"to": "%'`,
      /^Entry \d+ of kit:K100000009012 doesn't fit the chain/,
    ],
    [
      'the end of the chain is cut off',
      `delete from evidence where subject = '${KIT}' and n > 3`,
      /ends before entry|is not in the chain/,
    ],
  ])('shows when, after it, %s', async (_what, statement, fault) => {
    await forget();
    // As whoever owns the database can: without the triggers.
    for (const table of ['decisions', 'notifications'])
      await database.query(`alter table ${table} disable trigger user`);
    await database.query(statement);
    for (const table of ['decisions', 'notifications'])
      await database.query(`alter table ${table} enable trigger user`);
    const found = check(await file());
    expect(found).toEqual({ fits: false, fault: expect.stringMatching(fault) });
  });

  test('shows when words are put where they were erased that are not those', async () => {
    const told = of(await file()).notifications[0]?.words;
    await forget();
    const after = JSON.parse(await file()) as Bundle;
    const withWords = (words: { salt: string; reply: string | null }): Verification =>
      check(
        JSON.stringify({
          ...after,
          subjects: after.subjects.map((one) =>
            one.subject === KIT
              ? { ...one, notifications: one.notifications.map((row, nth) => (nth === 0 ? { ...row, words } : row)) }
              : one,
          ),
        }),
      );
    expect(withWords({ salt: told?.salt ?? '', reply: '250 another' })).toMatchObject({
      fault: expect.stringContaining("the mail server's answer is not the one that was kept"),
    });
    expect(withWords({ salt: told?.salt ?? '', reply: told?.reply ?? '' })).toMatchObject({ fits: true });
  });
});
