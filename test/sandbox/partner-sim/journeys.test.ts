import { afterEach, describe, expect, test } from '@jest/globals';
import { C4HXP_EVENTS } from '../../../src/domain/events.js';
import { type JourneyName, JOURNEYS } from '../../../src/sandbox/partner-sim/journeys.js';
import { createPartnerSim } from '../../../src/sandbox/partner-sim/sim.js';
import { start } from './asked.js';
import { answering, startReceiver } from './receiver.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** Plays a journey at once; what its kits have come to, and how often each event was sent. */
async function played(name: JourneyName, kits = 1) {
  const receiver = await startReceiver(answering(200));
  const sim = await createPartnerSim({ timeScale: 3_600_000 });
  open.push(receiver, sim);
  sim.register({ url: receiver.url, secret: 's' });
  const { order, ended } = sim.play(name, { kitTypes: Array.from({ length: kits }, () => 'hormone_panel') });
  await ended;
  await sim.settled();
  const sent = receiver.received.map(({ body }) => (JSON.parse(body) as { event: string }).event);
  return {
    statuses: order.kits.map(({ status }) => status),
    scans: order.kits.map(({ scans }) => scans.at(-1)?.status),
    times: (event: string) => sent.filter((one) => one === event).length,
  };
}

describe('journeys that go wrong', () => {
  test.each<[JourneyName, readonly string[], readonly (string | undefined)[]]>([
    ['returned-undeliverable', ['shipped'], ['return_to_sender']],
    ['posted-and-lost', ['shipped_to_lab'], ['lost']],
    ['insufficient-then-replacement', ['failed', 'completed'], ['in_transit', 'in_transit']],
    ['one-of-two-cancelled', ['completed', 'cancelled'], ['in_transit', 'in_transit']],
    ['cancelled-then-shipped', ['registered'], ['delivered']],
    ['amended', ['completed'], ['in_transit']],
    ['timeline-contradicts-status', ['registered'], ['in_transit']],
    ['unknown-for-a-while', ['completed'], ['in_transit']],
  ])('%s: its kits end as %j, and their parcels as %j', async (name, statuses, scans) => {
    expect(await played(name)).toMatchObject({ statuses, scans });
  });

  test('a replacement is shipped by a webhook of its own; the cancelled one of two has none after that', async () => {
    const replaced = await played('insufficient-then-replacement', 2);
    expect(replaced.statuses).toEqual(['failed', 'failed', 'completed', 'completed']);
    expect([replaced.times('order.shipped'), replaced.times('results.available')]).toEqual([2, 2]);
    const cancelled = await played('one-of-two-cancelled');
    expect([cancelled.times('order.cancelled'), cancelled.times('kit.registered')]).toEqual([1, 1]);
    const amended = await played('amended');
    expect([amended.times('results.available'), amended.times('results.reviewed')]).toEqual([2, 2]);
  });

  test('a subscription that lacks an event is told all the others of every journey, and that one never', async () => {
    const receiver = await startReceiver(answering(200));
    open.push(receiver);
    const { sim } = await start({ timeScale: 3_600_000 });
    const lacking = C4HXP_EVENTS.filter((event) => event !== 'kit.received_lab');
    sim.register({ url: receiver.url, secret: 's', events: lacking });
    await Promise.all((Object.keys(JOURNEYS) as JourneyName[]).map((name) => sim.play(name).ended));
    await sim.settled();
    const sent = new Set(receiver.received.map(({ body }) => (JSON.parse(body) as { event: string }).event));
    expect([...sent].toSorted()).toEqual(lacking.filter((event) => !event.startsWith('system.')).toSorted());
  });
});
