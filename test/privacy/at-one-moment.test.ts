import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { kitSubject, orderSubject } from '../../src/domain/subjects.js';
import { identitiesOf, inboxRowOf } from '../../src/inbox/inbox-row.js';
import { insertBatch } from '../../src/inbox/insert.js';
import { createIntake } from '../../src/inbox/intake.js';
import { createRecipients } from '../../src/ledger/recipients.js';
import { createErasing } from '../../src/privacy/erase.js';
import { isAnythingSealedUnder } from '../../src/privacy/keys-in-use.js';
import { rotateKeys } from '../../src/privacy/rotate-keys.js';
import { joinOrdersAndKits } from '../../src/relay/pending.js';
import { createSealing, type Sealing } from '../../src/sealing/sealing.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import type { Queryable } from '../../src/database/sql.js';
import { JANE, kitArrival, orderArrival, testSealing } from '../inbox/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { until } from '../support/until.js';
import { named, TABLES } from './support.js';

const KIT = 'K1';
const SUBJECT = kitSubject(KIT);

/** Only where several sessions share a database can one be in the middle of something. */
describe('at the moment at which a kit is being erased', () => {
  let databases: TestDatabases;
  let database: Database;
  let other: Database;
  let sealing: Sealing;

  beforeAll(async () => {
    databases = await startDatabases('postgres');
    database = await databases.fresh();
    other = await databases.again();
  });
  beforeEach(async () => {
    await database.query(`truncate ${TABLES.join(', ')}`);
    sealing = testSealing();
  });
  afterAll(() => databases.stop());

  const webhook = (event: Arrival['event'] & string): Arrival =>
    kitArrival(KIT, event as 'kit.registered', named(JANE, 'patient', sealing));

  async function insert(tx: Queryable, arrival: Arrival): Promise<void> {
    const [identity] = identitiesOf(arrival, sealing.hashes);
    if (identity === undefined) throw new Error('a hash under no key');
    await insertBatch(tx, [
      { row: inboxRowOf(arrival, identity, sealing), repeated: 0, altered: false, idReused: false },
    ]);
  }

  const someoneWaits = (): Promise<unknown> =>
    until('somebody to wait for a lock', async () => {
      const [row] = await database.query<{ n: number }>(
        "select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      return (row?.n ?? 0) > 0;
    });

  async function expectNobody(): Promise<void> {
    expect(await database.query('select 1 from inbox_bodies')).toEqual([]);
    expect(await database.query('select 1 from contacts')).toEqual([]);
    expect(await database.query("select 1 from deliveries where facts->'person'->>'address' is not null")).toEqual([]);
  }

  test('a webhook is waited for when it came first, and goes with the rest', async () => {
    const intake = createIntake({ database, sealing });
    await intake.keep(webhook('kit.registered'));
    let erased: Promise<unknown> | undefined;
    await other.transaction(async (tx) => {
      await insert(tx, webhook('kit.received_lab'));
      erased = createErasing({ database, sealing }).erase({ subject: SUBJECT }, null);
      await someoneWaits();
    });
    expect(await erased).toMatchObject({ state: 'done' });
    await expectNobody();
    expect(await database.query("select 1 from inbox where body_state = 'erased'")).toHaveLength(3);
  });

  test('a webhook waits when it came second, and keeps its facts and nobody', async () => {
    const intake = createIntake({ database: other, sealing });
    await intake.keep(webhook('kit.registered'));
    await createErasing({ database, sealing }).erase({ subject: SUBJECT }, null);
    // As it was while the tombstone was being set: the webhook's statement began before that was committed.
    await database.query('update subjects set erased_at = null');
    let kept: Promise<unknown> | undefined;
    await database.transaction(async (tx) => {
      await tx.query('select 1 from subjects for update');
      await tx.query('update subjects set erased_at = now()');
      kept = intake.keep(webhook('results.available'));
      await someoneWaits();
    });
    expect(await kept).toEqual({ fresh: true });
    await expectNobody();
    expect(await database.query("select 1 from deliveries where facts->>'event' = 'results.available'")).toHaveLength(
      1,
    );
  });

  describe('a recipient whose order is just being joined with its kits', () => {
    const ORDER = orderSubject('O1');
    const join = (on: Database): Promise<boolean> => joinOrdersAndKits(on, createRecipients(sealing));
    const ofKit = (): Promise<unknown> =>
      database.query(`select facts->'person' as person from deliveries where subject = $1 and facts ? 'person'`, [
        SUBJECT,
      ]);

    beforeEach(async () => {
      const intake = createIntake({ database, sealing });
      await intake.keep(orderArrival('O1', 'order.created', named(JANE, 'recipient', sealing)));
      await intake.keep(orderArrival('O1', 'order.shipped', { barcodes: [KIT] }));
    });

    test('is erased at the kit, too, when the join came first', async () => {
      let erased: Promise<unknown> | undefined;
      await other.transaction(async (tx) => {
        await join({ ...other, query: (statement, params) => tx.query(statement, params) });
        erased = createErasing({ database, sealing }).erase({ subject: ORDER }, null);
        await someoneWaits();
      });
      expect(await erased).toMatchObject({ state: 'done' });
      expect(await ofKit()).toMatchObject([{ person: { hasContact: true, name: null, address: null } }]);
      await expectNobody();
    });

    test('does not come to the kit when the tombstone came first', async () => {
      let joined: Promise<unknown> | undefined;
      await database.transaction(async (tx) => {
        await tx.query('select 1 from subjects for update');
        await tx.query('update subjects set erased_at = now()');
        joined = join(other);
        await someoneWaits();
      });
      expect(await joined).toBe(true);
      expect(await ofKit()).toMatchObject([{ person: { hasContact: true, name: null, address: null } }]);
    });
  });

  test('webhooks go on by the dozen while their kits are erased, and nothing of anybody is left', async () => {
    const intakes = [createIntake({ database, sealing }), createIntake({ database: other, sealing })];
    const kits = Array.from({ length: 8 }, (_, nth) => `MANY${String(nth)}`);
    const keep = (event: 'kit.registered' | 'kit.received_lab' | 'results.available'): Promise<unknown>[] =>
      kits.flatMap((kit, nth) =>
        intakes.map((intake, which) =>
          intake.keep(
            kitArrival(kit, event, { ...named(JANE, 'patient', sealing), id: `${event}-${String((nth + which) % 3)}` }),
          ),
        ),
      );
    await Promise.all(keep('kit.registered'));
    const erasing = [createErasing({ database, sealing }), createErasing({ database: other, sealing })];
    const answers = await Promise.all([
      ...keep('kit.received_lab'),
      ...kits.map((kit, nth) => erasing[nth % 2]?.erase({ subject: kitSubject(kit) }, null)),
      erasing[1]?.erase({ email: JANE.email ?? '' }, null),
      ...keep('results.available'),
    ]);
    expect(answers.filter((answer) => answer === null)).toEqual([]);
    await expectNobody();
    expect(await database.query('select 1 from erased_subjects where done_at is null')).toEqual([]);
  });

  test('keys are changed while kits are erased: both come to their end, and nothing of anybody is sealed anew', async () => {
    const key = (id: string) => ({ id, key: Buffer.alloc(32, id) });
    const former = createSealing({ encryptionKeys: [key('e1')], indexKeys: [key('i1')] });
    const rotated = createSealing({ encryptionKeys: [key('e2'), key('e1')], indexKeys: [key('i2'), key('i1')] });
    const intake = createIntake({ database, sealing: former });
    const kits = Array.from({ length: 24 }, (_, nth) => `KEYS${String(nth)}`);
    await Promise.all(
      kits.flatMap((kit) =>
        (['kit.registered', 'kit.received_lab', 'results.available'] as const).map((event) =>
          intake.keep(kitArrival(kit, event, named(JANE, 'patient', former))),
        ),
      ),
    );
    const rotate = async (): Promise<number> => {
      let unopened = 0;
      for (let from: string | null = null, begun = false; !begun || from !== null; begun = true) {
        const step: Awaited<ReturnType<typeof rotateKeys>> = await rotateKeys(
          { database: other, sealing: rotated },
          { from, limit: 3 },
        );
        if ('missing' in step) throw new Error(`lacks ${step.missing.id}`);
        unopened += Object.values(step.unopened).reduce((sum, count) => sum + count, 0);
        from = step.next;
      }
      return unopened;
    };
    const erasing = createErasing({ database, sealing: rotated });
    const [first, second, ...certificates] = await Promise.all([
      rotate(),
      rotate(),
      ...kits.map((kit) => erasing.erase({ subject: kitSubject(kit) }, null)),
    ]);
    expect([first, second]).toEqual([0, 0]);
    expect(certificates.map((one) => one?.state)).toEqual(kits.map(() => 'done'));
    await expectNobody();
    // Who asked is sealed too, and may have been under the former key.
    await rotate();
    expect(await isAnythingSealedUnder(database, 'e1')).toBe(false);
  });
});
