import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createPartnerSim, type PartnerSim, type PartnerSimOptions } from '../../../src/sandbox/partner-sim/sim.js';
import { RETRY_SCHEDULE } from '../../../src/sandbox/partner-sim/deliveries.js';
import { answering, startReceiver } from './receiver.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

type Answer = Parameters<typeof startReceiver>[0];
async function pair(answer: Answer, options: PartnerSimOptions = {}) {
  const receiver = await startReceiver(answer);
  open.push(receiver);
  const sim = await createPartnerSim({ timeScale: 36_000, ...options });
  open.push(sim);
  return { receiver, sim };
}
const events = (sim: PartnerSim) => sim.deliveries().map(({ event }) => event);

describe('delivery of webhooks', () => {
  test('a webhook is signed over its raw bytes with the secret of its endpoint', async () => {
    const { receiver, sim } = await pair(answering(200));
    sim.register({ url: receiver.url, secret: 'whsec_one' });
    sim.business.order();
    await sim.settled();
    const [webhook] = receiver.received;
    const expected = createHmac('sha256', 'whsec_one')
      .update(webhook?.body ?? '')
      .digest('hex');
    expect(webhook?.signature).toBe(`sha256=${expected}`);
    expect(webhook?.contentType).toBe('application/json');
    expect(JSON.parse(webhook?.body ?? '')).toMatchObject({
      event: 'order.created',
      data: { status: 'pending', recipient: { first_name: 'Ada' } },
      meta: { api_version: '2.0.0', webhook_id: 'wh_sim000001' },
    });
  });

  test('an endpoint receives the events it chose and no others', async () => {
    const { receiver, sim } = await pair(answering(200));
    sim.register({ url: receiver.url, events: ['order.shipped'] });
    const { number } = sim.business.order();
    sim.business.confirm(number);
    sim.business.ship(number);
    await sim.settled();
    expect(events(sim)).toEqual(['order.shipped']);
    expect(receiver.received).toHaveLength(1);
  });

  test('a refused webhook is sent six times in all, with the same bytes, after the intervals of the page', async () => {
    const { receiver, sim } = await pair(answering(500));
    sim.register({ url: receiver.url });
    sim.business.order();
    await sim.settled();
    expect(RETRY_SCHEDULE.map((ms) => ms / 60_000)).toEqual([1, 5, 30, 120, 360]);
    expect(sim.deliveries()[0]).toMatchObject({ state: 'exhausted', nextAttemptAt: null });
    expect(receiver.received).toHaveLength(6);
    expect(new Set(receiver.received.map(({ body, signature }) => `${signature} ${body}`)).size).toBe(1);
    const gaps = receiver.received.slice(1).map(({ at }, n) => at - (receiver.received[n]?.at ?? 0));
    for (const [n, gap] of gaps.entries())
      expect(gap).toBeGreaterThanOrEqual(Math.floor((RETRY_SCHEDULE[n] ?? 0) / 36_000) - 2);
  });

  test('any 2xx ends the retries; a redirect is not followed and is no success', async () => {
    const { receiver, sim } = await pair((n, response) => {
      response.writeHead(n === 0 ? 302 : 204, n === 0 ? { location: receiver.url } : {}).end();
    });
    sim.register({ url: receiver.url });
    sim.business.order();
    await sim.settled();
    expect(sim.deliveries()[0]).toMatchObject({
      state: 'delivered',
      attempts: [
        { outcome: 'refused', status: 302 },
        { outcome: 'success', status: 204 },
      ],
    });
  });

  test('a receiver that does not answer in time, or breaks the connection, is tried again', async () => {
    const { receiver, sim } = await pair(
      (n, response) => {
        if (n === 1) response.destroy();
        if (n === 2) response.end();
      },
      { attemptTimeoutMs: 50 },
    );
    sim.register({ url: receiver.url });
    sim.business.order();
    await sim.settled();
    expect(sim.deliveries()[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['timeout', 'network', 'success']);
  });

  test('duplicates are sent twice and losses never, as their shares say', async () => {
    const { receiver, sim } = await pair(answering(200), { mischief: { duplicates: 1 } });
    sim.register({ url: receiver.url });
    sim.business.order();
    await sim.settled();
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[0]?.body).toBe(receiver.received[1]?.body);
    sim.mischief({ loss: 1 });
    sim.business.order();
    await sim.settled();
    expect(receiver.received).toHaveLength(2);
    expect(sim.deliveries().at(-1)).toMatchObject({ state: 'lost', attempts: [] });
  });

  test('mischief strikes only those that it is meant for', async () => {
    const { receiver, sim } = await pair(answering(200));
    sim.register({ url: receiver.url });
    const { number } = sim.business.order();
    await sim.settled();
    sim.mischief({ duplicates: 1, only: [number] });
    sim.business.confirm(number);
    sim.business.order();
    await sim.settled();
    expect(sim.deliveries().map(({ event, copy }) => `${event} ${String(copy)}`)).toEqual([
      'order.created 1',
      'order.confirmed 1',
      'order.confirmed 2',
      'order.created 1',
    ]);
  });

  test('bytes that it is given go out as they are, signed', async () => {
    const { receiver, sim } = await pair(answering(503, 200));
    sim.register({ url: receiver.url, secret: 'whsec_one' });
    const body = '{ "event":"order.created",\n"data" : {"é":1e2} }';
    sim.deliver('order.created', Buffer.from(body), 'C4H-1');
    await sim.settled();
    expect(receiver.received.map((one) => one.body)).toEqual([body, body]);
    const signature = createHmac('sha256', 'whsec_one').update(body).digest('hex');
    expect(receiver.received[1]?.signature).toBe(`sha256=${signature}`);
    expect(sim.deliveries()).toMatchObject([{ about: 'C4H-1', state: 'delivered' }]);
  });

  test('shuffled webhooks overtake each other, the same way for the same seed', async () => {
    const order = async (seed: number): Promise<string[]> => {
      const { receiver, sim } = await pair(answering(200), { seed, timeScale: 1, mischief: { shuffleMs: 400 } });
      sim.register({ url: receiver.url });
      for (let n = 0; n < 8; n += 1) sim.business.order();
      const due = sim.deliveries().map(({ webhookId, nextAttemptAt }) => ({ webhookId, at: nextAttemptAt ?? '' }));
      await sim.settled();
      expect(receiver.received).toHaveLength(8);
      return due.sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ webhookId }) => webhookId);
    };
    const first = await order(7);
    expect(first).not.toEqual([...first].sort());
    expect((await order(8)).join()).not.toBe(first.join());
  });

  test('after closing nothing is sent any more, and what waited is marked as stopped', async () => {
    const { receiver, sim } = await pair(answering(500), { timeScale: 1 });
    sim.register({ url: receiver.url });
    sim.business.order();
    const firstAttempt = async (): Promise<void> => {
      while (sim.deliveries()[0]?.nextAttemptAt === null) await new Promise((resolve) => setImmediate(resolve));
    };
    await firstAttempt();
    await sim.close();
    open.pop();
    expect(sim.deliveries()[0]).toMatchObject({ state: 'stopped', attempts: [{ status: 500 }] });
    sim.business.order();
    expect(receiver.received).toHaveLength(1);
  });

  test('three of the four documented samples have no meta, and so it can be had', async () => {
    const { receiver, sim } = await pair(answering(200), { meta: 'as_documented' });
    sim.register({ url: receiver.url });
    const { number } = sim.business.order();
    sim.business.ship(number);
    await sim.settled();
    const metas = receiver.received.map(({ body }) => JSON.parse(body) as { event: string; meta?: object });
    expect(metas.find(({ event }) => event === 'order.created')).toHaveProperty('meta');
    expect(metas.find(({ event }) => event === 'order.shipped')).not.toHaveProperty('meta');
  });

  test.each(['http://patients.example.com/hook', 'ftp://127.0.0.1/', 'nonsense'])(
    'it does not deliver to %s',
    async (url) => {
      const { sim } = await pair(answering(200));
      expect(() => sim.register({ url })).toThrow(/webhook_url/);
    },
  );

  test('unless it is told that plain HTTP will do', async () => {
    const { sim } = await pair(answering(200), { plainHttp: true });
    expect(sim.register({ url: 'http://192.0.2.1/hook' }).url).toBe('http://192.0.2.1/hook');
  });
});

describe('scripted journeys', () => {
  test('a smooth one emits the nine events of an order and its kit, in their order', async () => {
    const { receiver, sim } = await pair(answering(200), { timeScale: 3_600_000 });
    sim.register({ url: receiver.url });
    const { order, ended } = sim.play('smooth');
    await ended;
    await sim.settled();
    expect(events(sim)).toEqual([
      'order.created',
      'order.confirmed',
      'order.shipped',
      'kit.registered',
      'kit.received_lab',
      'kit.processing_started',
      'kit.processing_completed',
      'results.available',
      'results.reviewed',
    ]);
    expect(sim.world.kit(order.kits[0]?.barcode ?? '')).toMatchObject({
      status: 'completed',
      review: { reviewed: true },
    });
  });

  test('a rejected sample and a lost registration are told by the API only', async () => {
    const { receiver, sim } = await pair(answering(200), { timeScale: 3_600_000 });
    sim.register({ url: receiver.url });
    const rejected = sim.play('sample-rejected');
    const lost = sim.play('registration-lost');
    await Promise.all([rejected.ended, lost.ended]);
    await sim.settled();
    const about = (barcode: string) =>
      sim
        .deliveries()
        .filter((one) => one.about === barcode)
        .map(({ event }) => event);
    expect(about(rejected.order.kits[0]?.barcode ?? '')).toEqual(['kit.registered', 'kit.received_lab']);
    expect(about(lost.order.kits[0]?.barcode ?? '')).not.toContain('kit.registered');
    expect(sim.world.kit(lost.order.kits[0]?.barcode ?? '')?.patient).not.toBeNull();
  });
});
