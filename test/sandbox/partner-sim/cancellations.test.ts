import { afterEach, describe, expect, test } from '@jest/globals';
import { start } from './asked.js';
import { answering, startReceiver } from './receiver.js';

const BOTH = ['700000000001', '700000000003'] as const;
const [FIRST, SECOND] = BOTH;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function ordered() {
  const receiver = await startReceiver(answering(200));
  open.push(receiver);
  const { sim, ask } = await start();
  const { number } = sim.business.order({ barcodes: BOTH });
  sim.register({ url: receiver.url, secret: 's' });
  const told = async () => {
    await sim.settled();
    return receiver.received.map(({ body }) => JSON.parse(body) as unknown);
  };
  const statuses = () => BOTH.map((barcode) => sim.world.kit(barcode)?.status);
  return { business: sim.business, sim, ask, number, told, statuses };
}

describe('cancellations', () => {
  test('one of two kits: order.cancelled names it, and the order goes on with the other', async () => {
    const { business, number, told, statuses } = await ordered();
    business.cancelKits(number, [SECOND]);
    expect(await told()).toMatchObject([
      { event: 'order.cancelled', data: { order_number: number, kits: [{ barcode: SECOND, status: 'cancelled' }] } },
    ]);
    expect(statuses()).toEqual(['created', 'cancelled']);
    expect(() => {
      business.confirm(number);
    }).not.toThrow();
  });

  test('only the API may tell of it', async () => {
    const { business, number, told, ask } = await ordered();
    business.cancelKits(number, [FIRST], { silent: true });
    expect(await told()).toEqual([]);
    expect((await ask(`/v2/public/kits/${FIRST}`)).body).toMatchObject({ data: { status: 'cancelled' } });
  });

  test('with its last kit the order is cancelled as well', async () => {
    const { business, number } = await ordered();
    for (const barcode of BOTH) business.cancelKits(number, [barcode]);
    expect(() => {
      business.ship(number);
    }).toThrow('cancelled');
  });

  test('a kit of another order can’t be named, and then nothing is cancelled', async () => {
    const { business, number, statuses, told } = await ordered();
    const other = business.order({}, { silent: true });
    expect(() => {
      business.cancelKits(number, [other.kits[0]?.barcode ?? '', FIRST]);
    }).toThrow('no such kit');
    expect(statuses()).toEqual(['created', 'created']);
    expect(await told()).toEqual([]);
  });

  test('a warehouse that did not hear of it ships all the same, and only when asked to', async () => {
    const { business, number, told } = await ordered();
    business.cancel(number);
    expect(() => {
      business.ship(number);
    }).toThrow('cancelled');
    business.ship(number, { anyway: true });
    const events = (await told()).map((body) => (body as { event: string }).event);
    expect(events.toSorted()).toEqual(['order.cancelled', 'order.shipped']);
  });
});
