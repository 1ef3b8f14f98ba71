import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FactEvent } from '../../src/domain/events.js';
import { createIntake } from '../../src/inbox/intake.js';
import { createRecipients } from '../../src/ledger/recipients.js';
import { kitSubject, type Subject } from '../../src/domain/subjects.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { kitArrival, orderArrival, testSealing } from '../inbox/support.js';
import { FakeJourneys, relayWith } from './support.js';

const KITS = 120;
const STORY: readonly FactEvent[] = [
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'kit.processing_completed',
  'results.available',
  'results.reviewed',
];

let databases: TestDatabases;
beforeAll(async () => {
  databases = await startDatabases('postgres');
});
afterAll(() => databases.stop());

test('two receivers and two relays on one PostgreSQL lose nothing, deadlock never, and overtake nobody', async () => {
  const one = await databases.fresh();
  const two = await databases.again();
  const sealing = testSealing();
  const intakes = [one, two].map((database) => createIntake({ database, sealing }));
  const journeys = new FakeJourneys();
  const signalling = new Set<Subject>();
  let overlaps = 0;
  journeys.during = async (subject) => {
    if (signalling.has(subject)) overlaps += 1;
    signalling.add(subject);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    signalling.delete(subject);
  };
  const relays = [one, two].map((database, n) =>
    relayWith({
      database,
      journeys,
      recipients: createRecipients(sealing),
      owner: `relay-${String(n)}`,
      sweepEvery: 10,
    }),
  );
  for (const relay of relays) relay.start();

  const fresh = new Map<string, number>();
  /** The same webhook to both receivers at the same moment, now and then. */
  async function send(n: number, arrival: ReturnType<typeof kitArrival>): Promise<void> {
    const [here, there] = n % 2 === 0 ? intakes : [...intakes].reverse();
    const sent = [here?.keep(arrival), ...(n % 3 === 0 ? [there?.keep(arrival)] : [])];
    for (const kept of sent)
      if ((await kept)?.fresh === true) {
        const id = arrival.externalId ?? '';
        fresh.set(id, (fresh.get(id) ?? 0) + 1);
      }
    for (const relay of relays) relay.wake();
  }

  async function kit(n: number): Promise<void> {
    const barcode = `K${String(n)}`;
    for (const [step, event] of STORY.entries()) await send(n + step, kitArrival(barcode, event));
  }
  async function order(n: number): Promise<void> {
    const name = `O${String(n)}`;
    await send(n, orderArrival(name, 'order.created'));
    await send(n + 1, orderArrival(name, 'order.shipped', { barcodes: [`K${String(n)}`, `K${String(n + 1)}`] }));
    await send(n + 2, orderArrival(name, 'order.cancelled'));
  }
  await Promise.all(
    Array.from({ length: KITS }, (_, n) => n).flatMap((n) => [kit(n), ...(n % 2 === 0 ? [order(n)] : [])]),
  );
  await Promise.all(relays.map((relay) => relay.idle()));
  for (const relay of relays) await relay.stop();

  expect(fresh.size).toBe(KITS * STORY.length + (KITS / 2) * 3);
  expect([...fresh.values()].every((times) => times === 1)).toBe(true);
  expect(overlaps).toBe(0);
  for (let n = 0; n < KITS; n++) {
    const known = journeys.knows(kitSubject(`K${String(n)}`));
    const own = known.filter(({ event }) => STORY.includes(event));
    expect(own.map(({ event }) => event)).toEqual(STORY);
    expect(known).toHaveLength(STORY.length + 3);
    expect(new Set(known.map(({ seq }) => seq)).size).toBe(known.length);
  }
  const batches = [...journeys.runs.values()].flatMap((runs) => runs);
  for (const run of batches) {
    let before = 0;
    for (const batch of run.batches) {
      expect(batch.before).toBe(before);
      before += batch.facts.length;
    }
  }
});

test('what a relay had signalled when it was killed is signalled again by another, with the same facts', async () => {
  const database = await databases.fresh();
  const intake = createIntake({ database, sealing: testSealing() });
  const journeys = new FakeJourneys();
  const recipients = createRecipients(testSealing());
  const options = { database, recipients, sweepEvery: 10 };
  await intake.keep(kitArrival('KILLED', 'kit.registered'));

  // The first one is killed between the signal and its mark: to the outside, its database never hears of it again.
  let killed = false;
  const dying = relayWith({
    ...options,
    owner: 'killed',
    journeys,
    database: {
      ...database,
      query: (sql, params) => (killed ? Promise.reject(new Error('killed')) : database.query(sql, params)),
    },
  });
  journeys.during = () => {
    killed = true;
    return Promise.resolve();
  };
  dying.start();
  while (journeys.runs.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await dying.stop();

  const next = relayWith({ ...options, owner: 'next', journeys });
  next.start();
  await intake.keep(kitArrival('KILLED', 'kit.received_lab'));
  await database.query("update relay_leases set until = now() where owner = 'killed'");
  await next.idle();
  await next.stop();
  const [run] = journeys.runs.get('kit:KILLED') ?? [];
  expect(run?.batches.map(({ before, facts }) => [before, facts.map(({ event }) => event)])).toEqual([
    [0, ['kit.registered']],
    [0, ['kit.registered', 'kit.received_lab']],
  ]);
  expect(journeys.runs.get('kit:KILLED')).toHaveLength(1);
});
