import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordedDecision, SettleInput } from '../../src/domain/activities.js';
import type { Database } from '../../src/database/database.js';
import type { Claim, Ledger } from '../../src/ledger/ledger.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { decision, KIT, newLedger, newSealing, request, rowOf, T0, VIEW } from './support.js';

const to = { email: 'zoe@example.com', address: 'aGFzaA' };

describe.each(KINDS)('what journeys decide without sending, on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let ledger: Ledger;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
  });
  beforeEach(async () => {
    await database.query('truncate notifications, decisions, subjects');
    ledger = newLedger(database, newSealing());
  });
  afterAll(() => databases.stop());

  const record = (...decisions: RecordedDecision[]): Promise<void> =>
    ledger.record({ subject: KIT, projection: VIEW, decisions }, T0);

  const recorded = (over: Partial<RecordedDecision>): RecordedDecision => ({
    ...decision({ verdict: 'not_send', ...over }),
    ...('status' in over ? { status: over.status } : {}),
  });

  async function claim(): Promise<Claim> {
    const claimed = await ledger.claim(request());
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    return claimed.claim;
  }

  const ending = (over: Partial<SettleInput> = {}): SettleInput => ({
    subject: KIT,
    kind: 'kit.registered',
    occurrence: 1,
    ending: 'superseded',
    cause: 'wh_9',
    rule: 'kit.registered: superseded',
    projection: VIEW,
    at: T0 + 50,
    ...over,
  });

  test('an address of who asked for no email at all takes none any more, and that is written once', async () => {
    await database.query('truncate suppressions');
    const address = ledger.addressOf('zoe@example.com');
    const input = {
      subject: KIT,
      projection: VIEW,
      decisions: [],
      optedOut: { addresses: [address], cause: 'operator:1' },
    };
    await ledger.record(input, T0);
    await ledger.record(input, T0 + 1);
    expect(await ledger.scopesOf('Zoe@example.com')).toEqual(new Set(['all']));
    expect(await database.query('select scope, cause from suppressions')).toEqual([
      { scope: 'all', cause: 'operator:1' },
    ]);
  });

  test('a drain is written as a whole, and once, however often it is written', async () => {
    const drain = [
      recorded({ status: 'deferred', verdict: 'wait', reason: 'held_for_review', kind: 'results.available' }),
      recorded({ status: 'not_sent', reason: 'superseded', at: T0 + 1 }),
      recorded({ reason: 'already_told', cause: 'wh_7', at: T0 + 2 }),
    ];
    await record(...drain);
    await record(...drain);
    expect(await rowOf(database, KIT, 'results.available')).toMatchObject({
      status: 'deferred',
      reason: 'held_for_review',
      settled_at: null,
    });
    expect(await rowOf(database)).toMatchObject({ status: 'not_sent', settled_at: new Date(T0 + 1), message_id: null });
    expect(await database.query('select verdict, reason from decisions order by id')).toEqual([
      { verdict: 'wait', reason: 'held_for_review' },
      { verdict: 'not_send', reason: 'superseded' },
      { verdict: 'not_send', reason: 'already_told' },
    ]);
  });

  test('of several decisions about one notification in a drain the last one stands, and all are in the story', async () => {
    await record(
      recorded({ status: 'deferred', verdict: 'wait', reason: 'no_contact' }),
      recorded({ status: 'not_sent', reason: 'no_contact', at: T0 + 10 }),
    );
    expect(await rowOf(database)).toMatchObject({ status: 'not_sent', decided_at: new Date(T0) });
    expect(await database.query('select id from decisions')).toHaveLength(2);
  });

  test('what was deferred is sent later under the row it has', async () => {
    await record(recorded({ status: 'deferred', verdict: 'wait', reason: 'held_for_review' }));
    expect(await claim()).toMatchObject({ attempt: 1, lastReason: 'held_for_review', mayHaveGone: false });
  });

  test.each(['sent', 'unknown', 'bounced'] as const)(
    'a row that is %s is evidence, whatever is decided later',
    async (status) => {
      const held = await claim();
      await ledger.settle(held, { status, reason: status === 'sent' ? null : 'no_answer', at: T0 });
      await record(recorded({ status: 'not_sent', reason: 'operator_skipped', at: T0 + 5 }));
      expect((await rowOf(database)).status).toBe(status);
    },
  );

  test('a drain without decisions still writes the projection', async () => {
    await ledger.record(
      {
        subject: KIT,
        projection: {
          ...VIEW,
          attention: [{ code: 'no_contact', kind: 'results.available', since: T0 }],
          because: 'clotted',
          next: { what: 'notice.delay', at: T0 },
        },
        decisions: [],
      },
      T0,
    );
    expect(
      await database.query('select state, needs_attention, attention, because, next_what, next_at from subjects'),
    ).toEqual([
      {
        state: 'registered',
        needs_attention: 'no_contact',
        attention: [{ code: 'no_contact', kind: 'results.available', since: T0 }],
        because: 'clotted',
        next_what: 'notice.delay',
        next_at: new Date(T0),
      },
    ]);
  });

  test.each([
    ['superseded', 'not_sent', 'superseded'],
    ['cancelled', 'not_sent', 'cancelled'],
    ['operator_skipped', 'not_sent', 'operator_skipped'],
    ['contact_conflict', 'deferred', 'contact_conflict'],
    ['retries_exhausted', 'failed', 'retries_exhausted'],
    ['no_answer', 'failed', 'retries_exhausted'],
  ] as const)('a send that ended (%s) with nothing handed over becomes %s/%s', async (how, status, reason) => {
    // Never started; put off by the mail server; died before SMTP.
    expect(await ledger.settleAbandoned(ending({ ending: how }))).toMatchObject({ status, reason });
    await database.query('truncate notifications');
    await ledger.settle(await claim(), { status: 'deferred', reason: 'server_refused', at: T0 });
    expect(await ledger.settleAbandoned(ending({ ending: how }))).toMatchObject({ status, reason });
    await database.query('truncate notifications');
    const late = await claim();
    expect(await ledger.settleAbandoned(ending({ ending: how }))).toMatchObject({ status, reason });
    // It is fenced off: it can't go out any more.
    expect(await ledger.beginHandOver(late, to, [KIT])).toBe(false);
  });

  test('a send that ended in mid-SMTP is unknown, until its own late answer tells', async () => {
    const late = await claim();
    await ledger.beginHandOver(late, to, [KIT]);
    expect(await ledger.settleAbandoned(ending())).toMatchObject({ status: 'unknown', reason: 'no_answer' });
    expect(await ledger.settle(late, { status: 'sent', reason: null, at: T0 + 60 })).toBe(true);
    expect(await rowOf(database)).toMatchObject({ status: 'sent', reason: null, settled_at: new Date(T0 + 60) });
  });

  // Killed with its process, called back, and settled by the journey once everything is up again.
  test.each([
    ['superseded', 'not_sent', 'superseded'],
    ['cancelled', 'not_sent', 'cancelled'],
    ['operator_skipped', 'not_sent', 'operator_skipped'],
    ['erased', 'not_sent', 'erased'],
    ['contact_conflict', 'deferred', 'contact_conflict'],
  ] as const)(
    'called back (%s) and killed is told as that, and as unknown only if it may have gone',
    async (how, status, reason) => {
      await claim();
      await database.query(`update processes set beat_at = now() - interval '1 minute'`);
      expect(await ledger.settleAbandoned(ending({ ending: how }))).toMatchObject({ status, reason });
      await database.query('truncate notifications, decisions');
      const gone = newLedger(database, newSealing());
      const claimed = await gone.claim(request());
      if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
      await gone.beginHandOver(claimed.claim, to, [KIT]);
      expect(await ledger.settleAbandoned(ending({ ending: how }))).toMatchObject({
        status: 'unknown',
        reason: 'no_answer',
      });
      expect(await database.query(`select reason from decisions where verdict = 'not_send'`)).toEqual([{ reason }]);
    },
  );

  test('after a silence an email that is put off and then overtaken stays unknown', async () => {
    const first = await claim();
    await ledger.beginHandOver(first, to, [KIT]);
    await database.query('update notifications set lease_until = now()');
    ledger.letGo(first);
    await ledger.settle(await claim(), { status: 'deferred', reason: 'server_refused', at: T0 });
    expect(await ledger.settleAbandoned(ending())).toMatchObject({ status: 'unknown', reason: 'no_answer' });
  });

  test('what has settled already is answered as it stands', async () => {
    await ledger.settle(await claim(), { status: 'sent', reason: null, at: T0 + 3 });
    expect(await ledger.settleAbandoned(ending())).toMatchObject({ status: 'sent', reason: null, at: T0 + 3 });
    expect(await database.query(`select id from decisions where verdict = 'not_send'`)).toEqual([]);
  });

  test('records and claims of one subject at the same moment block each other never for good', async () => {
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        if (n % 2 === 0) await ledger.claim(request({ cause: `wh_${String(n)}` }));
        else await record(recorded({ status: 'deferred', verdict: 'wait', reason: 'no_contact', at: T0 + n }));
      }),
    );
    expect((await rowOf(database)).status).toMatch(/sending|deferred/);
  });
});
