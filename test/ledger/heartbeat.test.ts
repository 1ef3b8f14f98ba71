import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { createHeartbeat, isBeating, stoppedOwners } from '../../src/ledger/heartbeat.js';
import { sql, type Queryable } from '../../src/database/sql.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { newLedger, newSealing, request } from './support.js';

describe.each(KINDS)('a heartbeat on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
  });
  beforeEach(() => database.query('truncate processes, notifications, subjects, decisions'));
  afterAll(() => databases.stop());

  const ledgerHere = () => newLedger(database, newSealing());
  const known = async (): Promise<string[]> =>
    (await database.query<{ owner: string }>('select owner from processes')).map(({ owner }) => owner);

  test('counts for 12 s by the database’s clock, and who never beat hasn’t stopped', async () => {
    const { owner, ensure } = createHeartbeat(database, () => undefined);
    const stands = async (): Promise<unknown> =>
      (
        await database.query(
          sql`select ${isBeating(sql`${owner}::text`)} as beating, ${owner}::text = any(${stoppedOwners}) as stopped`,
        )
      )[0];
    expect(await stands()).toEqual({ beating: false, stopped: false });
    await ensure();
    expect(await stands()).toEqual({ beating: true, stopped: false });
    await database.query(`update processes set beat_at = now() - interval '11 s'`);
    expect(await stands()).toEqual({ beating: true, stopped: false });
    await database.query(`update processes set beat_at = now() - interval '12 s'`);
    expect(await stands()).toEqual({ beating: false, stopped: true });
  });

  test('begins with the first claim, at the latest', async () => {
    const ledger = ledgerHere();
    expect(await known()).toEqual([]);
    await ledger.claim(request());
    expect(await known()).toEqual([ledger.heartbeat.owner]);
  });

  test('ends at a clean stop, unless something is held: then it is left to fall silent', async () => {
    const ledger = ledgerHere();
    const claimed = await ledger.claim(request());
    await ledger.heartbeat.stop();
    expect(await known()).toEqual([ledger.heartbeat.owner]);
    if (claimed.outcome === 'claimed') ledger.letGo(claimed.claim);
    await ledger.heartbeat.stop();
    expect(await known()).toEqual([]);
  });
});

describe('a heartbeat', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** A database that answers at once, with an error, or never. */
  function moody(): Queryable & { mood: 'well' | 'broken' | 'silent'; beats: number } {
    const self = {
      mood: 'well' as 'well' | 'broken' | 'silent',
      beats: 0,
      query<T extends object>(): Promise<T[]> {
        if (self.mood === 'broken') return Promise.reject(new Error('away'));
        if (self.mood === 'silent') return new Promise<T[]>(() => undefined);
        self.beats += 1;
        return Promise.resolve([]);
      },
    };
    return self;
  }

  test('beats every 3 s, and never gives itself up while it does', async () => {
    const database = moody();
    const lost = jest.fn();
    const { start, stop } = createHeartbeat(database, lost);
    start();
    const before = database.beats;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(database.beats - before).toBe(20);
    expect(lost).not.toHaveBeenCalled();
    await stop(false);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(database.beats - before).toBe(20);
    expect(lost).not.toHaveBeenCalled();
  });

  test.each(['broken', 'silent'] as const)(
    'gives itself up after 9 s of a %s database, before others do, and goes on when it is back',
    async (mood) => {
      const database = moody();
      const lost = jest.fn();
      const { start } = createHeartbeat(database, lost);
      start();
      await jest.advanceTimersByTimeAsync(3_000);
      database.mood = mood;
      await jest.advanceTimersByTimeAsync(8_900);
      expect(lost).not.toHaveBeenCalled();
      await jest.advanceTimersByTimeAsync(200);
      expect(lost).toHaveBeenCalledTimes(1);
      database.mood = 'well';
      const before = database.beats;
      await jest.advanceTimersByTimeAsync(12_000);
      expect(database.beats - before).toBeGreaterThanOrEqual(2);
    },
  );

  test('is asked for once in 3 s, however many claims there are; after a failure at once', async () => {
    const database = moody();
    const { ensure } = createHeartbeat(database, () => undefined);
    database.mood = 'broken';
    await expect(ensure()).rejects.toThrow('away');
    database.mood = 'well';
    await Promise.all(Array.from({ length: 50 }, () => ensure()));
    await ensure();
    expect(database.beats).toBe(1);
    await jest.advanceTimersByTimeAsync(3_000);
    await ensure();
    expect(database.beats).toBe(2);
  });
});
