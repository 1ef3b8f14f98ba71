import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Database, openDatabase } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { createIntake } from '../../src/inbox/intake.js';
import { kitArrival, testSealing } from '../inbox/support.js';
import { pgbouncerMissing, startPgbouncer, type Pgbouncer } from '../support/pgbouncer.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

const behind = pgbouncerMissing === null ? describe : describe.skip;

behind(
  `a database behind pgbouncer in transaction mode${pgbouncerMissing === null ? '' : `: ${pgbouncerMissing}`}`,
  () => {
    let server: TestPostgres;
    let url: string;
    let bouncer: Pgbouncer;
    let database: Database;

    beforeAll(async () => {
      server = await startPostgres();
      url = await server.freshUrl();
      bouncer = await startPgbouncer(url);
      database = await openDatabase({ url: bouncer.url });
    });
    afterAll(async () => {
      await database.close();
      await bouncer.stop();
      await server.stop();
    });

    test('lets us in though it takes none of our settings, and is migrated by two at once', async () => {
      const other = await openDatabase({ url: bouncer.url });
      const applied = await Promise.all([migrate(database), migrate(other)]);
      expect(applied.flat()).toContain('001-inbox');
      await other.close();
    });

    test('takes statements and transactions of many at once, none in the session of another', async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, async (_, nth) => {
          const ask = 'select $1::int as nth, $2::timestamptz as at, pg_backend_pid() as pid';
          const at = new Date(nth);
          if (nth % 2 === 0) return (await database.query(ask, [nth, at]))[0];
          return await database.transaction(async (tx) => {
            const [first] = await tx.query(ask, [nth, at]);
            const [second] = await tx.query(ask, [nth, at]);
            expect(second).toEqual(first);
            return first;
          });
        }),
      );
      for (const [nth, answer] of answers.entries()) expect(answer).toMatchObject({ nth, at: new Date(nth) });
      // It was the bouncer that answered, out of its few sessions.
      expect(new Set(answers.map((answer) => answer?.['pid'])).size).toBeLessThanOrEqual(2);
    });

    test('webhooks are committed through it, and go on when its sessions were cut', async () => {
      const intake = createIntake({ database, sealing: testSealing() });
      const keep = (from: number) =>
        Promise.all(
          Array.from({ length: 50 }, (_, nth) =>
            intake.keep(kitArrival(String(123456789000 + from + nth), 'kit.registered')),
          ),
        );
      expect((await keep(0)).every(({ fresh }) => fresh)).toBe(true);
      const straight = await openDatabase({ url });
      await straight.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await until('webhooks to be taken again', () => keep(100).then(() => true), { seconds: 10 });
      const [row] = await straight.query<{ count: number }>('select count(*) from inbox');
      expect(row?.count).toBe(100);
      await straight.close();
      await intake.close();
    });
  },
);
