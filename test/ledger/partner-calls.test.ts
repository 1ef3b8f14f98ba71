import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Database } from '../../src/database/database.js';
import type { Admission, LimitsTold, PartnerCalls, QuestionRank } from '../../src/domain/partner-calls.js';
import { createPartnerCalls } from '../../src/ledger/partner-calls.js';
import { createC4hxpClient } from '../../src/c4hxp/api/client.js';
import { PARTNER_LIMITS } from '../../src/sandbox/partner-sim/guard.js';
import { createPartnerSim } from '../../src/sandbox/partner-sim/sim.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { until } from '../support/until.js';
import { T0 } from './support.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LONGEST = 30 * SECOND;
const NOTHING: LimitsTold = { closedForMs: 0, minute: null, hour: null };

/** The most moments of `times` that lie in one window of so many ms. */
function mostIn(times: readonly number[], window: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  return sorted.reduce((most, time, index) => {
    while ((sorted[first] ?? time) <= time - window) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}

/** Numbers in [0, 1) that are the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

describe.each(KINDS)("the partner's limits on %s", (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let other: Database;
  let account: Buffer;
  let now: number;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    other = kind === 'postgres' ? await databases.again() : database;
  });
  beforeEach(() => {
    account = randomBytes(32);
    now = T0;
  });
  afterAll(() => databases.stop());

  const processOn = (on: Database): PartnerCalls =>
    createPartnerCalls({ database: on, account, longestCallMs: LONGEST, clock: () => now });
  /** Two processes that know nothing of one another but the database. */
  const two = (): readonly [PartnerCalls, PartnerCalls] => [processOn(database), processOn(other)];
  const ask = async (calls: PartnerCalls, rank: QuestionRank = 'usual', told: LimitsTold | null = NOTHING) => {
    const admission = await calls.begin(rank);
    if (admission.admitted) await admission.ended(told);
    return admission;
  };
  /** How many go until one has to wait, and how long it must. */
  const askUntilRefused = async (calls: PartnerCalls, rank: QuestionRank) => {
    for (let asked = 0; ; asked += 1) {
      const admission = await ask(calls, rank);
      if (!admission.admitted) return { asked, waitMs: admission.waitMs };
    }
  };

  test('ten questions due at once, of two calls each, go at once, whatever their rank', async () => {
    const { asked } = await askUntilRefused(processOn(database), 'last');
    expect(asked).toBeGreaterThanOrEqual(20);
  });

  test('of a hundred at the same moment in two processes no more go than a minute has room for', async () => {
    const [one, another] = two();
    const admissions = await Promise.all(
      Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? one : another).begin('first')),
    );
    expect(admissions.filter(({ admitted }) => admitted)).toHaveLength(45);
  });

  test('whatever is asked, however long it takes on the way, no minute, hour or day of the partner holds more than it allows', async () => {
    const random = seeded(kind === 'pglite' ? 15 : 30);
    const limits = { perHour: 40, perMinute: 10, perDay: PARTNER_LIMITS.perDay };
    const told: LimitsTold = {
      closedForMs: 0,
      minute: { limit: limits.perMinute, remaining: limits.perMinute },
      hour: { limit: limits.perHour, remaining: limits.perHour },
    };
    const processes = two();
    await ask(processes[0], 'first', told);
    const arrivals = [now];
    const underWay: { readonly endsAt: number; readonly admission: Extract<Admission, { admitted: true }> }[] = [];
    while (now < T0 + 3 * HOUR) {
      const calls = processes[random() < 0.5 ? 0 : 1];
      const admission = await calls.begin('first');
      if (admission.admitted) {
        const endsAt = now + random() * LONGEST * 0.9;
        arrivals.push(now + random() * (endsAt - now));
        // One in ten dies with its process, and is never heard of again.
        if (random() < 0.9) underWay.push({ endsAt, admission });
      }
      now += admission.admitted ? random() * 3 * SECOND : Math.min(admission.waitMs, MINUTE);
      for (const one of underWay.filter(({ endsAt }) => endsAt <= now)) {
        underWay.splice(underWay.indexOf(one), 1);
        await one.admission.ended(told);
      }
    }
    expect(mostIn(arrivals, MINUTE)).toBeLessThanOrEqual(limits.perMinute);
    expect(mostIn(arrivals, HOUR)).toBeLessThanOrEqual(limits.perHour);
    // Nor is much of it left unused.
    expect(arrivals.length).toBeGreaterThan(3 * 0.9 * 0.8 * limits.perHour);
  });

  test('by the partner’s page an hour holds 1,000 and a day 10,000: a restart forgets none of them', async () => {
    const calls = (count: number, ago: number) =>
      database.query(
        'insert into partner_calls (account, ended) select $1, $2::timestamptz from generate_series(1, $3::integer)',
        [account, new Date(now - ago), count],
      );
    await calls(899, 20 * MINUTE);
    expect(await askUntilRefused(processOn(other), 'first')).toEqual({ asked: 1, waitMs: 40 * MINUTE });
    now += HOUR;
    await calls(9_000 - 900 - 1, 2 * HOUR);
    expect(await askUntilRefused(processOn(other), 'first')).toEqual({ asked: 1, waitMs: 22 * HOUR });
    now += 2 * DAY;
    await ask(processOn(database));
    expect(await database.query('select 1 from partner_calls where account = $1', [account])).toHaveLength(1);
  });

  test('a possible result finds room where the others have used up theirs, and they wait for no longer than they must', async () => {
    const [one, another] = two();
    const last = await askUntilRefused(one, 'last');
    const usual = await askUntilRefused(another, 'usual');
    const first = await askUntilRefused(one, 'first');
    expect([last.asked, usual.asked, first.asked]).toEqual([36, 4, 5]);
    now += MINUTE;
    expect(await ask(another, 'last')).toMatchObject({ admitted: true });
  });

  test('a 429 in one process pauses every rank in all of them, after a restart too, until the partner said', async () => {
    const [one, another] = two();
    await ask(one, 'usual', { ...NOTHING, closedForMs: 10 * MINUTE });
    // A shorter word that came later does not open it.
    const late = await processOn(database).begin('first');
    expect(late).toEqual({ admitted: false, waitMs: 10 * MINUTE });
    now += 4 * MINUTE;
    for (const rank of ['first', 'usual', 'last'] as const)
      expect(await another.begin(rank)).toEqual({ admitted: false, waitMs: 6 * MINUTE });
    now += 6 * MINUTE;
    expect(await another.begin('last')).toMatchObject({ admitted: true });
  });

  test('a call that was under way at a 429 does not open the door again', async () => {
    const [one, another] = two();
    const before = await another.begin('usual');
    await ask(one, 'usual', { ...NOTHING, closedForMs: 10 * MINUTE });
    if (before.admitted) await before.ended({ ...NOTHING, closedForMs: SECOND });
    expect(await another.begin('first')).toEqual({ admitted: false, waitMs: 10 * MINUTE });
  });

  test('what others ask with the same key is theirs; once that is no longer known, one question finds out', async () => {
    const calls = processOn(database);
    const told = { ...NOTHING, minute: { limit: 50, remaining: 9 }, hour: { limit: 1_000, remaining: 500 } };
    await ask(calls, 'first', told);
    // Ten are left for us, with the one that told; nine of them by our margin.
    expect(await askUntilRefused(calls, 'first')).toMatchObject({ asked: 44 });
    const again = processOn(other);
    now += 2 * MINUTE;
    const telling = await again.begin('first');
    if (telling.admitted) await telling.ended(told);
    let asked = 0;
    for (; ; asked += 1) {
      const admission = await again.begin('first');
      if (!admission.admitted) break;
    }
    expect(asked).toBe(8);
    now += MINUTE + LONGEST;
    expect(await again.begin('first')).toMatchObject({ admitted: true });
  });

  test('a key that is allowed less is believed so, from its first answer on', async () => {
    const calls = processOn(database);
    await ask(calls, 'first', { ...NOTHING, minute: { limit: 10, remaining: 9 }, hour: { limit: 100, remaining: 99 } });
    expect(await askUntilRefused(processOn(other), 'first')).toMatchObject({ asked: 8 });
  });

  test('the clock is the database’s: processes whose own differ agree on what is over', async () => {
    const [one, another] = [database, other].map((on) =>
      createPartnerCalls({ database: on, account, longestCallMs: LONGEST }),
    ) as [PartnerCalls, PartnerCalls];
    await ask(one, 'usual', { ...NOTHING, closedForMs: 200 });
    expect(await another.begin('first')).toMatchObject({ admitted: false, waitMs: expect.any(Number) });
    await until('the pause to be over', async () => (await ask(another)).admitted);
    const last = await askUntilRefused(one, 'first');
    expect(last.asked).toBe(43);
    expect(last.waitMs).toBeGreaterThan(30 * SECOND);
    expect(last.waitMs).toBeLessThanOrEqual(MINUTE);
  });

  test('another key has limits of its own', async () => {
    await ask(processOn(database), 'usual', { ...NOTHING, closedForMs: HOUR });
    account = randomBytes(32);
    expect(await processOn(database).begin('last')).toMatchObject({ admitted: true });
  });

  test('a process that dies in mid-call leaves one that counts for as long as it can have lasted', async () => {
    const calls = processOn(database);
    for (let n = 0; n < 45; n += 1) await calls.begin('first');
    expect(await processOn(other).begin('first')).toEqual({ admitted: false, waitMs: LONGEST + MINUTE });
  });

  test('two clients that ask as much as they can are never refused by the partner', async () => {
    const sim = await createPartnerSim({ limits: { perHour: 30, perDay: 1_000, perMinute: 20 } });
    const clients = two().map((calls) =>
      createC4hxpClient({ origin: sim.url, apiKey: sim.apiKey, timeoutMs: 5_000, clock: Date.now, calls }),
    );
    try {
      // The partner's clock is real here: ours stands still.
      const ours = Date.now();
      now = ours;
      const answers = [];
      for (let n = 0; n < 30; n += 1) answers.push(await clients[n % 2]?.kit('700000000001'));
      expect(answers.filter((answer) => answer?.outcome === 'not_found')).toHaveLength(16);
      const limited = answers.filter((answer) => answer?.outcome === 'rate_limited');
      expect(limited).toHaveLength(14);
      expect(limited).not.toContainEqual(expect.objectContaining({ asked: true }));
    } finally {
      for (const client of clients) await client.close();
      await sim.close();
    }
  });
});
