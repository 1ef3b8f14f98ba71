import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import type { Database } from '../../src/database/database.js';
import { compile, type Sql } from '../../src/database/sql.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { priorOf } from '../../src/ledger/deliveries.js';
import { createRecipients } from '../../src/ledger/recipients.js';
import type { Journeys } from '../../src/relay/journeys.js';
import type { Relay, RelayOptions } from '../../src/relay/relay.js';
import { wakeOpenSubjects } from '../../src/ledger/subjects.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import { KINDS, startDatabases, type TestDatabases } from '../support/databases.js';
import { SETTINGS } from '../support/policy-settings.js';
import { JANE, kitArrival, orderArrival, testSealing, unnamed } from '../inbox/support.js';
import { FakeJourneys, relayWith } from './support.js';

describe.each(KINDS)('the relay on %s', (kind) => {
  let databases: TestDatabases;
  let database: Database;
  let intake: Intake;
  let journeys: FakeJourneys;
  const relays: Relay[] = [];

  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await databases.fresh();
    intake = createIntake({ database, sealing: testSealing() });
  });
  afterAll(() => databases.stop());

  beforeEach(async () => {
    journeys = new FakeJourneys();
    await database.query(
      'truncate inbox, inbox_bodies, links, subjects, deliveries, relay_leases, contacts, notifications, processes, meta, staff_alerts',
    );
  });
  afterEach(async () => {
    for (const relay of relays.splice(0)) await relay.stop();
  });

  function startRelay(options: Partial<RelayOptions> = {}): Relay {
    const relay = relayWith({
      database,
      journeys,
      recipients: createRecipients(testSealing()),
      owner: `relay-${String(relays.length)}`,
      sweepEvery: 20,
      choresEvery: 20,
      ...options,
    });
    relays.push(relay);
    relay.start();
    return relay;
  }
  const keepAll = (arrivals: Arrival[]) => Promise.all(arrivals.map((arrival) => intake.keep(arrival)));
  const eventsOf = (subject: `kit:${string}` | `order:${string}`) => journeys.knows(subject).map(({ event }) => event);
  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  test('sends everything pending for a subject in one signal, in order, named after the last', async () => {
    await intake.keep(kitArrival('A', 'kit.registered'));
    await intake.keep(kitArrival('A', 'kit.received_lab'));
    await intake.keep(kitArrival('A', 'results.available'));
    await startRelay().idle();
    const [run] = journeys.runs.get('kit:A') ?? [];
    expect(run?.names).toEqual(['results.available +2']);
    expect(run?.prior).toEqual({ facts: [], notifications: [] });
    expect(run?.batches[0]).toMatchObject({ before: 0, settings: SETTINGS });
    expect(eventsOf('kit:A')).toEqual(['kit.registered', 'kit.received_lab', 'results.available']);
  });

  test('says how many facts went before, and carries no more than a hundred at a time', async () => {
    await keepAll(Array.from({ length: 250 }, () => kitArrival('MANY', 'kit.registered')));
    await startRelay().idle();
    const [run] = journeys.runs.get('kit:MANY') ?? [];
    expect(run?.batches.map(({ facts, before }) => [before, facts.length])).toEqual([
      [0, 100],
      [100, 100],
      [200, 50],
    ]);
    const seqs = journeys.knows('kit:MANY').map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  test('sends results first, a few signals at a time', async () => {
    await keepAll(Array.from({ length: 60 }, (_, n) => kitArrival(`N${String(n)}`, 'kit.registered')));
    await intake.keep(kitArrival('R', 'results.available'));
    await startRelay().idle();
    expect(journeys.order.indexOf('kit:R')).toBeLessThan(3);
    expect(journeys.mostInFlight).toBeLessThanOrEqual(3);
  });

  test('looks at once when it is woken', async () => {
    const relay = startRelay({ sweepEvery: 60_000, choresEvery: 60_000 });
    await relay.idle();
    await intake.keep(kitArrival('WAKE', 'kit.registered'));
    relay.wake();
    await relay.idle();
    expect(eventsOf('kit:WAKE')).toEqual(['kit.registered']);
  });

  test('where it is woken for whatever is committed, it looks more rarely for what that missed', async () => {
    const looks = { woken: 0, sweeping: 0 };
    const counted = (which: keyof typeof looks): Database => ({
      ...database,
      query: (statement, params) => {
        looks[which] += 1;
        return database.query(statement, params);
      },
    });
    for (const which of ['woken', 'sweeping'] as const)
      startRelay({ database: counted(which), choresEvery: 60_000, isWoken: () => which === 'woken' });
    await until(() => looks.sweeping > 40);
    expect(looks.woken).toBeLessThan(looks.sweeping / 2);
  });

  test('starts a run that is gone with all that was delivered and told before', async () => {
    const relay = startRelay();
    await intake.keep(kitArrival('GONE', 'kit.registered', { person: JANE }));
    await relay.idle();
    await database.query(
      `insert into notifications (subject, kind, occurrence, source_seq, status, cause, rule, recipient_hash, decided_at, settled_at)
       values ('kit:GONE', 'kit.registered', 1, 7, 'sent', 'wh_1', 'r', $1, now(), $2)`,
      [Buffer.from('fbff00', 'hex'), new Date(1_700_000_000_123)],
    );
    journeys.end('kit:GONE');
    await intake.keep(kitArrival('GONE', 'results.available'));
    await relay.idle();
    const run = journeys.runs.get('kit:GONE')?.at(-1);
    expect(run?.prior.facts.map(({ event }) => event)).toEqual(['kit.registered']);
    expect(run?.prior.notifications).toEqual([
      {
        subject: 'kit:GONE',
        kind: 'kit.registered',
        occurrence: 1,
        status: 'sent',
        reason: null,
        cause: 'wh_1',
        source: 7,
        address: '-_8A',
        at: 1_700_000_000_123,
      },
    ]);
    expect(run?.batches).toMatchObject([{ before: 1, facts: [{ event: 'results.available' }] }]);
  });

  test('tells a new run how long quiet hours have held an email back, and until when they do', async () => {
    await database.query(
      `insert into notifications
         (subject, kind, occurrence, status, reason, cause, rule, decided_at, quiet_ms, quiet_until)
       values ('kit:NIGHT', 'kit.registered', 1, 'sent', null, 'wh_1', 'r', now(), 3600000, $1),
              ('kit:NIGHT', 'kit.received_lab', 1, 'deferred', 'quiet_hours', 'wh_2', 'r', now(), 7200000, $1)`,
      [new Date(1_700_000_000_123)],
    );
    const { notifications } = await priorOf(database, 'kit:NIGHT');
    expect(notifications.map(({ kind, quiet, until: ends }) => ({ kind, quiet, ends }))).toEqual([
      { kind: 'kit.registered', quiet: 3_600_000, ends: undefined },
      { kind: 'kit.received_lab', quiet: 7_200_000, ends: 1_700_000_000_123 },
    ]);
  });

  test('tells a run that starts what is in the ledger already, even of a subject believed new', async () => {
    await keepAll([orderArrival('O', 'order.shipped', { barcodes: ['K'] }), orderArrival('O', 'order.confirmed')]);
    await database.query(
      `insert into notifications (subject, kind, occurrence, status, cause, rule, decided_at)
       values ('order:O', 'reminder.register', 1, 'sending', 'timer:x', 'r', now()),
              ('order:P', 'reminder.register', 1, 'sending', 'timer:x', 'r', now())`,
    );
    expect((await priorOf(database, 'order:P')).notifications).toHaveLength(1);
    await startRelay({ choresEvery: 60_000 }).idle();
    expect(journeys.runs.get('kit:K')?.[0]?.prior.notifications.map(({ subject }) => subject)).toEqual(['order:O']);
  });

  describe('joins orders and kits', () => {
    test('whatever the order in which links and facts come, and never hands a kit’s facts to an order', async () => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.shuffledSubarray(['created', 'shipped1', 'shipped2', 'cancelled', 'registered', 'results'], {
            minLength: 6,
          }),
          fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
          async (sequence, pauses) => {
            round += 1;
            const [order, one, two] = [`J${String(round)}`, `J${String(round)}-1`, `J${String(round)}-2`];
            const webhooks: Record<string, Arrival> = {
              created: orderArrival(order, 'order.created'),
              shipped1: orderArrival(order, 'order.shipped', { barcodes: [one] }),
              shipped2: orderArrival(order, 'order.shipped', { barcodes: [two] }),
              cancelled: orderArrival(order, 'order.cancelled'),
              registered: kitArrival(one, 'kit.registered'),
              results: kitArrival(two, 'results.available'),
            };
            const relay = startRelay({ choresEvery: 60_000 });
            for (const [n, name] of sequence.entries()) {
              const arrival = webhooks[name];
              if (arrival !== undefined) await intake.keep(arrival);
              if (pauses[n] === true) await relay.idle();
            }
            await relay.idle();
            const ofOrder = ['order.cancelled', 'order.created', 'order.shipped', 'order.shipped'];
            expect(eventsOf(`order:${order}`).sort()).toEqual(ofOrder);
            expect(eventsOf(`kit:${one}`).sort()).toEqual(['kit.registered', ...ofOrder]);
            expect(eventsOf(`kit:${two}`).sort()).toEqual([...ofOrder, 'results.available']);
            await relays.pop()?.stop();
          },
        ),
        { numRuns: 12 },
      );
    });

    test('and the fact of a shipment says which of its kits are further already', async () => {
      await intake.keep(kitArrival('F1', 'kit.received_lab'));
      await intake.keep(orderArrival('F', 'order.shipped', { barcodes: ['F1', 'F2'] }));
      await startRelay().idle();
      for (const subject of ['order:F', 'kit:F1', 'kit:F2'] as const) {
        const shipped = journeys.knows(subject).find(({ event }) => event === 'order.shipped');
        expect(shipped?.registeredBarcodes).toEqual(['F1']);
      }
    });
  });

  test('keeps everything while Temporal is away, however long, and sends it in order when it is back', async () => {
    journeys.away = true;
    const relay = startRelay();
    for (const event of ['kit.registered', 'kit.received_lab', 'results.available'] as const)
      await intake.keep(kitArrival('AWAY', event));
    let looks = 0;
    journeys.namespaceId = () => {
      looks += 1;
      return journeys.away ? Promise.reject(new Error('unavailable')) : Promise.resolve('namespace-1');
    };
    await until(() => looks >= 4);
    expect(journeys.calls).toBe(0);
    journeys.away = false;
    await relay.idle();
    expect(eventsOf('kit:AWAY')).toEqual(['kit.registered', 'kit.received_lab', 'results.available']);
  });

  test('loses nothing when Temporal goes in the middle of a round', async () => {
    await keepAll(Array.from({ length: 40 }, (_, n) => kitArrival(`MID${String(n)}`, 'kit.registered')));
    journeys.during = () => {
      if (journeys.calls === 10) journeys.away = true;
      return Promise.resolve();
    };
    const relay = startRelay();
    await until(() => journeys.away);
    journeys.during = () => Promise.resolve();
    journeys.away = false;
    await relay.idle();
    for (let n = 0; n < 40; n++) expect(eventsOf(`kit:MID${String(n)}`)).toEqual(['kit.registered']);
    const [row] = await database.query('select count(*) as n from deliveries where attempts > 0');
    expect(row).toEqual({ n: 0 });
  });

  test('puts off a subject that Temporal refuses, notes a code, and goes on with the others', async () => {
    journeys.refuses = (subject) => subject === 'kit:BAD';
    await keepAll([kitArrival('BAD', 'results.available'), kitArrival('OK', 'kit.registered')]);
    startRelay();
    const refused = () => database.query('select attempts, error_code from deliveries where attempts > 0');
    await until(async () => eventsOf('kit:OK').length === 1 && (await refused()).length === 1);
    expect(await refused()).toEqual([{ attempts: 1, error_code: 'RangeError' }]);
    await database.query('update deliveries set next_at = now()');
    journeys.refuses = () => false;
    await until(() => eventsOf('kit:BAD').length === 1);
  });

  test('takes over what another relay had leased, but not before the lease has ended', async () => {
    await intake.keep(kitArrival('LEASED', 'kit.registered'));
    await database.query(
      "insert into relay_leases (subject, owner, until) values ('kit:LEASED', 'dead', now() + interval '1 hour')",
    );
    await intake.keep(kitArrival('FREE', 'kit.registered'));
    const relay = startRelay();
    await until(() => eventsOf('kit:FREE').length === 1);
    expect(journeys.runs.has('kit:LEASED')).toBe(false);
    await database.query("update relay_leases set until = now() where owner = 'dead'");
    await relay.idle();
    expect(eventsOf('kit:LEASED')).toEqual(['kit.registered']);
  });

  test('takes over at once what a relay had leased whose process beats no more', async () => {
    await intake.keep(kitArrival('LEFT', 'kit.registered'));
    await database.query(
      "insert into relay_leases (subject, owner, until) values ('kit:LEFT', 'killed', now() + interval '1 hour')",
    );
    await database.query("insert into processes (owner, beat_at) values ('killed', now() + interval '1 hour')");
    await intake.keep(kitArrival('FREE2', 'kit.registered'));
    const relay = startRelay();
    await until(() => eventsOf('kit:FREE2').length === 1);
    expect(journeys.runs.has('kit:LEFT')).toBe(false);
    await database.query("update processes set beat_at = now() - interval '12 s'");
    await relay.idle();
    expect(eventsOf('kit:LEFT')).toEqual(['kit.registered']);
  });

  test.each([
    ['the answer to its lease', 'insert into relay_leases', 'after'],
    ['the question of what is pending', 'cross join lateral', 'before'],
    ['the word of what was delivered', 'delete from relay_leases', 'before'],
  ] as const)('goes on at once with what it had leased when the database cut off %s', async (_, words, when) => {
    await intake.keep(kitArrival('CUT', 'kit.registered'));
    let cuts = 0;
    const cutOff: Database = {
      ...database,
      query: async <T extends object>(statement: Sql | string, params?: readonly unknown[]) => {
        const isCut =
          (typeof statement === 'string' ? statement : compile(statement).text).includes(words) && cuts++ === 0;
        if (isCut && when === 'after') await database.query(statement, params);
        if (isCut) throw new Error('Connection terminated unexpectedly');
        return await database.query<T>(statement, params);
      },
    };
    await startRelay({ database: cutOff }).idle();
    expect(cuts).toBeGreaterThan(1);
    expect(eventsOf('kit:CUT')).toContain('kit.registered');
  });

  test('moves only a little while much comes in', async () => {
    let load = 1_000;
    await keepAll(Array.from({ length: 60 }, (_, n) => kitArrival(`L${String(n)}`, 'kit.registered')));
    const relay = startRelay({ load: () => load });
    await until(() => journeys.calls >= 6);
    expect(journeys.mostInFlight).toBe(1);
    load = 0;
    await relay.idle();
    expect(journeys.runs.size).toBe(60);
  });

  describe('starts journeys again by itself', () => {
    test('all that are open, with what went before, when Temporal’s store is another one', async () => {
      const relay = startRelay();
      await keepAll(['A', 'B', 'C'].map((name) => kitArrival(name, 'kit.registered')));
      await relay.idle();
      await database.query("update subjects set closed_at = now() where subject = 'kit:C'");
      journeys.loseStore();
      await until(() => journeys.runs.size === 2);
      await relay.idle();
      for (const subject of ['kit:A', 'kit:B'] as const) {
        const [run] = journeys.runs.get(subject) ?? [];
        expect(run?.names).toEqual(['wake']);
        expect(run?.prior.facts).toHaveLength(1);
        expect(run?.batches).toMatchObject([{ facts: [], before: 1 }]);
      }
      expect(journeys.runs.has('kit:C')).toBe(false);
    });

    describe('where the store is lost while another relay is about to mark what it has signalled', () => {
      /** A relay in another process: the store is lost as soon as it has signalled, and this process notices first. */
      function startAnother(): { readonly relay: Relay; readonly lose: () => void } {
        let isToBeLost = false;
        const lostMeanwhile: Journeys = {
          signal: (...call) => journeys.signal(...call),
          isRunning: (...call) => journeys.isRunning(...call),
          namespaceId: () => journeys.namespaceId(),
          signalWithStart: async (...call) => {
            await journeys.signalWithStart(...call);
            if (!isToBeLost) return;
            isToBeLost = false;
            journeys.loseStore();
            startRelay({ owner: 'who-notices' });
            await until(async () => {
              const [row] = await database.query<{ value: string }>(
                "select value from meta where key = 'temporal-namespace'",
              );
              return row?.value === journeys.id;
            });
          },
        };
        const relay = startRelay({ journeys: lostMeanwhile });
        return { relay, lose: () => void (isToBeLost = true) };
      }

      test('its first webhook is not lost with it', async () => {
        const { relay, lose } = startAnother();
        await relay.idle();
        lose();
        await intake.keep(kitArrival('FIRST', 'kit.registered'));
        await until(() => journeys.id !== 'namespace-1');
        await relay.idle();
        expect(eventsOf('kit:FIRST')).toEqual(['kit.registered']);
      });

      test('nor is what it had just started again', async () => {
        const { relay, lose } = startAnother();
        await intake.keep(kitArrival('AGAIN', 'kit.registered'));
        await relay.idle();
        lose();
        journeys.loseStore();
        await until(() => journeys.id === 'namespace-1++');
        await relay.idle();
        expect(eventsOf('kit:AGAIN')).toEqual(['kit.registered']);
      });
    });

    test('also those that were lost while no relay was up, and after a crash between noticing and starting', async () => {
      const first = startRelay();
      await keepAll(['A', 'B'].map((name) => kitArrival(name, 'kit.registered')));
      await first.idle();
      await relays.pop()?.stop();
      journeys.loseStore();
      // What the crashed one had done: noticed, and written down who is to be woken.
      await database.query("update meta set value = $1 where key = 'temporal-namespace'", [journeys.id]);
      expect(await wakeOpenSubjects(database)).toBe(2);
      const second = startRelay();
      await second.idle();
      expect([...journeys.runs.keys()].sort()).toEqual(['kit:A', 'kit:B']);
    });

    test('however many they are: some at a time, and from where it was cut off', async () => {
      const first = startRelay();
      await keepAll(['A', 'B', 'C', 'D', 'E'].map((name) => kitArrival(name, 'kit.registered')));
      await first.idle();
      await relays.pop()?.stop();
      journeys.loseStore();
      let statements = 0;
      const cutOff: Database = {
        ...database,
        query: async <T extends object>(statement: Sql | string, params?: readonly unknown[]) => {
          if ((typeof statement === 'string' ? statement : compile(statement).text).includes('set wake_at = now()'))
            if (++statements === 3) throw new Error('canceling statement due to statement timeout');
          return await database.query<T>(statement, params);
        },
      };
      await expect(wakeOpenSubjects(cutOff, 2)).rejects.toThrow('timeout');
      expect(await database.query('select from subjects where wake_at is not null')).toHaveLength(4);
      expect(await wakeOpenSubjects(database, 2)).toBe(1);
      await database.query('update subjects set wake_at = null');
      // Of the relay's own first try nothing is remembered, so that it tries again.
      statements = 2;
      await startRelay({ database: cutOff }).idle();
      await until(() => journeys.runs.size === 5);
      expect(statements).toBeGreaterThan(3);
    });

    test('one whose email waits while its run is gone, but none that runs or whose email a living process sends', async () => {
      const relay = startRelay();
      await keepAll(['D', 'E', 'F', 'H'].map((name) => kitArrival(name, 'kit.registered')));
      await keepAll([orderArrival('G', 'order.shipped', { barcodes: ['G1'] })]);
      await relay.idle();
      for (const subject of ['kit:D', 'kit:F', 'kit:G1', 'kit:H'] as const) journeys.end(subject);
      await database.query(
        `insert into notifications (subject, kind, occurrence, status, cause, rule, decided_at, lease_until) values
          ('kit:D', 'kit.registered', 1, 'deferred', 'w', 'r', now(), null),
          ('kit:E', 'kit.registered', 1, 'deferred', 'w', 'r', now(), null),
          ('kit:F', 'kit.registered', 1, 'sending', 'w', 'r', now(), now() + interval '1 hour'),
          ('order:G', 'reminder.register', 1, 'deferred', 'w', 'r', now(), null),
          ('staff', 'staff.alert', 1, 'deferred', 'w', 'r', now(), null)`,
      );
      await database.query(
        `insert into notifications (subject, kind, occurrence, status, cause, rule, decided_at, lease_until, owner) values
          ('kit:H', 'kit.registered', 1, 'sending', 'w', 'r', now(), now() + interval '1 hour', 'killed')`,
      );
      await database.query(`insert into processes (owner, beat_at) values ('killed', now() - interval '12 s')`);
      await until(() => journeys.runs.get('kit:D')?.length === 2 && journeys.runs.get('kit:G1')?.length === 2);
      await until(() => journeys.runs.get('kit:H')?.length === 2);
      await relay.idle();
      expect(journeys.runs.get('kit:D')?.[1]?.prior.notifications).toMatchObject([{ status: 'deferred' }]);
      expect(journeys.runs.get('kit:E')).toHaveLength(1);
      expect(journeys.runs.get('kit:F')).toHaveLength(1);
    });
  });

  test('calls the team about what names nobody, and again while it waits for that and its run is gone', async () => {
    const relay = startRelay();
    await intake.keep(unnamed('nobody', 'wh_nobody'));
    await relay.idle();
    expect(journeys.runs.get('staff')?.map(({ names }) => names)).toEqual([['webhook.unreadable']]);
    journeys.end('staff');
    await until(() => journeys.runs.get('staff')?.length === 2);
    expect(journeys.runs.get('staff')?.[1]?.names).toEqual(['wake']);
  });

  test('stops after the round that is under way, and leaves no lease behind', async () => {
    await keepAll(Array.from({ length: 40 }, (_, n) => kitArrival(`S${String(n)}`, 'kit.registered')));
    const relay = startRelay();
    await until(() => journeys.calls > 0);
    await relay.stop();
    expect(await database.query('select * from relay_leases')).toEqual([]);
    const [row] = await database.query<{ n: number }>(
      'select count(*) as n from deliveries where relayed_at is not null',
    );
    expect(row?.n).toBe(journeys.order.length);
  });
});
