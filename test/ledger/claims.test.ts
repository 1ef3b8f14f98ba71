import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import type { Kind } from '../../src/domain/kinds.js';
import type { Claim, Claimed, Ledger } from '../../src/ledger/ledger.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { KIT, newLedger, newSealing, request, rowOf, T0, VIEW } from './support.js';

const to = { email: 'zoe@example.com', address: 'aGFzaA' };

function held(claimed: Claimed): Claim {
  if (claimed.outcome !== 'claimed') throw new Error(`expected a claim, not ${claimed.outcome}`);
  return claimed.claim;
}

interface Turn<Step> {
  readonly by: number;
  readonly step: Step;
}

/** Every order in which two can take their steps, each its own in turn. */
function interleavings<Step>(one: readonly Step[], other: readonly Step[]): Turn<Step>[][] {
  const after = (by: number, [step, ...rest]: readonly Step[], then: (rest: readonly Step[]) => Turn<Step>[][]) =>
    step === undefined ? [] : then(rest).map((turns) => [{ by, step }, ...turns]);
  if (one.length === 0 && other.length === 0) return [[]];
  return [
    ...after(0, one, (rest) => interleavings(rest, other)),
    ...after(1, other, (rest) => interleavings(one, rest)),
  ];
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
    await database.query('truncate notifications, decisions, subjects, processes');
    here = newLedger(database, sealing);
    elsewhere = newLedger(database, sealing);
  });
  afterAll(() => databases.stop());

  /** As if the process of this ledger had last said so long ago that it is alive. */
  const lastBeat = (ledger: Ledger, secondsAgo: number): Promise<unknown> =>
    database.query(
      `insert into processes (owner, beat_at) values ($1, now() - make_interval(secs => $2))
       on conflict (owner) do update set beat_at = excluded.beat_at`,
      [ledger.heartbeat.owner, secondsAgo],
    );

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
    const leased = `select extract(epoch from lease_until - now())::float8 as seconds from notifications`;
    expect(await database.query(leased)).toEqual([{ seconds: expect.closeTo(130, -1) }]);
    await lastBeat(here, -100);
    const busy = await elsewhere.claim(request());
    expect(busy.outcome).toBe('busy');
    expect(busy.outcome === 'busy' && busy.leaseLeft).toBeGreaterThan(100_000);
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

  describe('of a process that beats no more', () => {
    const takenOver = async (): Promise<Claim> => held(await elsewhere.claim(request()));

    test('are free after 12 s, and whoever waits knows when', async () => {
      await here.claim(request());
      for (const { ago, least, most } of [
        { ago: 0, least: 10_000, most: 12_000 },
        { ago: 4, least: 6_000, most: 8_000 },
        { ago: 10, least: 0, most: 2_000 },
      ]) {
        await lastBeat(here, ago);
        const busy = await elsewhere.claim(request());
        expect(busy.outcome).toBe('busy');
        if (busy.outcome !== 'busy') continue;
        expect(busy.leaseLeft).toBeGreaterThan(least);
        expect(busy.leaseLeft).toBeLessThanOrEqual(most);
      }
      await lastBeat(here, 12);
      expect((await takenOver()).mayHaveGone).toBe(false);
    });

    test('a row not yet begun is sent once: the first attempt can hand over no more, even if it lives', async () => {
      const paused = held(await here.claim(request()));
      await lastBeat(here, 12);
      const next = await takenOver();
      await lastBeat(here, 0);
      expect(await here.beginHandOver(paused, to, [KIT])).toBe(false);
      expect(await here.settle(paused, { status: 'sent', reason: null, at: T0 })).toBe(false);
      expect(await elsewhere.beginHandOver(next, to, [KIT])).toBe(true);
      expect(await rowOf(database)).toMatchObject({ possibly_duplicate: false });
    });

    test('a row in mid-SMTP is sent again under the same Message-ID, and marked', async () => {
      const first = held(await here.claim(request()));
      await here.beginHandOver(first, to, [KIT]);
      await lastBeat(here, 12);
      const next = await takenOver();
      expect(next).toMatchObject({ mayHaveGone: true, messageId: first.messageId });
      expect(await rowOf(database)).toMatchObject({ possibly_duplicate: true });
    });

    test('it may not begin to hand over itself before it is known to be alive again', async () => {
      const claim = held(await here.claim(request()));
      await lastBeat(here, 12);
      expect(await here.beginHandOver(claim, to, [KIT])).toBe(false);
      await lastBeat(here, 0);
      expect(await here.beginHandOver(claim, to, [KIT])).toBe(true);
    });

    test('what was sent, or was put off by somebody else, is not touched', async () => {
      await here.settle(held(await here.claim(request())), { status: 'sent', reason: null, at: T0 });
      await lastBeat(here, 60);
      expect(await elsewhere.claim(request())).toMatchObject({ outcome: 'settled', told: { status: 'sent' } });
    });

    test('a process that never beat, or has been struck off, keeps its leases to their end', async () => {
      await here.claim(request());
      await database.query('truncate processes');
      const busy = await elsewhere.claim(request());
      expect(busy.outcome === 'busy' && busy.leaseLeft).toBeGreaterThan(120_000);
    });

    // Each step of either process, in every order, the first one's heartbeat failing anywhere.
    test('in whatever order two processes go on, two deliveries are never unmarked', async () => {
      type Step = 'claim' | 'begin' | 'deliver' | 'settle' | 'die';
      const first: readonly Step[] = ['claim', 'begin', 'deliver', 'settle'];
      const orders = interleavings(first, ['claim', 'begin', 'deliver'] as readonly Step[]).flatMap((order) =>
        Array.from({ length: order.length }, (_, at) => order.toSpliced(at, 0, { by: 0, step: 'die' as const })),
      );
      let twice = 0;
      let once = 0;
      for (const [nth, order] of orders.entries()) {
        const about = request({ occurrence: nth + 1 });
        await lastBeat(here, 0);
        const delivered: string[] = [];
        const workers = [here, elsewhere].map((ledger) => ({ ledger, claim: null as Claim | null, may: false }));
        for (const { by, step } of order) {
          const worker = workers[by];
          if (worker === undefined) continue;
          const { ledger, claim } = worker;
          if (step === 'die') await lastBeat(here, 12);
          else if (step === 'claim') {
            const claimed = await ledger.claim(about);
            worker.claim = claimed.outcome === 'claimed' ? claimed.claim : null;
          } else if (claim === null) continue;
          else if (step === 'begin') worker.may = await ledger.beginHandOver(claim, to, [KIT]);
          else if (step === 'deliver' && worker.may) delivered.push(claim.messageId);
          else if (step === 'settle' && worker.may)
            await ledger.settle(claim, { status: 'sent', reason: null, at: T0 });
        }
        for (const { ledger, claim } of workers) if (claim !== null) ledger.letGo(claim);
        if (delivered.length === 1) once += 1;
        if (delivered.length < 2) continue;
        twice += 1;
        expect(new Set(delivered).size).toBe(1);
        expect(await rowOf(database, KIT, 'kit.registered', nth + 1)).toMatchObject({ possibly_duplicate: true });
      }
      expect([once, twice].every((count) => count > 10)).toBe(true);
    });
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

  const noAnswer = { status: 'unknown', reason: 'no_answer', at: T0 } as const;
  /** Hands over for as long as it may be claimed. @returns how often that was. */
  async function handedOver(kind: Kind, settle: (claim: Claim, nth: number) => Promise<void>): Promise<number> {
    for (let made = 0; ;) {
      const claimed = await here.claim(request({ kind }));
      if (claimed.outcome !== 'claimed') return made;
      made += 1;
      await here.beginHandOver(claimed.claim, to, [KIT]);
      await settle(claimed.claim, made);
    }
  }

  test('results without an answer may be handed over again, three times in all; other kinds not', async () => {
    for (const { kind, tries } of [
      { kind: 'results.available', tries: 3 },
      { kind: 'reminder.return', tries: 1 },
    ] as const) {
      const made = await handedOver(kind, async (claim, nth) => {
        await here.settle(claim, noAnswer);
        expect(here.mayTryAfterNoAnswer(claim)).toBe(nth < 3);
      });
      expect(made).toBe(tries);
    }
  });

  test('an answer that is written twice, since the database’s own was lost, counts as one that never came', async () => {
    const made = await handedOver('results.available', async (claim) => {
      for (const _again of [1, 2, 3]) expect(await here.settle(claim, noAnswer)).toBe(true);
    });
    expect(made).toBe(3);
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
