import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { watchDisk } from '../../src/inbox/capacity.js';
import { createIntake, type Intake, readBacklog } from '../../src/inbox/intake.js';
import { keepHouse } from '../../src/inbox/housekeeping.js';
import { createLoadMeter } from '../../src/inbox/capacity.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { kitArrival, RECEIVED, testSealing, unreadable } from './support.js';

describe.each(KINDS)('keeping house on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let intake: Intake;

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    intake = createIntake({ database, sealing: testSealing() });
  });
  afterAll(() => databases.stop());

  test('tells what waits, since when, and what is in quarantine', async () => {
    await database.query('truncate inbox, deliveries');
    expect(await readBacklog(database)).toEqual({ pending: 0, oldestPending: null, quarantined: 0 });
    await intake.keep(kitArrival('BACKLOG', 'kit.registered'));
    await intake.keep(unreadable('backlog'));
    expect(await readBacklog(database)).toEqual({ pending: 1, oldestPending: new Date(RECEIVED), quarantined: 1 });
  });

  if (kind === 'pglite')
    test('gives the planner statistics after 500 webhooks and at each eightfold, and vacuums only when idle', async () => {
      const known = async (): Promise<number> => {
        const [row] = await database.query<{ n: number }>(
          "select reltuples::bigint as n from pg_class where oid = 'inbox'::regclass",
        );
        return row?.n ?? 0;
      };
      const keepUpTo = async (count: number): Promise<void> => {
        const [row] = await database.query<{ n: number }>('select count(*) as n from inbox');
        const missing = Array.from({ length: count - (row?.n ?? 0) }, (_, n) =>
          kitArrival(`H${String(n)}`, 'kit.registered'),
        );
        await Promise.all(missing.map((arrival) => intake.keep(arrival)));
      };
      await database.query('truncate inbox, inbox_bodies, deliveries, contacts, subjects');
      await keepUpTo(400);
      await keepHouse(database, () => 1);
      expect(await known()).toBeLessThan(1);
      await keepUpTo(600);
      await keepHouse(database, () => 1);
      expect(await known()).toBe(600);
      await keepUpTo(2_000);
      await keepHouse(database, () => 1);
      expect(await known()).toBe(600);

      const dead = async (): Promise<number> => {
        const [row] = await database.query<{ n: number }>(
          "select n_dead_tup as n from pg_stat_user_tables where relname = 'deliveries'",
        );
        return row?.n ?? 0;
      };
      await database.query('update deliveries set relayed_at = now()');
      await keepHouse(database, () => 1);
      expect(await dead()).toBeGreaterThan(1_000);
      await keepHouse(database, () => 0);
      expect(await dead()).toBe(0);
    });
});

test('the disk is low when less than the reserve is left, and where it can not be asked it is not', async () => {
  const looks = await Promise.all([
    watchDisk(tmpdir(), 1),
    watchDisk(tmpdir(), 2 ** 60),
    watchDisk('/nowhere', 2 ** 60),
  ]);
  expect(looks.map((disk) => disk.isLow())).toEqual([false, true, false]);
  for (const disk of looks) disk.stop();
});

test('the load is what came in over the last second, and a flood is noticed before that', () => {
  let now = 1_000_000;
  const meter = createLoadMeter(() => now);
  meter.add(50);
  expect(meter.perSecond()).toBe(250);
  now += 500;
  expect(meter.perSecond()).toBe(50);
  meter.add(6);
  expect(meter.perSecond()).toBe(56);
  now += 600;
  expect(meter.perSecond()).toBe(6);
  now += 60_000;
  expect(meter.perSecond()).toBe(0);
});
