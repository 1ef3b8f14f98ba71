import { describe, expect, test } from '@jest/globals';
import { start } from './asked.js';
import { answering, startReceiver } from './receiver.js';

const FIRST = '700000000001';
const SECOND = '700000000009';

describe('a sample that the lab can’t use', () => {
  test('is told with the lab’s own words, by the API alone', async () => {
    const { sim, ask } = await start();
    const { business } = sim;
    business.order({ barcodes: [FIRST] });
    business.receiveAtLab(FIRST);
    sim.register({ url: 'http://127.0.0.1:1/', secret: 's' });
    business.fail(FIRST, 'Quantity not sufficient');
    expect((await ask(`/v2/public/kits/${FIRST}`)).body).toMatchObject({
      data: {
        status: 'failed',
        timeline: expect.arrayContaining([
          expect.objectContaining({ event: 'kit_failed', description: 'Quantity not sufficient' }),
        ]),
      },
    });
    sim.serve('openapi');
    expect((await ask(`/v2/public/kits/${FIRST}`)).body).toMatchObject({
      kit_status: 'failed',
      sample_status: 'rejected',
      sample: { status: 'rejected', rejection_reason: 'Quantity not sufficient' },
    });
    expect(sim.deliveries()).toEqual([]);
  });

  test('is replaced in the same order: the second order.shipped names the new kit alone', async () => {
    const receiver = await startReceiver(answering(200));
    try {
      const { sim, ask } = await start();
      const { business } = sim;
      const { number } = business.order({ barcodes: [FIRST] });
      business.ship(number);
      business.fail(FIRST);
      sim.register({ url: receiver.url, secret: 's', events: ['order.shipped'] });
      business.replace(FIRST, SECOND);
      business.ship(number);
      await sim.settled();
      expect(receiver.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
        { data: { order_number: number, kits: [{ barcode: SECOND, tracking: { carrier: 'FedEx' } }] } },
      ]);
      expect((await ask(`/v2/public/orders/lookup/${number}`)).body).toMatchObject({
        data: {
          kits: [
            { barcode: FIRST, status: 'failed' },
            { barcode: SECOND, status: 'shipped' },
          ],
        },
      });
    } finally {
      await receiver.close();
    }
  });

  test('a replacement can’t have a barcode that another kit has', async () => {
    const { sim } = await start();
    sim.business.order({ barcodes: [FIRST] });
    expect(() => sim.business.replace(FIRST, FIRST)).toThrow('is taken');
  });
});
