import { describe, expect, test } from '@jest/globals';
import { start } from './asked.js';

const BARCODE = '700000000001';

async function shipped(shape: 'reference' | 'openapi') {
  const { sim, ask } = await start({ shape });
  const { business } = sim;
  const { number } = business.order({ barcodes: [BARCODE] });
  business.ship(number);
  const kit = async () => (await ask(`/v2/public/kits/${BARCODE}`)).body;
  const tracking = async () => (await ask(`/v2/public/kits/${BARCODE}/tracking`)).body;
  return { sim, business, kit, tracking };
}

const scan = (direction: string, status: string) => ({ direction, status, timestamp: expect.any(String) as unknown });

describe('the parcels of a kit', () => {
  test('in the OpenAPI’s shape the shipment to the customer is flat, and says how it stands', async () => {
    const { business, kit } = await shipped('openapi');
    expect(await kit()).toMatchObject({
      kit_status: 'shipped',
      sample_status: 'pending',
      shipment_to_customer: { carrier: 'FedEx', tracking_number: expect.any(String), status: 'in_transit' },
      sample: null,
    });
    business.deliver(BARCODE);
    expect(await kit()).toMatchObject({ kit_status: 'delivered', shipment_to_customer: { status: 'delivered' } });
  });

  test.each(['reference', 'openapi'] as const)('tracking has both ways, in the %s shape', async (shape) => {
    const { business, tracking } = await shipped(shape);
    business.deliver(BARCODE);
    business.register(BARCODE);
    business.postSample(BARCODE);
    const events = [scan('to_customer', 'in_transit'), scan('to_customer', 'delivered'), scan('to_lab', 'in_transit')];
    expect(await tracking()).toMatchObject(shape === 'reference' ? { data: { events } } : { events });
  });

  test('a posted sample is on its way in both words for it', async () => {
    const { business, kit } = await shipped('openapi');
    business.register(BARCODE);
    business.postSample(BARCODE);
    expect(await kit()).toMatchObject({
      kit_status: 'shipped_to_lab',
      sample_status: 'in_transit',
      sample: { status: 'in_transit' },
    });
  });

  test('a parcel that comes back is told by the carrier only: the kit stays shipped, and no webhook is sent', async () => {
    const { sim, business, kit } = await shipped('openapi');
    sim.register({ url: 'http://127.0.0.1:1/', secret: 's' });
    business.scan(BARCODE, 'return_to_sender');
    expect(await kit()).toMatchObject({
      kit_status: 'shipped',
      shipment_to_customer: { status: 'return_to_sender' },
    });
    expect(sim.deliveries()).toEqual([]);
  });

  test('what a carrier says of a posted sample is about the way back', async () => {
    const { business, kit, tracking } = await shipped('openapi');
    business.register(BARCODE);
    business.postSample(BARCODE);
    business.scan(BARCODE, 'lost');
    expect(await kit()).toMatchObject({ shipment_to_customer: { status: 'in_transit' }, sample: { status: 'lost' } });
    expect(await tracking()).toMatchObject({ events: expect.arrayContaining([scan('to_lab', 'lost')]) });
  });
});
