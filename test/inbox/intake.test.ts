import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import type { Database } from '../../src/database/database.js';
import { createIntake, type Intake, type IntakeOptions, IntakeUnavailable } from '../../src/inbox/intake.js';
import { listWebhooks } from '../../src/inbox/webhooks.js';
import { createSealing } from '../../src/sealing/sealing.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { JANE, kitArrival, orderArrival, RECEIVED, testSealing, unreadable } from './support.js';

describe.each(KINDS)('the intake on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let intake: Intake;
  const sealing = testSealing();

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    intake = createIntake({ database, sealing, clock: () => RECEIVED });
  });
  afterAll(() => databases.stop());

  const count = async (sql: string): Promise<number> => {
    const [row] = await database.query<{ n: number }>(`select count(*) as n from ${sql}`);
    return row?.n ?? 0;
  };
  const rowsOf = (id: string) =>
    database.query('select duplicates, altered, id_reused from inbox where external_id = $1 order by seq', [id]);

  describe('takes for the same webhook', () => {
    test('one with the same id, event and subject, and says so', async () => {
      const arrival = kitArrival('SAME1', 'kit.registered', { id: 'wh_same' });
      expect(await intake.keep(arrival)).toEqual({ fresh: true });
      expect(await intake.keep(arrival)).toEqual({ fresh: false });
      expect(await rowsOf('wh_same')).toEqual([{ duplicates: 1, altered: false, id_reused: false }]);
      expect(await count("deliveries where subject = 'kit:SAME1'")).toBe(1);
    });

    test('one that was only written in other bytes, and notes that', async () => {
      await intake.keep(kitArrival('ALT', 'kit.registered', { id: 'wh_alt', raw: '{"a": 1}' }));
      expect(await intake.keep(kitArrival('ALT', 'kit.registered', { id: 'wh_alt', raw: '{"a":1}' }))).toEqual({
        fresh: false,
      });
      expect(await rowsOf('wh_alt')).toEqual([{ duplicates: 1, altered: true, id_reused: false }]);
    });

    test('one without an id that has the same bytes', async () => {
      const bare = { id: null, raw: 'the same bytes' };
      expect(await intake.keep(kitArrival('BARE', 'kit.registered', bare))).toEqual({ fresh: true });
      expect(await intake.keep(kitArrival('BARE', 'kit.registered', bare))).toEqual({ fresh: false });
      const other = kitArrival('BARE', 'kit.registered', { ...bare, raw: 'other bytes' });
      expect(await intake.keep(other)).toEqual({ fresh: true });
    });

    test('one that was kept before the index key was rotated', async () => {
      const key = (id: string) => ({ id, key: Buffer.alloc(32, id) });
      const encryptionKeys = [key('e')];
      const before = createIntake({ database, sealing: createSealing({ encryptionKeys, indexKeys: [key('a')] }) });
      const rotated = createSealing({ encryptionKeys, indexKeys: [key('b'), key('a')] });
      const after = createIntake({ database, sealing: rotated });
      const arrival = kitArrival('ROTATED', 'kit.registered', { id: 'wh_rotated' });
      await before.keep(arrival);
      expect(await after.keep(arrival)).toEqual({ fresh: false });
      expect(await rowsOf('wh_rotated')).toEqual([{ duplicates: 1, altered: false, id_reused: false }]);
    });
  });

  test('takes another event or subject under a known id for a new webhook, and notes the reuse', async () => {
    await intake.keep(kitArrival('REUSE', 'kit.registered', { id: 'wh_reuse' }));
    expect(await intake.keep(kitArrival('REUSE', 'kit.received_lab', { id: 'wh_reuse' }))).toEqual({ fresh: true });
    expect(await intake.keep(kitArrival('REUSE2', 'kit.registered', { id: 'wh_reuse' }))).toEqual({ fresh: true });
    expect((await rowsOf('wh_reuse')).map((row) => row.id_reused)).toEqual([false, true, true]);
  });

  test('counts first arrivals and repetitions right, however they fall into batches', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ id: fc.nat(3), event: fc.boolean(), bytes: fc.nat(1), turn: fc.boolean() }), {
          minLength: 1,
          maxLength: 30,
        }),
        async (webhooks) => {
          round += 1;
          const answers: { key: string; answer: Promise<{ fresh: boolean }> }[] = [];
          for (const { id, event, bytes, turn } of webhooks) {
            const name = `wh_${String(round)}_${String(id)}`;
            const answer = intake.keep(
              kitArrival(`PROP${String(round)}`, event ? 'kit.registered' : 'kit.received_lab', {
                id: name,
                raw: `${name} ${String(event)} ${String(bytes)}`,
              }),
            );
            answers.push({ key: `${name} ${String(event)}`, answer });
            if (turn) await answer;
          }
          const fresh: string[] = [];
          for (const { key, answer } of answers) if ((await answer).fresh) fresh.push(key);
          const distinct = new Set(answers.map(({ key }) => key));
          expect(fresh.sort()).toEqual([...distinct].sort());
          const [sums] = await database.query(
            'select count(*) as rows, sum(duplicates)::bigint as repeated from inbox where external_id like $1',
            [`wh\\_${String(round)}\\_%`],
          );
          expect(sums).toEqual({ rows: distinct.size, repeated: webhooks.length - distinct.size });
        },
      ),
      { numRuns: 40 },
    );
  });

  test('keeps the neighbours of what the database refuses, and that itself in quarantine with all its bytes', async () => {
    const poison = [
      kitArrival('NUL\0', 'kit.registered', { raw: 'nul in a subject' }),
      kitArrival('TIME', 'kit.registered', { raw: 'time', at: 8.64e15 }),
      { ...kitArrival('SURROGATE', 'results.available', { raw: 'surrogate' }), reason: '\0' },
      {
        ...kitArrival('JSON', 'kit.registered', { raw: 'json' }),
        routed: [
          {
            subject: 'kit:JSON' as const,
            fact: { event: 'kit.registered' as const, cause: 'a\0b', receivedAt: RECEIVED, at: RECEIVED },
            details: null,
          },
        ],
      },
    ];
    const good = Array.from({ length: 40 }, (_, n) => kitArrival(`GOOD${String(n)}`, 'kit.registered'));
    const all = good.flatMap((arrival, n) => (n % 10 === 0 ? [arrival, poison[n / 10] ?? arrival] : [arrival]));
    const kept = await Promise.all(all.map((arrival) => intake.keep(arrival)));
    expect(kept.every(({ fresh }) => fresh)).toBe(true);
    expect(await count("deliveries where subject like 'kit:GOOD%'")).toBe(40);
    const { webhooks } = await listWebhooks(database, { status: 'quarantined' });
    expect(webhooks.filter(({ reason }) => reason === 'unstorable')).toHaveLength(poison.length);
    // Nobody else would hear of results.
    expect(await count("staff_alerts where code = 'unreadable_webhook'")).toBe(1);
    expect(await intake.keep(poison[0] ?? unreadable(''))).toEqual({ fresh: false });
  });

  test('never mixes up two unreadable webhooks that carry one id', async () => {
    expect(await intake.keep(unreadable('{"one', 'wh_bad'))).toEqual({ fresh: true });
    expect(await intake.keep(unreadable('{"two', 'wh_bad'))).toEqual({ fresh: true });
    expect(await intake.keep(unreadable('{"two', 'wh_bad'))).toEqual({ fresh: false });
    expect((await rowsOf('wh_bad')).map((row) => row.id_reused)).toEqual([false, false]);
  });

  test('keeps the facts of an erased subject, and neither its body nor its contact', async () => {
    await intake.keep(kitArrival('ERASED', 'kit.registered', { person: JANE }));
    await database.query("update subjects set erased_at = now() where subject = 'kit:ERASED'");
    const bodies = await count('inbox_bodies');
    await intake.keep(kitArrival('ERASED', 'results.available', { person: JANE, id: 'wh_erased' }));
    expect(await count("deliveries where subject = 'kit:ERASED'")).toBe(2);
    expect(await count("contacts where subject = 'kit:ERASED'")).toBe(1);
    expect(await count('inbox_bodies')).toBe(bodies);
    const { webhooks } = await listWebhooks(database, { subject: 'kit:ERASED' });
    expect(webhooks.map(({ bodyState }) => bodyState)).toEqual(['erased', 'kept']);
  });

  test('opens a closed subject again when something new comes for it, and not for a repetition', async () => {
    const arrival = kitArrival('CLOSED', 'results.available');
    await intake.keep(arrival);
    const close = () => database.query("update subjects set closed_at = now() where subject = 'kit:CLOSED'");
    await close();
    await intake.keep(arrival);
    expect(await count("subjects where subject = 'kit:CLOSED' and closed_at is null")).toBe(0);
    await intake.keep(kitArrival('CLOSED', 'results.reviewed'));
    expect(await count("subjects where subject = 'kit:CLOSED' and closed_at is null")).toBe(1);
  });

  test('leaves nothing of a person, and nothing of a body, readable in any column', async () => {
    await intake.keep(orderArrival('SEALED', 'order.created', { person: JANE }));
    await intake.keep(kitArrival('SEALED', 'kit.registered', { person: JANE, raw: 'kit of Jane-Zyxw: high_cortisol' }));
    await intake.keep(unreadable('not json of Jane-Zyxw high_cortisol'));
    const tables = await database.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public'",
    );
    expect(tables.length).toBeGreaterThan(8);
    const hex = (text: string): string => Buffer.from(text).toString('hex');
    for (const { name } of tables) {
      const rows = await database.query<{ text: string }>(`select t::text as text from ${name} t`);
      for (const { text } of rows)
        for (const word of ['Zyxw', 'zyxw', 'Qrst', 'high_cortisol', 'example.com']) {
          expect(text).not.toContain(word);
          expect(text).not.toContain(hex(word));
        }
    }
  });

  test('tells when the last webhook came and how many first arrivals there were today', async () => {
    const [{ n } = { n: 0 }] = await database.query<{ n: number }>(
      "select count(*) as n from inbox where source = 'c4hxp'",
    );
    await intake.keep({ ...kitArrival('YESTERDAY', 'kit.registered'), receivedAt: RECEIVED - 24 * 60 * 60 * 1000 });
    const fresh = createIntake({ database, sealing, clock: () => RECEIVED });
    expect(await fresh.figures()).toEqual({ lastReceivedAt: new Date(RECEIVED), processedToday: n });
  });

  test('rings after a commit that brought something new, and only then', async () => {
    let rings = 0;
    const stop = intake.onKept(() => (rings += 1));
    const arrival = kitArrival('RING', 'kit.registered');
    await intake.keep(arrival);
    await intake.keep(arrival);
    stop();
    await intake.keep(kitArrival('RING', 'kit.received_lab'));
    expect(rings).toBe(1);
  });
});

describe('an intake that can not commit', () => {
  const sealing = testSealing();
  const arrival = kitArrival('X', 'kit.registered');

  /** A database whose answers are in the test's hands. */
  function heldDatabase(): { database: Database; answer: (error?: Error) => void; asked: () => number } {
    const waiting: ((error?: Error) => void)[] = [];
    let asked = 0;
    const query = () =>
      new Promise<never[]>((resolve, reject) => {
        asked += 1;
        waiting.push((error) => {
          if (error === undefined) resolve([]);
          else reject(error);
        });
      });
    const database = { kind: 'postgres', query, priority: { query } } as unknown as Database;
    return { database, answer: (error) => waiting.shift()?.(error), asked: () => asked };
  }
  const intakeOn = (database: Database, options: Partial<IntakeOptions> = {}): Intake =>
    createIntake({ database, sealing, ...options });
  const whyOf = async (kept: Promise<unknown>): Promise<unknown> =>
    await kept.then(
      () => 'kept',
      (error: unknown) => (error instanceof IntakeUnavailable ? error.why : error),
    );
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

  test('refuses when too many requests or bytes wait', async () => {
    const { database, answer } = heldDatabase();
    const intake = intakeOn(database, { queueLimit: 2 });
    const first = [intake.keep(arrival), intake.keep(arrival)];
    expect(await whyOf(intake.keep(arrival))).toBe('queue_full');
    await turn();
    answer();
    await Promise.all(first);
    const narrow = intakeOn(database, { queueBytes: arrival.raw.length });
    void narrow.keep(arrival);
    expect(await whyOf(narrow.keep(arrival))).toBe('queue_full');
    await turn();
    answer();
    await narrow.close();
  });

  test('refuses after its deadline, and is usable again when the database answers', async () => {
    const { database, answer } = heldDatabase();
    const intake = intakeOn(database, { deadline: 20, queueLimit: 2 });
    expect(await whyOf(intake.keep(arrival))).toBe('deadline');
    expect(await whyOf(intake.keep(arrival))).toBe('deadline');
    answer();
    await turn();
    const later = intake.keep(arrival);
    await turn();
    answer();
    expect(await whyOf(later)).toBe('kept');
  });

  test('refuses everybody in a batch when the database fails, and tries conflicts again', async () => {
    const { database, answer, asked } = heldDatabase();
    const intake = intakeOn(database);
    const lost = [intake.keep(arrival), intake.keep(kitArrival('Y', 'kit.registered'))].map(whyOf);
    await turn();
    answer(new Error('connection lost'));
    expect(await Promise.all(lost)).toEqual(['database', 'database']);

    const before = asked();
    const conflict = intake.keep(arrival);
    await turn();
    answer(Object.assign(new Error('deadlock'), { code: '40P01' }));
    while (asked() < before + 2) await turn();
    answer();
    expect(await whyOf(conflict)).toBe('kept');
  });

  test('refuses while the disk is below its reserve, and once it is closed', async () => {
    const { database } = heldDatabase();
    let low = true;
    const intake = intakeOn(database, { disk: { isLow: () => low, used: () => 0, stop: () => undefined } });
    expect(await whyOf(intake.keep(arrival))).toBe('disk_full');
    low = false;
    await intake.close();
    expect(await whyOf(intake.keep(arrival))).toBe('closed');
  });
});
