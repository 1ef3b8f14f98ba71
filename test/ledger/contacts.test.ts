import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import type { Database } from '../../src/database/database.js';
import { chooseContact, type SeenContact } from '../../src/ledger/contacts.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createSealing, type Sealing } from '../../src/sealing/sealing.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { KIT, newLedger, newSealing, person, request, seen, T0 } from './support.js';

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

  test('is an operator’s also when the partner goes on telling the old one, until it tells one that is new', () => {
    const email = (address: string) => ({ person: person({ email: address }) });
    const corrected = [one(1, 100, email('old@home')), one(2, 200, { ...email('right@home'), byOperator: true })];
    expect(chooseContact([...corrected, one(3, 300, email('OLD@home'))])?.person.email).toBe('right@home');
    expect(chooseContact([...corrected, one(4, 400, email('moved@home'))])?.person.email).toBe('moved@home');
    expect(chooseContact([...corrected, one(5, 300, email('right@home'))])?.person.email).toBe('right@home');
  });

  test('and what was known of those before an operator’s decision is not lent to whom they name', () => {
    const before = one(1, 50, { person: person({ email: 'john@example.com', locale: 'de', zone: 'Europe/Berlin' }) });
    expect(chooseContact([before, one(5, 100, { byOperator: true })])?.person).toMatchObject({
      email: 'p5@example.com',
      locale: null,
      zone: null,
    });
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

  test('several people were named where the names differ, and not where only spelling or address do', async () => {
    const named = () => ledger.severalNamed(KIT, 'patient');
    await seen(database, sealing, { subject: KIT, person: person() });
    await seen(database, sealing, { subject: KIT, person: person({ firstName: 'ZOË ', email: 'other@example.com' }) });
    await seen(database, sealing, { subject: KIT, person: person({ firstName: null, lastName: null }) });
    await seen(database, sealing, { subject: KIT, person: person({ firstName: 'Ann' }), source: 'operator' });
    expect(await named()).toBe(false);
    await seen(database, sealing, { subject: KIT, person: person({ firstName: 'John', email: null }) });
    expect(await named()).toBe(true);
  });

  test('an address has the same hash as in facts, however it is written', async () => {
    await seen(database, sealing, { subject: KIT, person: person({ email: 'Zoe@Example.com' }) });
    const contact = await ledger.contactFor(KIT, 'patient');
    expect(contact?.address).toBe(sealing.hash('email', 'zoe@example.com').toString('base64url'));
    expect(contact?.email).toBe('Zoe@Example.com');
  });
});

describe('what a person stopped, when the index keys are rotated', () => {
  const [first, second] = [
    { id: 'a', key: Buffer.alloc(32, 1) },
    { id: 'b', key: Buffer.alloc(32, 2) },
  ];
  const encryptionKeys = [{ id: 'e', key: Buffer.alloc(32, 3) }];
  const sealingUnder = (...indexKeys: readonly { id: string; key: Buffer }[]) =>
    createSealing({ encryptionKeys, indexKeys: [...indexKeys] });
  const former = sealingUnder(first);
  const email = 'zoe@example.com';
  let databases: TestDatabases;
  let database: Database;
  let before: Ledger;
  let after: Ledger;
  let oldLink: string;
  let newLink: string;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    before = newLedger(database, former);
    after = newLedger(database, sealingUnder(second, first));
    [oldLink, newLink] = [before.addressOf(email), after.addressOf(email)];
  });
  beforeEach(async () => {
    await database.query('truncate contacts, inbox, deliveries, subjects, suppressions, notifications, decisions');
  });
  afterAll(() => databases.stop());

  const writtenTo = async (ledger: Ledger): Promise<void> => {
    const claimed = await ledger.claim(request({ occurrence: ledger === before ? 1 : 2 }));
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    await ledger.beginHandOver(claimed.claim, { email, address: ledger.addressOf(email) }, [KIT]);
    ledger.letGo(claimed.claim);
  };
  const stopped = async (ledger: Ledger): Promise<string[][]> =>
    Promise.all(
      [ledger.scopesOf('ZOE@example.com'), ledger.scopesOfHash(oldLink), ledger.scopesOfHash(newLink)].map(
        async (scopes) => [...(await scopes)],
      ),
    );
  const everywhere = [['reminders'], ['reminders'], ['reminders']];

  test('holds, shows behind links of either key, and is taken back by a link of either key', async () => {
    expect(oldLink).not.toBe(newLink);
    await seen(database, former, { subject: KIT, person: person({ email }) });
    await writtenTo(after);
    for (const undo of [oldLink, newLink]) {
      await before.suppress(oldLink, 'reminders', 'link', T0);
      expect(await stopped(after)).toEqual(everywhere);
      await after.lift(undo, 'reminders');
      expect(await stopped(after)).toEqual([[], [], []]);
      expect(await database.query('select from suppressions')).toEqual([]);
    }
  });

  test.each([
    ['an old link', () => oldLink],
    ['a new one', () => newLink],
  ])('is stopped by %s under every key, so that it outlives the former one', async (_which, link) => {
    await seen(database, former, { subject: KIT, person: person({ email }) });
    await writtenTo(after);
    await after.suppress(link(), 'reminders', 'link', T0);
    await after.suppress(link(), 'reminders', 'link', T0);
    expect(await stopped(after)).toEqual(everywhere);
    const later = newLedger(database, sealingUnder(second));
    expect([...(await later.scopesOf(email))]).toEqual(['reminders']);
    await later.lift(oldLink, 'reminders');
    expect(await stopped(after)).toEqual([[], [], []]);
  });

  test('is found by whom an email went to, where no fact names the address', async () => {
    await writtenTo(before);
    await after.suppress(oldLink, 'progress', 'link', T0);
    const later = newLedger(database, sealingUnder(second));
    expect([...(await later.scopesOf(email))]).toEqual(['progress']);
  });

  test('is kept by the link alone where nobody remembers the address, or it can’t be opened', async () => {
    await after.suppress(oldLink, 'reminders', 'link', T0);
    expect([...(await after.scopesOf(email))]).toEqual(['reminders']);
    expect([...(await after.scopesOfHash(oldLink))]).toEqual(['reminders']);
    await after.lift(oldLink, 'reminders');
    expect([...(await after.scopesOf(email))]).toEqual([]);

    await seen(database, former, { subject: KIT, person: person({ email }) });
    await database.query('update contacts set sealed = $1', [Buffer.from('nonsense')]);
    await after.suppress(oldLink, 'reminders', 'link', T0);
    expect([...(await after.scopesOf(email))]).toEqual(['reminders']);
  });

  test('is nobody else’s', async () => {
    await seen(database, former, { subject: KIT, person: person({ email }) });
    await seen(database, former, { subject: 'kit:2', person: person({ email: 'other@example.com' }) });
    await after.suppress(oldLink, 'reminders', 'link', T0);
    expect([...(await after.scopesOf('other@example.com'))]).toEqual([]);
  });
});
