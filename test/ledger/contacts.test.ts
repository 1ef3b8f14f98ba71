import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Database } from '../../src/database/database.js';
import { chooseContact, type SeenContact } from '../../src/ledger/contacts.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createSealing, type Sealing } from '../../src/sealing/sealing.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { KIT, newLedger, newSealing, person, seen, T0 } from './support.js';

describe('whose address counts', () => {
  const one = (seq: number, at: number, over: Partial<SeenContact> = {}): SeenContact => ({
    seq,
    at,
    byOperator: false,
    person: person({ email: `p${String(seq)}@example.com` }),
    hash: Buffer.from([seq]),
    ...over,
  });

  test('is the newest by the fact’s own time, not by arrival', () => {
    expect(chooseContact([one(1, 200), one(2, 100)])?.seq).toBe(1);
    expect(chooseContact([one(1, 100), one(2, 100)])?.seq).toBe(2);
    expect(chooseContact([])).toBeNull();
  });

  test('is an operator’s over every one seen before it, though its fact be newer', () => {
    const operator = one(5, 100, { byOperator: true });
    expect(chooseContact([one(1, 900), operator])?.seq).toBe(5);
    expect(chooseContact([one(1, 900), operator, one(6, 50)])?.seq).toBe(5);
    expect(chooseContact([one(1, 900), operator, one(6, 150)])?.seq).toBe(6);
    expect(chooseContact([operator, one(7, 90, { byOperator: true })])?.seq).toBe(7);
  });

  test('whatever the order in which they are read', () => {
    const contacts = fc.uniqueArray(
      fc.record({ seq: fc.integer({ min: 1, max: 30 }), at: fc.integer({ min: 0, max: 5 }), byOperator: fc.boolean() }),
      { selector: ({ seq }) => seq, minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(contacts, fc.func(fc.integer()), (all, order) => {
        const built = all.map(({ seq, at, byOperator }) => one(seq, at, { byOperator }));
        const shuffled = [...built].sort((a, b) => order(a.seq) - order(b.seq));
        expect(chooseContact(shuffled)).toEqual(chooseContact(built));
        const chosen = chooseContact(built);
        const lastOperator = Math.max(0, ...built.filter((c) => c.byOperator).map((c) => c.seq));
        // Nothing that an operator has seen and replaced ever comes back.
        expect(chosen?.seq).toBeGreaterThanOrEqual(lastOperator);
        const better = built.filter((c) => c.seq >= lastOperator && c.at > (chosen?.at ?? 0));
        expect(better).toEqual([]);
      }),
    );
  });

  test('keeps the language and the zone that an older fact told', () => {
    const older = one(1, 100, { person: person({ zone: 'Europe/Berlin', locale: 'de' }) });
    expect(chooseContact([older, one(2, 200)])?.person).toMatchObject({
      email: 'p2@example.com',
      zone: 'Europe/Berlin',
      locale: 'de',
    });
  });
});

describe('the people around a kit', () => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let ledger: Ledger;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    sealing = newSealing();
  });
  beforeEach(async () => {
    await database.query('truncate contacts, inbox, deliveries, links, subjects, suppressions');
    ledger = newLedger(database, sealing);
  });
  afterAll(() => databases.stop());

  test('the patient is never replaced by the order’s recipient, who only lends a zone', async () => {
    await database.query(`insert into links (order_number, barcode) values ('O-1', '123456789012')`);
    await seen(database, sealing, {
      subject: 'order:O-1',
      role: 'recipient',
      person: person({ email: 'buyer@example.org', zone: 'America/New_York' }),
    });
    expect(await ledger.peopleOf(KIT, 'patient')).toEqual({ contact: null, recipientKnown: true });
    await seen(database, sealing, { subject: KIT, person: person() });
    expect(await ledger.peopleOf(KIT, 'patient')).toMatchObject({
      recipientKnown: true,
      contact: { email: 'zoe@example.com', person: { zone: 'America/New_York' } },
    });
    expect((await ledger.contactFor('order:O-1', 'recipient'))?.email).toBe('buyer@example.org');
  });

  test('a fact without a usable address doesn’t make the one before forgotten', async () => {
    await seen(database, sealing, { subject: KIT, person: person() });
    await seen(database, sealing, { subject: KIT, person: person({ email: null }), at: T0 + 1 });
    expect((await ledger.contactFor(KIT, 'patient'))?.email).toBe('zoe@example.com');
  });

  test('an address has the same hash as in facts, however it is written', async () => {
    await seen(database, sealing, { subject: KIT, person: person({ email: 'Zoe@Example.com' }) });
    const contact = await ledger.contactFor(KIT, 'patient');
    expect(contact?.address).toBe(sealing.hash('email', 'zoe@example.com').toString('base64url'));
    expect(contact?.email).toBe('Zoe@Example.com');
  });

  test('what a person stopped is remembered when the index keys were rotated, and can be taken back', async () => {
    const [old, fresh] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const encryptionKeys = [{ id: 'e', key: Buffer.alloc(32, 3) }];
    const before = newLedger(database, createSealing({ encryptionKeys, indexKeys: [{ id: 'a', key: old }] }));
    const after = newLedger(
      database,
      createSealing({
        encryptionKeys,
        indexKeys: [
          { id: 'b', key: fresh },
          { id: 'a', key: old },
        ],
      }),
    );
    const address = before.addressOf('zoe@example.com');
    await before.suppress(address, 'reminders', 'stop:1', T0);
    await before.suppress(address, 'reminders', 'stop:2', T0);
    expect([...(await after.scopesOf('ZOE@example.com'))]).toEqual(['reminders']);
    await after.lift(address, 'reminders');
    expect([...(await after.scopesOf('zoe@example.com'))]).toEqual([]);
  });
});
