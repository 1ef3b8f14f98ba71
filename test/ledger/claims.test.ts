import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Claim, Claimed, Ledger } from '../../src/ledger/ledger.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { KIT, newLedger, newSealing, request, rowOf, T0, VIEW } from './support.js';

const to = { email: 'zoe@example.com', address: 'aGFzaA' };

function held(claimed: Claimed): Claim {
  if (claimed.outcome !== 'claimed') throw new Error(`expected a claim, not ${claimed.outcome}`);
  return claimed.claim;
}

describe.each(KINDS)('claims on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let sealing: Sealing;
  let here: Ledger;
  let elsewhere: Ledger;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    sealing = newSealing();
  });
  beforeEach(async () => {
    await database.query('truncate notifications, decisions, subjects');
    here = newLedger(database, sealing);
    elsewhere = newLedger(database, sealing);
  });
  afterAll(() => databases.stop());

  const leaseEnds = (): Promise<unknown> =>
    database.query(`update notifications set lease_until = now() - interval '1s'`);

  test('of twenty attempts at the same moment, in two processes, one may send, in each of fifty rounds', async () => {
    for (let occurrence = 1; occurrence <= 50; occurrence += 1) {
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? here : elsewhere).claim(request({ occurrence }))),
      );
      expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
      expect(claims.filter(({ outcome }) => outcome === 'busy')).toHaveLength(19);
    }
  });

  test('what was sent is never claimed again, not by a new fact, not by an operator', async () => {
    const claim = held(await here.claim(request()));
    await here.settle(claim, { status: 'sent', reason: null, at: T0 + 5 });
    for (const again of [request(), request({ cause: 'wh_2' }), request({ cause: 'operator:1' }, true)]) {
      expect(await elsewhere.claim(again)).toMatchObject({ outcome: 'settled', told: { status: 'sent', at: T0 + 5 } });
    }
  });

  test('a repeated fact leaves one decision that it was told already, and the retry of the same one none', async () => {
    await here.settle(held(await here.claim(request())), { status: 'sent', reason: null, at: T0 });
    await here.claim(request());
    await here.claim(request({ cause: 'wh_2', at: T0 + 9 }));
    await here.claim(request({ cause: 'wh_2', at: T0 + 9 }));
    const decisions = await database.query('select verdict, reason, cause from decisions order by id');
    expect(decisions).toEqual([
      { verdict: 'send', reason: null, cause: 'wh_1' },
      { verdict: 'not_send', reason: 'already_told', cause: 'wh_2' },
    ]);
  });

  test('the Message-ID is made once, whatever number of attempts', async () => {
    const first = held(await here.claim(request()));
    await here.settle(first, { status: 'deferred', reason: 'server_refused', at: T0 });
    const second = held(await elsewhere.claim(request()));
    expect(second.messageId).toBe(first.messageId);
    expect(second.messageId).toMatch(/^<[0-9a-f-]{36}@lab\.example>$/);
    expect(second.attempt).toBe(2);
  });

  test('the lease of a living process is waited for, and taken over when it has ended', async () => {
    const first = held(await here.claim(request()));
    const busy = await elsewhere.claim(request());
    expect(busy.outcome).toBe('busy');
    expect(busy.outcome === 'busy' && busy.leaseLeft).toBeGreaterThan(120_000);
    await leaseEnds();
    const second = held(await elsewhere.claim(request()));
    expect(second.attempt).toBe(first.attempt + 1);
  });

  test('an attempt that lost its claim can neither hand over nor settle', async () => {
    const lost = held(await here.claim(request()));
    await leaseEnds();
    const holder = held(await elsewhere.claim(request()));
    expect(await here.beginHandOver(lost, to, [KIT])).toBe(false);
    expect(await here.settle(lost, { status: 'sent', reason: null, at: T0 })).toBe(false);
    expect(await elsewhere.settle(holder, { status: 'sent', reason: null, at: T0 })).toBe(true);
    expect(await rowOf(database)).toMatchObject({ status: 'sent', attempt: 2 });
  });

  test('an attempt that died before SMTP leaves no doubt, one that died after it had begun does', async () => {
    held(await here.claim(request()));
    await leaseEnds();
    const second = held(await elsewhere.claim(request()));
    expect(second.mayHaveGone).toBe(false);
    await elsewhere.beginHandOver(second, to, [KIT]);
    await leaseEnds();
    const third = held(await here.claim(request()));
    expect(third).toMatchObject({ mayHaveGone: true, messageId: second.messageId });
    expect(await rowOf(database)).toMatchObject({ possibly_duplicate: true, tries: 3 });
  });

  test('a process takes over at once from an attempt of its own that it works on no more', async () => {
    const first = held(await here.claim(request()));
    expect((await here.claim(request())).outcome).toBe('busy');
    here.letGo(first);
    expect((await here.claim(request())).outcome).toBe('claimed');
  });

  test('an attempt that was taken over frees only itself, not the attempt that took over', async () => {
    const hung = held(await here.claim(request()));
    await leaseEnds();
    held(await here.claim(request()));
    here.letGo(hung);
    expect((await here.claim(request())).outcome).toBe('busy');
  });

  test('a start that knows it is alone voids the leases of the process before it', async () => {
    await here.claim(request());
    const restarted = newLedger(database, sealing);
    expect(await restarted.voidLeases()).toBe(1);
    expect((await restarted.claim(request())).outcome).toBe('claimed');
  });

  test('nothing is handed over for a subject that was erased after the claim', async () => {
    const claim = held(await here.claim(request()));
    await database.query('update subjects set erased_at = now() where subject = $1', [KIT]);
    expect(await here.beginHandOver(claim, to, [KIT])).toBe(false);
  });

  test.each(['failed', 'bounced', 'not_sent', 'unknown'] as const)(
    'a row that is %s is opened again by an operator, once for each command',
    async (status) => {
      const claim = held(await here.claim(request()));
      await here.settle(claim, { status, reason: 'server_refused', at: T0 });
      expect((await here.claim(request({ cause: 'wh_2' }))).outcome).toBe('settled');
      const again = held(await here.claim(request({ cause: 'operator:1' }, true)));
      expect(again.messageId).toBe(claim.messageId);
      await here.settle(again, { status, reason: 'server_refused', at: T0 });
      // Temporal repeats an attempt whose result it didn't get: that is not another command.
      expect((await here.claim(request({ cause: 'operator:1' }, true))).outcome).toBe('settled');
    },
  );

  test('results without an answer may be handed over again, three times in all; other kinds not', async () => {
    for (const { kind, tries } of [
      { kind: 'results.available', tries: 3 },
      { kind: 'reminder.return', tries: 1 },
    ] as const) {
      let made = 0;
      for (;;) {
        const claimed = await here.claim(request({ kind }));
        if (claimed.outcome !== 'claimed') break;
        made += 1;
        await here.beginHandOver(claimed.claim, to, [KIT]);
        await here.settle(claimed.claim, { status: 'unknown', reason: 'no_answer', at: T0 });
        expect(here.mayTryAfterNoAnswer(claimed.claim)).toBe(made < 3);
      }
      expect(made).toBe(tries);
    }
  });

  test('how long quiet hours held it back is remembered, and no hour is counted twice', async () => {
    const hour = 3_600_000;
    const putOff = async (at: number, quietUntil: number): Promise<void> => {
      const claim = held(await here.claim(request()));
      await here.settle(claim, { status: 'deferred', reason: 'quiet_hours', at, quietUntil });
    };
    await putOff(T0, T0 + 8 * hour);
    expect(await here.notificationStates(KIT)).toMatchObject([{ quiet: 8 * hour, until: T0 + 8 * hour }]);
    // Looked at again in the same night by a run that was started anew, and by a longer one of the settings since.
    await putOff(T0 + 3 * hour, T0 + 8 * hour);
    await putOff(T0 + 4 * hour, T0 + 9 * hour);
    expect(await here.notificationStates(KIT)).toMatchObject([{ quiet: 9 * hour, until: T0 + 9 * hour }]);
    await putOff(T0 + 24 * hour, T0 + 33 * hour);
    expect(await here.notificationStates(KIT)).toMatchObject([{ quiet: 18 * hour, until: T0 + 33 * hour }]);

    const claim = held(await here.claim(request()));
    await here.settle(claim, { status: 'sent', reason: null, at: T0 + 33 * hour });
    const [told] = await here.notificationStates(KIT);
    expect(told).toMatchObject({ status: 'sent', quiet: 18 * hour });
    expect(told).not.toHaveProperty('until');
  });

  test('an older projection never replaces a newer one', async () => {
    await here.claim({ ...request(), projection: { ...VIEW, state: 'received_lab', at: T0 + 100 } });
    await here.claim({ ...request({ occurrence: 2 }), projection: { ...VIEW, state: 'registered', at: T0 } });
    expect(await database.query('select state from subjects')).toEqual([{ state: 'received_lab' }]);
    await here.claim({
      ...request({ occurrence: 3 }),
      projection: { ...VIEW, state: 'processing', at: T0 + 200, closed: true },
    });
    expect(await database.query('select state, closed_at from subjects')).toEqual([
      { state: 'processing', closed_at: new Date(T0 + 200) },
    ]);
  });
});
