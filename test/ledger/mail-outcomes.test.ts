import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { KIT, newLedger, newSealing, request, rowOf, T0 } from './support.js';

describe.each(KINDS)('what a mail provider reports, on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let ledger: Ledger;
  let messageId: string;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
  });
  beforeEach(async () => {
    await database.query('truncate notifications, decisions, subjects, suppressions');
    ledger = newLedger(database, newSealing());
    const claimed = await ledger.claim(request());
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    ({ messageId } = claimed.claim);
    const to = { email: 'zoe@example.com', address: ledger.addressOf('zoe@example.com') };
    await ledger.beginHandOver(claimed.claim, to, [KIT]);
    await ledger.settle(claimed.claim, { status: 'sent', reason: null, at: T0 });
  });
  afterAll(() => databases.stop());

  const report = (what: 'delivered' | 'bounced' | 'complained', permanent = true): Promise<unknown> =>
    ledger.noteOutcome({ messageId, what, permanent, cause: 'mail:1', at: T0 + 9 });
  const stands = async (): Promise<string> => {
    const { status, reason } = await rowOf(database);
    return `${status}/${String(reason)}`;
  };
  const scopes = async (): Promise<string[]> => [...(await ledger.scopesOf('zoe@example.com'))].sort();

  test.each([
    [['delivered'], 'delivered/null'],
    [['bounced'], 'bounced/bounced_permanent'],
    [['bounced', 'delivered'], 'bounced/bounced_permanent'],
    [['delivered', 'complained'], 'complained/complained'],
  ] as const)(
    '%j that comes before the word that the email went out counts once that has come',
    async (whats, expected) => {
      await database.query('truncate notifications');
      const claimed = await ledger.claim(request());
      if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
      ({ messageId } = claimed.claim);
      const to = { email: 'zoe@example.com', address: ledger.addressOf('zoe@example.com') };
      await ledger.beginHandOver(claimed.claim, to, [KIT]);
      for (const what of whats) await report(what);
      expect(await stands()).toBe('sending/null');
      await ledger.settle(claimed.claim, { status: 'sent', reason: null, at: T0 });
      expect(await stands()).toBe(expected);
    },
  );

  test('what was reported of an earlier hand-over says nothing of the next', async () => {
    await report('bounced');
    const again = await ledger.claim(request({ cause: 'operator:1' }, true));
    if (again.outcome !== 'claimed') throw new Error(again.outcome);
    const to = { email: 'zoe@example.com', address: ledger.addressOf('zoe@example.com') };
    await ledger.beginHandOver(again.claim, to, [KIT]);
    await ledger.settle(again.claim, { status: 'sent', reason: null, at: T0 });
    expect(await stands()).toBe('sent/null');
  });

  test('finds its notification by the Message-ID, and no other', async () => {
    expect(await report('delivered')).toEqual({ subject: KIT, kind: 'kit.registered', occurrence: 1 });
    expect(await stands()).toBe('delivered/null');
    expect(
      await ledger.noteOutcome({ messageId: '<x@y>', what: 'delivered', permanent: true, cause: 'mail:1', at: T0 }),
    ).toBeNull();
  });

  test.each([
    ['a permanent bounce suppresses the address', 'bounced', true, 'bounced/bounced_permanent', ['bounced']],
    ['a temporary one doesn’t', 'bounced', false, 'bounced/bounced_temporary', []],
    ['a complaint stops both topics', 'complained', true, 'complained/complained', ['progress', 'reminders']],
  ] as const)('%s, however often it is told', async (_what, what, permanent, expected, suppressed) => {
    await report('delivered');
    await report(what, permanent);
    await report(what, permanent);
    expect(await stands()).toBe(expected);
    expect(await scopes()).toEqual(suppressed);
  });

  test.each([
    ['bounced', 'bounced'],
    ['complained', 'reminders'],
    ['complained', 'progress'],
  ] as const)(
    'a report that %s, told again after an operator has lifted it (%s), changes nothing',
    async (what, scope) => {
      await report(what);
      const before = await scopes();
      await ledger.lift(ledger.addressOf('zoe@example.com'), scope);
      await report(what);
      expect(await scopes()).toEqual(before.filter((one) => one !== scope));
    },
  );

  test('nor does it undo what was sent again since; another bounce of that does', async () => {
    await report('bounced');
    await ledger.lift(ledger.addressOf('zoe@example.com'), 'bounced');
    const again = await ledger.claim(request({ cause: 'operator:1' }, true));
    if (again.outcome !== 'claimed') throw new Error(again.outcome);
    const to = { email: 'zoe@example.com', address: ledger.addressOf('zoe@example.com') };
    await ledger.beginHandOver(again.claim, to, [KIT]);
    await ledger.settle(again.claim, { status: 'sent', reason: null, at: T0 + 20 });
    await report('bounced');
    expect([await stands(), await scopes()]).toEqual(['sent/null', []]);
    await ledger.noteOutcome({ messageId, what: 'bounced', permanent: true, cause: 'mail:2', at: T0 + 30 });
    expect([await stands(), await scopes()]).toEqual(['bounced/bounced_permanent', ['bounced']]);
  });

  test('a bounce after a complaint leaves the row as it is, and suppresses all the same', async () => {
    await report('complained');
    await report('bounced');
    expect([await stands(), await scopes()]).toEqual(['complained/complained', ['bounced', 'progress', 'reminders']]);
  });

  test('of who was forgotten a bounce suppresses nothing, a complaint stops the topics', async () => {
    await database.query('update subjects set erased_at = now()');
    await report('bounced');
    expect([await stands(), await scopes()]).toEqual(['bounced/bounced_permanent', []]);
    await report('complained');
    expect(await scopes()).toEqual(['progress', 'reminders']);
  });

  test('a word of delivery that comes late undoes no permanent bounce and no complaint', async () => {
    await report('bounced');
    await report('delivered');
    expect(await stands()).toBe('bounced/bounced_permanent');
    await report('complained');
    await report('bounced');
    expect(await stands()).toBe('complained/complained');
  });

  test('by a clock that is behind ours became of it at once, not before it was sent', async () => {
    await ledger.noteOutcome({ messageId, what: 'bounced', permanent: true, cause: 'mail:1', at: T0 - 3_600_000 });
    const row = await rowOf(database);
    expect([row.status, row.settled_at?.getTime()]).toEqual(['bounced', T0]);
    await report('complained');
    expect((await rowOf(database)).settled_at?.getTime()).toBe(T0 + 9);
  });

  test('what bounced for a time may still be delivered', async () => {
    await report('bounced', false);
    await report('delivered');
    expect(await stands()).toBe('delivered/null');
  });
});
